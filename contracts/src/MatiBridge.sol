// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    MessagingFee,
    MessagingReceipt,
    OFTFeeDetail,
    OFTLimit,
    OFTReceipt,
    SendParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {OFTComposeMsgCodec} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/libs/OFTComposeMsgCodec.sol";
import {OFTMsgCodec} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/libs/OFTMsgCodec.sol";
import {OFT} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/OFT.sol";
import {OFTCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/OFTCore.sol";
import {Origin} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {BridgeLimits} from "./BridgeLimits.sol";
import {IMatiToken} from "./interfaces/IMatiToken.sol";

/// @title How Mati crosses chains: LayerZero's OFT, with every pathway counted and limited, and gateways guarded.
/// @dev The bridging half of `MatiToken`, apart from it also because one constructor's stack has no room for both.
/// What arrives for the zero address is minted to 0x…dEaD, and for the token itself to the token, as any OFT does:
/// both are the sender's loss.
abstract contract MatiBridge is BridgeLimits, OFT {
    using OFTMsgCodec for bytes;
    using OFTMsgCodec for bytes32;

    /// @dev Where an OFT message has its composeFrom (OFTMsgCodec): after recipient and amount, if anything is composed.
    uint256 internal constant COMPOSE_FROM_OFFSET = 40;
    uint256 internal constant COMPOSE_FROM_END = 72;
    /// @dev What a waiting message has before its OFT message: LayerZero's nonce and since when it waits, 8 bytes each.
    uint256 internal constant SINCE_OFFSET = 8;
    uint256 internal constant WAITING_OFFSET = 16;

    uint32 internal immutable EID;

    /// @inheritdoc IMatiToken
    mapping(uint32 eid => uint256) public sent;
    /// @inheritdoc IMatiToken
    mapping(uint32 eid => uint256) public received;
    /// @inheritdoc IMatiToken
    mapping(uint32 eid => bytes32) public gateway;
    /// @inheritdoc IMatiToken
    mapping(bytes32 guid => bytes32) public waiting;

    constructor(address endpoint_, address owner) OFT("Mati", "MATI", endpoint_, owner) Ownable(owner) {
        EID = endpoint.eid();
    }

    /// @inheritdoc IMatiToken
    function setGateway(uint32 eid, bytes32 newGateway) external onlyOwner {
        gateway[eid] = newGateway;
        emit GatewaySet(eid, newGateway);
    }

    /// @inheritdoc OFTCore
    /// @dev OFTCore's own, line by line, but for the allowance used: no hook of it may write and knows the recipient.
    function send(SendParam calldata param, MessagingFee calldata fee, address refundTo)
        external
        payable
        override
        returns (MessagingReceipt memory msgReceipt, OFTReceipt memory oftReceipt)
    {
        (oftReceipt.amountSentLD, oftReceipt.amountReceivedLD) =
            _debit(msg.sender, param.amountLD, param.minAmountLD, param.dstEid);
        (bytes memory message, bytes memory options) = _buildMsgAndOptions(param, oftReceipt.amountReceivedLD);
        _useOutbound(param.dstEid, _isFromGateway(param), oftReceipt.amountSentLD);

        msgReceipt = _lzSend(param.dstEid, message, options, fee, refundTo);
        emit OFTSent(msgReceipt.guid, param.dstEid, msg.sender, oftReceipt.amountSentLD, oftReceipt.amountReceivedLD);
    }

    /// @inheritdoc IMatiToken
    function release(bytes32 guid, uint32 srcEid, bytes calldata message) external {
        bytes32 expected = waiting[guid];
        require(expected != 0, Token_NotWaiting(guid));
        bytes32 messageHash = keccak256(abi.encodePacked(srcEid, message));
        require(messageHash == expected, Token_WrongMessage(messageHash, expected));
        bytes calldata oftMessage = message[WAITING_OFFSET:];
        uint256 amount = _toLD(oftMessage.amountSD());
        uint64 since = uint64(bytes8(message[SINCE_OFFSET:WAITING_OFFSET]));

        _useInbound(srcEid, _isToGateway(srcEid, oftMessage), amount, since);
        delete waiting[guid];

        address to = _arrive(guid, srcEid, uint64(bytes8(message[:SINCE_OFFSET])), oftMessage, amount);
        emit MessageReleased(guid, srcEid, to, amount);
    }

    /// @inheritdoc OFTCore
    function quoteOFT(SendParam calldata param)
        external
        view
        override
        returns (OFTLimit memory limit, OFTFeeDetail[] memory noFees, OFTReceipt memory receipt)
    {
        limit.maxAmountLD = _availableOutbound(param.dstEid, _isFromGateway(param));
        (receipt.amountSentLD, receipt.amountReceivedLD) = _debitView(param.amountLD, param.minAmountLD, param.dstEid);
        noFees = new OFTFeeDetail[](0);
    }

    /// @dev Counts what leaves (invariant 11). A send to a chain without a peer reverts later on, with OFT's `NoPeer`.
    function _debit(address from, uint256 amount, uint256 minAmount, uint32 dstEid)
        internal
        override
        returns (uint256 amountSent, uint256 amountReceived)
    {
        (amountSent, amountReceived) = super._debit(from, amount, minAmount, dstEid);
        require(amountSent != 0, Token_NothingToSend(amount));
        sent[dstEid] += amountSent;
    }

    /// @dev Counts what arrives (invariant 11).
    function _credit(address to, uint256 amount, uint32 srcEid) internal override returns (uint256 amountReceived) {
        amountReceived = super._credit(to, amount, srcEid);
        received[srcEid] += amountReceived;
    }

    /// @dev What may not arrive yet waits as a whole: nothing is minted, counted or composed.
    function _lzReceive(Origin calldata origin, bytes32 guid, bytes calldata message, address, bytes calldata)
        internal
        override
    {
        uint256 amount = _toLD(message.amountSD());
        if (_tryInbound(origin.srcEid, _isToGateway(origin.srcEid, message), amount)) {
            _arrive(guid, origin.srcEid, origin.nonce, message, amount);
        } else {
            bytes memory kept = abi.encodePacked(origin.nonce, uint64(block.timestamp), message);
            waiting[guid] = keccak256(abi.encodePacked(origin.srcEid, kept));
            emit MessageWaiting(guid, origin.srcEid, message.sendTo().bytes32ToAddress(), amount, kept);
        }
    }

    /// @dev OFTCore's own `_lzReceive`, which cannot be repeated later: it wants an `Origin` in calldata.
    function _arrive(bytes32 guid, uint32 srcEid, uint64 nonce, bytes calldata message, uint256 amount)
        internal
        returns (address to)
    {
        to = message.sendTo().bytes32ToAddress();
        _credit(to, amount, srcEid);
        if (message.isComposed()) {
            endpoint.sendCompose(to, guid, 0, OFTComposeMsgCodec.encode(nonce, srcEid, amount, message.composeMsg()));
        }
        emit OFTReceived(guid, srcEid, to, amount);
    }

    /// @dev The one place that both `send` and `quoteSend` pass with the recipient at hand. The recipient is compared
    /// as the other side reads it: by its low 20 bytes.
    function _buildMsgAndOptions(SendParam calldata param, uint256 amount)
        internal
        view
        override
        returns (bytes memory message, bytes memory options)
    {
        bool isComposed = param.composeMsg.length != 0;
        require(
            isComposed || !_isGateway(param.to, param.dstEid),
            Token_ComposeRequired(param.dstEid, gateway[param.dstEid])
        );
        _requireOutbound(param.dstEid, _isFromGateway(param), amount);
        return super._buildMsgAndOptions(param, amount);
    }

    /// @dev Whether the sender is this chain's gateway and the recipient that of the other. What our gateway gives back
    /// to anybody else is no gateway's traffic, or strangers could use up its allowance by what they send to it.
    function _isFromGateway(SendParam calldata param) internal view returns (bool) {
        return gateway[EID] == OFTMsgCodec.addressToBytes32(msg.sender) && _isGateway(param.to, param.dstEid);
    }

    /// @dev Whether the recipient is this chain's gateway and the sender that of the other. Only what is composed tells
    /// its sender.
    function _isToGateway(uint32 srcEid, bytes calldata message) internal view returns (bool) {
        if (message.length < COMPOSE_FROM_END || !_isGateway(message.sendTo(), EID)) return false;
        bytes32 there = gateway[srcEid];
        return there != 0 && there == bytes32(message[COMPOSE_FROM_OFFSET:COMPOSE_FROM_END]);
    }

    /// @dev Recipients are read by their low 20 bytes.
    function _isGateway(bytes32 recipient, uint32 eid) internal view returns (bool) {
        bytes32 gateway_ = gateway[eid];
        return gateway_ != 0 && recipient.bytes32ToAddress() == gateway_.bytes32ToAddress();
    }
}
