// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessagingFee, SendParam} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";

import {IMatiToken} from "../../../contracts/src/interfaces/IMatiToken.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {PathwayLimits, RateLimit} from "../../../contracts/src/types/RateLimit.sol";
import {BridgeEnd, BridgeTest} from "./Bridge.sol";

/// @notice A bridge whose ends let little pass: 1,000 MATI in 1,000 seconds in plain sends, 100 in 100 for gateways.
abstract contract LimitedBridgeTest is BridgeTest {
    uint256 internal constant START = 1_800_000_000;
    RateLimit internal PLAIN = RateLimit(1_000e18, 1_000);
    RateLimit internal GATEWAY = RateLimit(100e18, 100);
    RateLimit internal PLENTY = RateLimit(uint112(GENESIS * 10), 1 days);

    address internal alice = makeAddress("alice");
    address internal stranger = makeAddress("stranger");

    function setUp() public virtual override {
        vm.warp(START);
        super.setUp();
        a.token.approve(address(a.gateway), type(uint256).max);
        b.token.approve(address(b.gateway), type(uint256).max);
    }

    /// @dev What A lets out is limited; B takes all.
    function limitOutbound() internal {
        setLimits(a, EID_B, PathwayLimits(PLAIN, PLENTY, GATEWAY, PLENTY));
    }

    /// @dev A lets out all; what B takes is limited.
    function limitInbound() internal {
        setLimits(b, EID_A, PathwayLimits(PLENTY, PLAIN, PLENTY, GATEWAY));
    }

    function sendTo(address to, uint256 amount) internal {
        sendToken(a.token, sendParam(EID_B, padded(to), amount, ""));
    }

    /// @dev As a stranger, who is not the gateway, may send to it.
    function sendFromStranger(uint256 amount, bytes memory payload) internal {
        a.token.transfer(stranger, amount);
        vm.deal(stranger, 100);
        vm.prank(stranger);
        a.token.send{value: 100}(
            sendParam(EID_B, padded(address(b.gateway)), amount, payload), MessagingFee(100, 0), stranger
        );
    }

    function payouts(uint256 amount) internal pure returns (LedgerEntry[] memory entries) {
        entries = somePayouts(1);
        entries[0].amount = uint112(amount);
    }

    function sendPayouts(uint256 amount) internal {
        a.gateway.send{value: 100}(EID_B, payouts(amount), address(this));
    }

    function pauseInbound(BridgeEnd storage end, uint32 eid, uint256 until) internal {
        end.access.execute(address(end.token), abi.encodeCall(IMatiToken.pauseInbound, (eid, uint48(until))));
    }

    function pauseOutbound(BridgeEnd storage end, uint32 eid, bool isPaused) internal {
        end.access.execute(address(end.token), abi.encodeCall(IMatiToken.setOutboundPaused, (eid, isPaused)));
    }

    function overLimit(uint32 eid, uint256 amount, uint256 available) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMatiToken.Token_OverLimit.selector, eid, amount, available);
    }

    // External, so that `expectRevert` sees the whole call and not its first inner one.

    function callSend(SendParam calldata param) external {
        sendToken(a.token, param);
    }

    function callSendPayouts(uint256 amount) external {
        sendPayouts(amount);
    }
}
