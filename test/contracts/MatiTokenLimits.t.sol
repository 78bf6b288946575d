// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OFTLimit, OFTReceipt} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IMatiToken} from "../../contracts/src/interfaces/IMatiToken.sol";
import {PathwayLimits, RateLimit} from "../../contracts/src/types/RateLimit.sol";
import {LimitedBridgeTest} from "./base/LimitedBridge.sol";

/// @notice What may leave, the limits themselves, and whose traffic counts as gateways'.
contract MatiTokenLimitsTest is LimitedBridgeTest {
    PathwayLimits internal closed;

    // -------------------------------------------------------------------------------------------- setLimits

    function test_RevertWhen_SetLimitsByAnotherThanTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        a.token.setLimits(EID_B, closed);
    }

    function test_RevertWhen_ALimitIsHalfClosed() public {
        RateLimit[2] memory bad = [RateLimit(1, 0), RateLimit(0, 1)];
        for (uint256 i = 0; i < 8; ++i) {
            RateLimit memory half = bad[i % 2];
            PathwayLimits memory limits = evenLimits(PLAIN);
            if (i / 2 == 0) limits.outbound = half;
            if (i / 2 == 1) limits.inbound = half;
            if (i / 2 == 2) limits.gatewayOutbound = half;
            if (i / 2 == 3) limits.gatewayInbound = half;
            vm.expectRevert(
                abi.encodeWithSelector(IMatiToken.Token_BadLimit.selector, half.capacity, half.windowSeconds)
            );
            a.access.execute(address(a.token), abi.encodeCall(IMatiToken.setLimits, (EID_B, limits)));
        }
    }

    function test_SetLimits() public {
        PathwayLimits memory limits = PathwayLimits(RateLimit(1, 2), RateLimit(3, 4), RateLimit(5, 6), RateLimit(7, 8));
        vm.expectEmit(address(a.token));
        emit IMatiToken.LimitsSet(7, limits);
        setLimits(a, 7, limits);

        assertEq(abi.encode(a.token.limits(7)), abi.encode(limits), "limits");
        assertAvailable(7, 1, 3, 5, 7);
        assertEq(abi.encode(a.token.limits(8)), abi.encode(closed), "of that chain only");
    }

    function test_SetLimitsAgainGivesNothingBack() public {
        limitOutbound();
        sendTo(alice, 600e18);
        sendPayouts(70e18);
        limitOutbound();
        assertAvailable(EID_B, 400e18, PLENTY.capacity, 30e18, PLENTY.capacity);

        setLimits(a, EID_B, evenLimits(RateLimit(2_000e18, 2_000)));
        assertAvailable(EID_B, 1_400e18, 2_000e18, 1_930e18, 2_000e18);
        setLimits(a, EID_B, evenLimits(RateLimit(500e18, 1_000)));
        assertAvailable(EID_B, 0, 500e18, 430e18, 500e18);
    }

    // --------------------------------------------------------------------------------------------- outbound

    function test_RevertWhen_NoLimitWasSet() public {
        setLimits(a, EID_B, closed);
        vm.expectRevert(overLimit(EID_B, 1e18, 0));
        this.callSend(sendParam(EID_B, padded(alice), 1e18, ""));
        vm.expectRevert(overLimit(EID_B, 1e18, 0));
        this.callSendPayouts(1e18);
    }

    function test_RevertWhen_MoreLeavesThanIsAvailable() public {
        limitOutbound();
        sendTo(alice, 900e18);
        vm.warp(START + 50);

        vm.expectRevert(overLimit(EID_B, 150e18 + UNIT, 150e18));
        this.callSend(sendParam(EID_B, padded(alice), 150e18 + UNIT, ""));
        vm.expectRevert(overLimit(EID_B, 150e18 + UNIT, 150e18));
        a.token.quoteSend(sendParam(EID_B, padded(alice), 150e18 + UNIT, ""), false);

        a.token.quoteSend(sendParam(EID_B, padded(alice), 150e18, ""), false);
        sendTo(alice, 150e18);
        assertEq(a.token.sent(EID_B), 1_050e18, "sent");
        assertAvailable(EID_B, 0, PLENTY.capacity, 100e18, PLENTY.capacity);
        vm.warp(START + 2_000);
        assertAvailable(EID_B, 1_000e18, PLENTY.capacity, 100e18, PLENTY.capacity);
    }

    /// @dev What is cut to shared decimals is what counts.
    function test_DustIsNotCounted() public {
        limitOutbound();
        sendTo(alice, 1_000e18 + UNIT - 1);
        assertAvailable(EID_B, 0, PLENTY.capacity, 100e18, PLENTY.capacity);
    }

    function test_QuoteTellsWhatIsAvailableToTheCaller() public {
        limitOutbound();
        sendTo(alice, 900e18);
        (OFTLimit memory limit,, OFTReceipt memory receipt) =
            a.token.quoteOFT(sendParam(EID_B, padded(alice), 5e18 + 1, ""));
        assertEq(limit.maxAmountLD, 100e18, "plain");
        assertEq(receipt.amountSentLD, 5e18, "sent");
        assertEq(receipt.amountReceivedLD, 5e18, "received");

        sendPayouts(60e18);
        vm.prank(address(a.gateway));
        (limit,,) = a.token.quoteOFT(sendParam(EID_B, padded(address(b.gateway)), 5e18, "x"));
        assertEq(limit.maxAmountLD, 40e18, "gateway's");
    }

    // ------------------------------------------------------------------------------------ gateways' traffic

    function test_GatewaysHaveAnAllowanceOfTheirOwn() public {
        limitOutbound();
        sendTo(alice, 1_000e18);
        sendPayouts(100e18);
        assertAvailable(EID_B, 0, PLENTY.capacity, 0, PLENTY.capacity);

        vm.expectRevert(overLimit(EID_B, 1e18, 0));
        this.callSendPayouts(1e18);
        vm.warp(START + 1);
        vm.expectRevert(overLimit(EID_B, 2e18, 1e18));
        this.callSendPayouts(2e18);
        sendPayouts(1e18);
    }

    /// @dev However it is addressed, what a stranger sends to the gateway is plain.
    function test_AStrangerUsesNothingOfTheGateways() public {
        limitOutbound();
        limitInbound();
        sendFromStranger(100e18, payloadOf(payouts(100e18)));
        deliverLast();

        assertAvailable(EID_B, 900e18, PLENTY.capacity, 100e18, PLENTY.capacity);
        (, uint256 inbound,, uint256 gatewayInbound) = b.token.available(EID_A);
        assertEq(inbound, 900e18, "inbound");
        assertEq(gatewayInbound, 100e18, "gateways'");
    }

    /// @dev Nor by having the gateway send it back.
    function test_WhatIsGivenBackToAStrangerIsPlain() public {
        setLimits(b, EID_A, PathwayLimits(PLAIN, PLENTY, GATEWAY, PLENTY));
        sendFromStranger(90e18, "unreadable");
        bytes32 guid = deliverLast();
        composeLast();
        b.gateway.giveBack{value: 100}(guid, "");

        (uint256 outbound,, uint256 gatewayOutbound,) = b.token.available(EID_A);
        assertEq(outbound, 910e18, "plain");
        assertEq(gatewayOutbound, 100e18, "gateways'");
        deliverLast();
        assertEq(a.token.balanceOf(stranger), 90e18, "back");
    }

    /// @dev The way back closed: nothing is lost, and once it is open the gateway's own come back as gateways'.
    function test_WhatTheLimitKeepsFromGoingBackStaysClaimable() public {
        b.gateway.setPeer(EID_A, 0);
        sendPayouts(100e18);
        bytes32 guid = deliverLast();
        composeLast();
        bytes memory payload = payloadOf(payouts(100e18));
        setLimits(b, EID_A, PathwayLimits(PLAIN, PLENTY, RateLimit(50e18, 50), PLENTY));

        vm.expectRevert(overLimit(EID_A, 100e18, 50e18));
        b.gateway.giveBack(guid, payload);
        assertEq(b.gateway.returnable(guid).amount, 100e18, "claimable");
        assertEq(b.token.balanceOf(address(b.gateway)), 100e18, "held");

        setLimits(b, EID_A, PathwayLimits(PLAIN, PLENTY, GATEWAY, PLENTY));
        vm.warp(START + 1);
        b.gateway.giveBack{value: 100}(guid, payload);
        (uint256 outbound,, uint256 gatewayOutbound,) = b.token.available(EID_A);
        assertEq(outbound, 1_000e18, "plain");
        assertEq(gatewayOutbound, 0, "gateways'");
    }

    function test_WithoutGatewaysAllTrafficIsPlain() public {
        a.access.execute(address(a.token), abi.encodeCall(IMatiToken.setGateway, (EID_A, 0)));
        limitOutbound();
        sendPayouts(10e18);
        assertAvailable(EID_B, 990e18, PLENTY.capacity, 100e18, PLENTY.capacity);
    }

    function assertAvailable(uint32 eid, uint256 out, uint256 in_, uint256 gatewayOut, uint256 gatewayIn)
        internal
        view
    {
        (uint256 outbound, uint256 inbound, uint256 gatewayOutbound, uint256 gatewayInbound) = a.token.available(eid);
        assertEq(outbound, out, "outbound");
        assertEq(inbound, in_, "inbound");
        assertEq(gatewayOutbound, gatewayOut, "gatewayOutbound");
        assertEq(gatewayInbound, gatewayIn, "gatewayInbound");
    }
}
