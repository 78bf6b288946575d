// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExecutorOptions} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/libs/ExecutorOptions.sol";
import {
    ILayerZeroEndpointV2,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {PacketV1Codec} from "@layerzerolabs/lz-evm-protocol-v2/contracts/messagelib/libs/PacketV1Codec.sol";

import {Test} from "./Test.sol";
import {Vm} from "./Vm.sol";

/// @notice LayerZero's own minimal message library, which lets anyone verify any packet.
interface ISimpleMessageLib {
    function validatePacket(bytes calldata packet) external;
    function setMessagingFee(uint256 nativeFee, uint256 lzTokenFee) external;
    function nativeFee() external view returns (uint256);
}

/// @notice What left an endpoint, as LayerZero's workers see it in `PacketSent`.
struct SentPacket {
    bytes packet;
    bytes options;
}

/// @notice What waits to be composed, as LayerZero's executor sees it in `ComposeSent`.
struct SentCompose {
    ILayerZeroEndpointV2 endpoint;
    address from;
    address to;
    bytes32 guid;
    bytes message;
}

/// @notice Stands in for LayerZero's workers: verifies and executes packets when, how often and with the gas it is told.
contract Relay {
    using PacketV1Codec for bytes;

    mapping(uint32 eid => ILayerZeroEndpointV2) public endpointOf;
    mapping(uint32 eid => ISimpleMessageLib) public libraryOf;

    function connect(ILayerZeroEndpointV2 endpoint, ISimpleMessageLib lib) external {
        endpointOf[endpoint.eid()] = endpoint;
        libraryOf[endpoint.eid()] = lib;
    }

    function verify(bytes calldata packet) external {
        libraryOf[packet.dstEid()].validatePacket(packet);
    }

    /// @dev Returns the gas that the endpoint's call took.
    function deliver(bytes calldata packet, uint256 gasLimit) external returns (uint256 gasUsed) {
        ILayerZeroEndpointV2 endpoint = endpointOf[packet.dstEid()];
        Origin memory origin = Origin(packet.srcEid(), packet.sender(), packet.nonce());
        gasUsed = gasleft();
        endpoint.lzReceive{gas: gasLimit}(origin, packet.receiverB20(), packet.guid(), packet.message(), "");
        gasUsed -= gasleft();
    }

    function compose(SentCompose calldata sent, uint256 gasLimit) external payable returns (uint256 gasUsed) {
        gasUsed = gasleft();
        sent.endpoint.lzCompose{gas: gasLimit, value: msg.value}(sent.from, sent.to, sent.guid, 0, sent.message, "");
        gasUsed -= gasleft();
    }

    function guidOf(bytes calldata packet) external pure returns (bytes32) {
        return packet.guid();
    }

    function messageOf(bytes calldata packet) external pure returns (bytes memory) {
        return packet.message();
    }

    function payloadHashOf(bytes calldata packet) external pure returns (bytes32) {
        return packet.payloadHash();
    }

    /// @dev What LayerZero's own library reads in the options: the gas asked for delivery and for compose.
    function gasIn(bytes calldata options) external pure returns (uint128 receiveGas, uint128 composeGas) {
        uint256 cursor = 2;
        while (cursor < options.length) {
            (uint8 kind, bytes calldata option, uint256 next) = ExecutorOptions.nextExecutorOption(options, cursor);
            if (kind == ExecutorOptions.OPTION_TYPE_LZRECEIVE) {
                (receiveGas,) = ExecutorOptions.decodeLzReceiveOption(option);
            } else {
                (, composeGas,) = ExecutorOptions.decodeLzComposeOption(option);
            }
            cursor = next;
        }
    }
}

/// @notice Two chains' genuine endpoints in one EVM, and everything that passes between them on record.
abstract contract LayerZeroTest is Test {
    bytes32 private constant PACKET_SENT = keccak256("PacketSent(bytes,bytes,address)");
    bytes32 private constant COMPOSE_SENT = keccak256("ComposeSent(address,address,bytes32,uint16,bytes)");
    string private constant PROTOCOL = "@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts/";

    Relay internal relay = new Relay();
    SentPacket[] internal packets;
    SentCompose[] internal composes;

    function deployEndpoint(uint32 eid, uint32 otherEid) internal returns (ILayerZeroEndpointV2 endpoint) {
        endpoint = ILayerZeroEndpointV2(
            deployArtifact(string.concat(PROTOCOL, "EndpointV2.sol/EndpointV2.json"), abi.encode(eid, address(this)))
        );
        address lib = deployArtifact(
            string.concat(PROTOCOL, "messagelib/SimpleMessageLib.sol/SimpleMessageLib.json"),
            abi.encode(endpoint, address(this))
        );
        endpoint.registerLibrary(lib);
        endpoint.setDefaultSendLibrary(otherEid, lib);
        endpoint.setDefaultReceiveLibrary(otherEid, lib, 0);
        relay.connect(endpoint, ISimpleMessageLib(lib));
        vm.recordLogs();
    }

    /// @dev Appends what the endpoints announced since the last call to `packets` and `composes`.
    function collect() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == PACKET_SENT) {
                (bytes memory packet, bytes memory options,) = abi.decode(logs[i].data, (bytes, bytes, address));
                packets.push(SentPacket(packet, options));
            } else if (logs[i].topics[0] == COMPOSE_SENT) {
                (address from, address to, bytes32 guid,, bytes memory message) =
                    abi.decode(logs[i].data, (address, address, bytes32, uint16, bytes));
                composes.push(SentCompose(ILayerZeroEndpointV2(logs[i].emitter), from, to, guid, message));
            }
        }
    }

    /// @dev Verifies and delivers the packet that was sent last; returns its guid.
    function deliverLast() internal returns (bytes32 guid) {
        collect();
        bytes memory packet = packets[packets.length - 1].packet;
        relay.verify(packet);
        relay.deliver(packet, gasleft());
        collect();
        return relay.guidOf(packet);
    }

    /// @dev Composes what was delivered last.
    function composeLast() internal {
        relay.compose(composes[composes.length - 1], gasleft());
    }
}
