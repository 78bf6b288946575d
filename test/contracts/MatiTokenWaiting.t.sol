// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IOFT} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";

import {IMatiToken} from "../../contracts/src/interfaces/IMatiToken.sol";
import {PathwayLimits, RateLimit} from "../../contracts/src/types/RateLimit.sol";
import {LimitedBridgeTest} from "./base/LimitedBridge.sol";

/// @notice What arrives above the limit or while arrivals are paused, and how it is released.
contract MatiTokenWaitingTest is LimitedBridgeTest {
    function setUp() public override {
        super.setUp();
        limitInbound();
    }

    // ------------------------------------------------------------------------------------------------ waits

    function test_WhatIsAboveTheLimitWaitsWhole() public {
        arrive(600e18);
        sendTo(alice, 500e18);
        collect();
        relay.verify(packets[1].packet);
        bytes32 guid = relay.guidOf(packets[1].packet);
        bytes memory message = waitingMessage(2, START, oftMessage(alice, 500e18));
        vm.expectEmit(address(b.token));
        emit IMatiToken.MessageWaiting(guid, EID_A, alice, 500e18, message);
        relay.deliver(packets[1].packet, gasleft());

        assertEq(b.token.balanceOf(alice), 600e18, "nothing minted");
        assertEq(b.token.received(EID_A), 600e18, "nothing counted");
        assertEq(a.token.sent(EID_B) - b.token.received(EID_A), 500e18, "in flight");
        assertEq(b.token.waiting(guid), keccak256(abi.encodePacked(EID_A, message)), "waiting");
        assertInbound(400e18, 100e18);
    }

    function test_ReleaseByAStrangerOnceItIsAvailable() public {
        arrive(600e18);
        bytes32 guid = arrive(500e18);
        bytes memory message = waitingMessage(2, START, oftMessage(alice, 500e18));
        vm.warp(START + 99);
        vm.expectRevert(overLimit(EID_A, 500e18, 499e18));
        b.token.release(guid, EID_A, message);

        vm.warp(START + 100);
        vm.expectEmit(address(b.token));
        emit IOFT.OFTReceived(guid, EID_A, alice, 500e18);
        vm.expectEmit(address(b.token));
        emit IMatiToken.MessageReleased(guid, EID_A, alice, 500e18);
        vm.prank(stranger);
        b.token.release(guid, EID_A, message);

        assertEq(b.token.balanceOf(alice), 1_100e18, "minted");
        assertEq(b.token.received(EID_A), 1_100e18, "counted");
        assertEq(b.token.waiting(guid), 0, "waits no more");
        assertInbound(0, 100e18);
        assertEq(a.token.totalSupply() + b.token.totalSupply(), GENESIS, "genesis");

        vm.warp(START + 2_000);
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_NotWaiting.selector, guid));
        b.token.release(guid, EID_A, message);
    }

    function test_InAnyOrder() public {
        arrive(1_000e18);
        bytes32 first = arrive(300e18);
        bytes32 second = arrive(200e18);
        vm.warp(START + 250);
        b.token.release(second, EID_A, waitingMessage(3, START, oftMessage(alice, 200e18)));
        vm.warp(START + 500);
        b.token.release(first, EID_A, waitingMessage(2, START, oftMessage(alice, 300e18)));
        assertEq(b.token.balanceOf(alice), 1_500e18, "both");
    }

    function test_RevertWhen_ReleasedWithAnotherMessage() public {
        arrive(1_000e18);
        bytes32 guid = arrive(300e18);
        bytes32 expected = b.token.waiting(guid);
        vm.warp(START + 1_000);
        bytes[4] memory others = [
            waitingMessage(2, START, oftMessage(stranger, 300e18)),
            waitingMessage(2, START, oftMessage(alice, 301e18)),
            waitingMessage(3, START, oftMessage(alice, 300e18)),
            waitingMessage(2, START - 1, oftMessage(alice, 300e18))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes32 hash = keccak256(abi.encodePacked(EID_A, others[i]));
            vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_WrongMessage.selector, hash, expected));
            b.token.release(guid, EID_A, others[i]);
        }
        bytes memory message = waitingMessage(2, START, oftMessage(alice, 300e18));
        bytes32 wrongEid = keccak256(abi.encodePacked(EID_B, message));
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_WrongMessage.selector, wrongEid, expected));
        b.token.release(guid, EID_B, message);
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_NotWaiting.selector, bytes32(0)));
        b.token.release(0, EID_A, message);
    }

    function test_AComposeIsHandedOnAtItsRelease() public {
        sendPayouts(100e18);
        deliverLast();
        composeLast();
        sendPayouts(40e18);
        bytes32 guid = deliverLast();
        assertEq(composes.length, 1, "no compose yet");
        assertEq(b.token.balanceOf(address(b.gateway)), 0, "nothing minted");
        bytes memory oft = oftMessage(address(b.gateway), 40e18, address(a.gateway), payloadOf(payouts(40e18)));

        vm.warp(START + 40);
        b.token.release(guid, EID_A, waitingMessage(2, START, oft));
        collect();
        assertEq(composes[1].guid, guid, "original guid");
        composeLast();
        assertEq(b.escrow.balanceOf(payouts(1)[0].account, address(b.token)), 140e18, "credited");
    }

    function test_GatewaysArriveBesideAFullPathway() public {
        arrive(1_000e18);
        sendPayouts(100e18);
        deliverLast();
        composeLast();
        assertEq(b.token.balanceOf(address(b.escrow)), 100e18, "credited");
        assertInbound(0, 0);
    }

    function test_AStrangerToTheGatewayWaitsAsPlain() public {
        arrive(1_000e18);
        sendFromStranger(50e18, payloadOf(payouts(50e18)));
        bytes32 guid = deliverLast();
        assertTrue(b.token.waiting(guid) != 0, "waits");
        assertInbound(0, 100e18);
    }

    function test_AClosedPathwayLetsAllWait() public {
        PathwayLimits memory closed;
        setLimits(b, EID_A, closed);
        bytes32 guid = arrive(1e18);
        bytes memory message = waitingMessage(1, START, oftMessage(alice, 1e18));
        vm.warp(START + 365 days);
        vm.expectRevert(overLimit(EID_A, 1e18, 0));
        b.token.release(guid, EID_A, message);
        limitInbound();
        b.token.release(guid, EID_A, message);
        assertEq(b.token.balanceOf(alice), 1e18, "arrived");
    }

    // -------------------------------------------------------------------------------------------- oversized

    /// @dev 3,000 against a capacity of 1,000 in 1,000 s: never at once, and not before 3,000 s.
    function test_AMessageAboveTheCapacityWaitsForItsShare() public {
        bytes32 guid = arrive(3_000e18);
        bytes memory message = waitingMessage(1, START, oftMessage(alice, 3_000e18));
        vm.warp(START + 2_999);
        vm.expectRevert(overLimit(EID_A, 3_000e18, 1_000e18));
        b.token.release(guid, EID_A, message);

        vm.warp(START + 3_000);
        uint256 snapshot = vm.snapshotState();
        arrive(10e18);
        vm.expectRevert(overLimit(EID_A, 3_000e18, 990e18));
        b.token.release(guid, EID_A, message);
        vm.revertToState(snapshot);

        b.token.release(guid, EID_A, message);
        assertEq(b.token.balanceOf(alice), 3_000e18, "whole");
        vm.warp(START + 5_000);
        assertInbound(0, 100e18);
        vm.warp(START + 5_001);
        assertInbound(1e18, 100e18);
    }

    function test_ALimitLoweredWhileItWaitsIsTheOneThatCounts() public {
        arrive(1_000e18);
        bytes32 guid = arrive(500e18);
        bytes memory message = waitingMessage(2, START, oftMessage(alice, 500e18));
        setLimits(b, EID_A, evenLimits(RateLimit(100e18, 1_000)));
        // In debt by 900, at 0.1 a second; the share of 500 would have flowed in in 5,000 s.
        vm.warp(START + 9_999);
        vm.expectRevert(overLimit(EID_A, 500e18, 99.9e18));
        b.token.release(guid, EID_A, message);
        vm.warp(START + 10_001);
        b.token.release(guid, EID_A, message);
        assertEq(b.token.balanceOf(alice), 1_500e18, "arrived");
    }

    /// @dev The bound that is published: whatever false messages arrive, and whenever each is released.
    function testFuzz_ForgedMessagesMintNoMoreThanTheBound(uint256[10] calldata raw) public {
        bytes32[] memory guids = new bytes32[](10);
        bytes[] memory messages = new bytes[](10);
        uint256 elapsed;
        for (uint256 i = 0; i < raw.length; ++i) {
            elapsed += (raw[i] >> 200) % 2_000;
            vm.warp(START + elapsed);
            uint256 amount = bound(uint64(raw[i]), 1, raw[i] % 2 == 0 ? 800e6 : 5_000e6) * UNIT;
            messages[i] = waitingMessage(uint64(i + 1), START + elapsed, oftMessage(alice, amount));
            guids[i] = arrive(amount);
            for (uint256 j = i + 1; j > 0; --j) {
                _tryRelease(guids[j - 1], messages[j - 1]);
            }
            uint256 flowed = elapsed * 1e18;
            uint256 bound_ = flowed + (flowed > 1_000e18 ? flowed : 1_000e18);
            assertLe(b.token.totalSupply(), bound_, "bound");
        }
    }

    /// @dev Refused, if at all, since it does not wait (any more) or may not arrive yet.
    function _tryRelease(bytes32 guid, bytes memory message) internal {
        try b.token.release(guid, EID_A, message) {}
        catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            assertTrue(
                selector == IMatiToken.Token_NotWaiting.selector || selector == IMatiToken.Token_OverLimit.selector,
                "refused for another reason"
            );
        }
    }

    // ----------------------------------------------------------------------------------------------- pauses

    function test_RevertWhen_PausedByAnotherThanTheOwner() public {
        bytes memory refused = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this));
        vm.expectRevert(refused);
        b.token.pauseInbound(EID_A, uint48(START + 1));
        vm.expectRevert(refused);
        b.token.setOutboundPaused(EID_A, true);
    }

    function test_WhatArrivesWhilePausedWaits() public {
        vm.expectEmit(address(b.token));
        emit IMatiToken.InboundPaused(EID_A, uint48(START + 100));
        pauseInbound(b, EID_A, START + 100);
        assertInbound(0, 0);
        bytes32 guid = arrive(1e18);
        bytes memory message = waitingMessage(1, START, oftMessage(alice, 1e18));

        vm.warp(START + 99);
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_InboundPaused.selector, EID_A, START + 100));
        b.token.release(guid, EID_A, message);
        vm.warp(START + 100);
        b.token.release(guid, EID_A, message);
        assertEq(b.token.balanceOf(alice), 1e18, "arrived");
    }

    function test_RevertWhen_PausedForTooLongOrTooSoonAgain() public {
        uint256 latest = START + 7 days;
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_PauseTooLong.selector, latest + 1, latest));
        pauseInbound(b, EID_A, latest + 1);
        pauseInbound(b, EID_A, latest);
        assertEq(b.token.inboundPausedUntil(EID_A), latest, "until");
        assertEq(b.token.inboundPausableFrom(EID_A), START + 14 days, "pausable from");

        uint256[2] memory times = [START + 1, START + 14 days - 1];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IMatiToken.Token_PausedTooRecently.selector, times[i], START + 14 days)
            );
            pauseInbound(b, EID_A, times[i] + 1);
        }
        vm.warp(START + 14 days);
        pauseInbound(b, EID_A, START + 14 days + 1);
    }

    function test_APauseCanBeEndedEarly() public {
        pauseInbound(b, EID_A, START + 7 days);
        vm.warp(START + 60);
        vm.expectEmit(address(b.token));
        emit IMatiToken.InboundPaused(EID_A, uint48(START + 60));
        pauseInbound(b, EID_A, 0);
        assertEq(b.token.inboundPausableFrom(EID_A), START + 120, "as long open as it was paused");
        arrive(1e18);
        assertEq(b.token.balanceOf(alice), 1e18, "open");

        vm.warp(START + 119);
        pauseInbound(b, EID_A, START);
        assertEq(b.token.inboundPausableFrom(EID_A), START + 120, "a pause that is over cannot be ended again");
    }

    function test_OutboundPaused() public {
        vm.expectEmit(address(a.token));
        emit IMatiToken.OutboundPausedSet(EID_B, true);
        pauseOutbound(a, EID_B, true);
        assertTrue(a.token.isOutboundPaused(EID_B), "paused");
        bytes memory refused = abi.encodeWithSelector(IMatiToken.Token_OutboundPaused.selector, EID_B);
        vm.expectRevert(refused);
        this.callSend(sendParam(EID_B, padded(alice), 1e18, ""));
        vm.expectRevert(refused);
        a.token.quoteSend(sendParam(EID_B, padded(alice), 1e18, ""), false);
        vm.expectRevert(refused);
        this.callSendPayouts(1e18);
        (uint256 outbound,, uint256 gatewayOutbound,) = a.token.available(EID_B);
        assertEq(outbound + gatewayOutbound, 0, "available");

        a.token.transfer(alice, 1e18);
        pauseOutbound(a, EID_B, false);
        sendTo(alice, 1e18);
    }

    function arrive(uint256 amount) internal returns (bytes32 guid) {
        sendTo(alice, amount);
        return deliverLast();
    }

    function assertInbound(uint256 plain, uint256 gateways) internal view {
        (, uint256 inbound,, uint256 gatewayInbound) = b.token.available(EID_A);
        assertEq(inbound, plain, "inbound");
        assertEq(gatewayInbound, gateways, "gatewayInbound");
    }
}
