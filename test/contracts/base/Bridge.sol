// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOFT, MessagingFee, SendParam} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {IOAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppCore.sol";
import {ILayerZeroEndpointV2} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IMatiToken} from "../../../contracts/src/interfaces/IMatiToken.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {SignatureVerifier} from "../../../contracts/src/SignatureVerifier.sol";
import {MatiGateway} from "../../../contracts/src/MatiGateway.sol";
import {MatiToken} from "../../../contracts/src/MatiToken.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {PayoutAccounts} from "../../../contracts/src/PayoutAccounts.sol";
import {RateOracle} from "../../../contracts/src/RateOracle.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {PathwayLimits, RateLimit} from "../../../contracts/src/types/RateLimit.sol";
import {LayerZeroTest} from "./LayerZero.sol";

/// @notice Mati's part of one chain that messages come from and arrive at.
struct BridgeEnd {
    uint32 eid;
    ILayerZeroEndpointV2 endpoint;
    AccessManager access;
    MatiToken token;
    IMerchantRegistry registry;
    RateOracle oracle;
    IMatiEscrow escrow;
    MatiGateway gateway;
}

/// @notice Mati on two chains, wired to each other; the test contract administers both and holds all of genesis on A.
abstract contract BridgeTest is LayerZeroTest {
    uint32 internal constant EID_A = 40901;
    uint32 internal constant EID_B = 40902;
    uint256 internal constant GENESIS = 100_000_000e18;
    /// @dev One shared unit: amounts are cut to its multiples.
    uint256 internal constant UNIT = 1e12;
    /// @dev Type 3 without any option.
    bytes internal constant NO_OPTIONS = hex"0003";

    BridgeEnd internal a;
    BridgeEnd internal b;
    /// @dev At the same place on both chains, as on any.
    PayoutAccounts internal payoutAccounts = new PayoutAccounts();

    function setUp() public virtual {
        deployEnd(a, EID_A, EID_B, GENESIS);
        deployEnd(b, EID_B, EID_A, 0);
        wire(a, b);
        wire(b, a);
    }

    /// @dev What the test contract is paid back for messages.
    receive() external payable {}

    function deployEnd(BridgeEnd storage end, uint32 eid, uint32 otherEid, uint256 genesis) private {
        end.eid = eid;
        end.endpoint = deployEndpoint(eid, otherEid);
        end.access = new AccessManager(address(this));
        end.token = new MatiToken(address(end.endpoint), address(end.access), address(this), genesis);
        end.registry = deployRegistry(eid, payoutAccounts);
        end.oracle = new RateOracle(address(end.access));
        end.escrow =
            deployEscrow(address(end.access), end.registry, end.oracle, new SignatureVerifier(address(end.access)));
        end.gateway = new MatiGateway(end.token, end.escrow, address(end.access));
    }

    function wire(BridgeEnd storage from, BridgeEnd storage to) private {
        setTokenPeer(from, to.eid, padded(address(to.token)));
        from.access
            .execute(address(from.token), abi.encodeCall(IMatiToken.setGateway, (to.eid, padded(address(to.gateway)))));
        from.access
            .execute(
                address(from.token), abi.encodeCall(IMatiToken.setGateway, (from.eid, padded(address(from.gateway))))
            );
        from.gateway.setPeer(to.eid, padded(address(to.gateway)));
        // More than there is: tests that are about limits set their own.
        setLimits(from, to.eid, evenLimits(RateLimit(uint112(GENESIS * 10), 1 days)));
    }

    function setLimits(BridgeEnd storage end, uint32 eid, PathwayLimits memory limits) internal {
        end.access.execute(address(end.token), abi.encodeCall(IMatiToken.setLimits, (eid, limits)));
    }

    function evenLimits(RateLimit memory limit) internal pure returns (PathwayLimits memory) {
        return PathwayLimits(limit, limit, limit, limit);
    }

    function setTokenPeer(BridgeEnd storage end, uint32 eid, bytes32 peer) internal {
        end.access.execute(address(end.token), abi.encodeCall(IOAppCore.setPeer, (eid, peer)));
    }

    function padded(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function sendParam(uint32 eid, bytes32 to, uint256 amount, bytes memory composeMsg)
        internal
        pure
        returns (SendParam memory)
    {
        return SendParam(eid, to, amount, 0, NO_OPTIONS, composeMsg, "");
    }

    /// @dev Sends the token itself, as its holder would, from the current (pranked or own) caller.
    function sendToken(IOFT token, SendParam memory param) internal {
        uint256 fee = 100;
        token.send{value: fee}(param, MessagingFee(fee, 0), address(this));
    }

    /// @dev The message that `release` takes, spelled out independently of the token: nonce, since when, OFT message.
    function waitingMessage(uint64 nonce, uint256 since, bytes memory arrived) internal pure returns (bytes memory) {
        return abi.encodePacked(nonce, uint64(since), arrived);
    }

    function oftMessage(address to, uint256 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(padded(to), uint64(amount / UNIT));
    }

    function oftMessage(address to, uint256 amount, address composeFrom, bytes memory payload)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(padded(to), uint64(amount / UNIT), padded(composeFrom), payload);
    }

    /// @dev `count` payouts of distinct amounts to accounts nobody has used before.
    function somePayouts(uint256 count) internal pure returns (LedgerEntry[] memory payouts) {
        payouts = new LedgerEntry[](count);
        for (uint256 i = 0; i < count; ++i) {
            payouts[i] = LedgerEntry(address(uint160(0xA11CE0000 + i)), uint112((i + 1) * 1e18));
        }
    }

    function sumOf(LedgerEntry[] memory payouts) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < payouts.length; ++i) {
            sum += payouts[i].amount;
        }
    }

    /// @dev The payload as MatiGateway writes it, spelled out independently of its codec.
    function payloadOf(LedgerEntry[] memory payouts) internal pure returns (bytes memory payload) {
        payload = hex"01";
        for (uint256 i = 0; i < payouts.length; ++i) {
            payload = abi.encodePacked(payload, payouts[i].account, uint64(payouts[i].amount / UNIT));
        }
    }
}
