// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeEnd} from "../base/Bridge.sol";
import {BridgeLimitsHandler} from "./BridgeLimitsHandler.sol";
import {BridgeModel} from "./BridgeModel.sol";

/// @notice Invariants 11, 12, 13 and 15 while messages between two chains arrive late, twice, out of order or never,
/// are hostile, are executed by strangers with little gas, and are limited, paused and released.
/// forge-config: default.invariant.fail-on-revert = true
contract BridgeInvariantsTest is BridgeLimitsHandler {
    using BridgeModel for BridgeModel.End;
    using BridgeModel for BridgeModel.Bucket;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    /// @dev Its other functions are helpers and views.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory weighted = [
            this.sendPlain.selector,
            this.sendPlain.selector,
            this.sendPayouts.selector,
            this.sendPayload.selector,
            this.verify.selector,
            this.verify.selector,
            this.deliver.selector,
            this.deliver.selector,
            this.compose.selector,
            this.giveBack.selector,
            this.pass.selector,
            this.drawLimits.selector,
            this.drawOutboundPause.selector,
            this.drawInboundPause.selector,
            this.release.selector,
            this.spend.selector
        ];
        bytes4[] memory selectors = new bytes4[](weighted.length);
        for (uint256 i = 0; i < weighted.length; ++i) {
            selectors[i] = weighted[i];
        }
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), selectors);
    }

    /// @dev One campaign for all: it is the handler's calls that take the time.
    function invariant_WhatIsNotArrivedIsInFlightAndWhatIsArrivedIsHeldOrCredited() external view {
        uint256 inFlight;
        uint256[2] memory held;
        for (uint256 i = 0; i < model.length; ++i) {
            Sent storage sent = model[i];
            if (!hasArrived(sent)) {
                inFlight += sent.amount;
            } else if (sent.isComposed && !(sent.isProcessed && (sent.isReadable || sent.isGivenBack))) {
                held[sent.isFromA ? 1 : 0] += sent.amount;
            }
        }
        checkSupply(inFlight);
        checkEnd(true, held[0]);
        checkEnd(false, held[1]);
    }

    /// @dev Invariants 12 and 15: what waits needs nobody but whoever releases it, once allowance and pause permit;
    /// only where a limit is closed must the owner open it.
    function afterInvariant() external {
        for (uint256 i = 0; i < model.length; ++i) {
            Sent storage sent = model[i];
            (BridgeEnd storage from, BridgeEnd storage to) = ends(sent.isFromA);
            assertEq(to.token.waiting(sent.guid) != 0, sent.isWaiting, "waits");
            if (!sent.isWaiting) continue;
            BridgeModel.End storage end = modelEnd[!sent.isFromA];
            if (end.inbound(sent.isFromGateway).capacity == 0) {
                setLimits(to, from.eid, evenLimits(limitOf(2 ** 20, 60)));
                for (uint256 j = 0; j < 4; ++j) {
                    end.buckets[j].limit(2 ** 20, 60);
                }
            }
            uint256 time = end.releasableFrom(sent.isFromGateway, sent.amount / UNIT, sent.since);
            if (time > block.timestamp) {
                vm.warp(time - 1);
                assertTrue(!releases(i, 0), "not a second earlier");
                vm.warp(time);
            }
            uint256 before = balanceAt(sent);
            assertTrue(releases(i, 0), "released");
            sent.isWaiting = false;
            end.arrive(sent.isFromGateway, sent.amount / UNIT);
            checkArrival(i, before);
        }
        this.invariant_WhatIsNotArrivedIsInFlightAndWhatIsArrivedIsHeldOrCredited();
    }

    /// @dev The campaign is worth something only if every action both succeeds and fails in it.
    function test_HandlerReachesBothOutcomesOfEveryAction() external {
        for (uint256 i = 0; i < 180; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            this.sendPlain(i % 2 == 0, seed, seed % 5 == 0);
            this.sendPayouts(i % 3 == 0, seed >> 1, seed);
            this.sendPayload(i % 2 == 0, seed >> 2, abi.encode(seed), i % 3 == 0, i % 5 == 0);
            for (uint256 j = 0; j < 3; ++j) {
                this.verify(seed >> j);
                this.deliver(seed >> (j + 8));
                this.compose(seed >> (j + 16), seed >> j);
                this.release(seed >> (j + 24), seed >> j);
                this.release(seed >> (j + 32), seed >> (j + 8));
            }
            this.giveBack(seed >> 3, i % 4 != 0);
            this.spend(i % 2 == 0, seed >> 4, seed);
            if (i % 4 == 0) this.pass(seed);
            if (i % 2 == 0) this.drawLimits(i % 4 == 0, seed);
            if (i % 3 == 0) this.drawOutboundPause(i % 2 == 0, seed);
            if (i % 4 == 0) this.drawInboundPause(i % 8 == 0, seed);
            this.invariant_WhatIsNotArrivedIsInFlightAndWhatIsArrivedIsHeldOrCredited();
        }
        string[23] memory actions = [
            "sendPlain",
            "leave",
            "sendPayouts",
            "leave by the gateway",
            "sendPayload",
            "verify",
            "deliver",
            "arrive at once",
            "compose",
            "giveBack",
            "leave back",
            "setLimits",
            "setOutboundPaused",
            "pauseInbound",
            "begin a pause",
            "release",
            "release open",
            "release with its message",
            "release within the capacity",
            "release above the capacity",
            "transfer",
            "permit",
            "withdraw"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            assertGe(succeeded[actions[i]], 3, string.concat(actions[i], " succeeds"));
            assertGe(failed[actions[i]], 3, string.concat(actions[i], " fails"));
        }
        assertGe(succeeded["end a pause"], 3, "end a pause succeeds");
        this.afterInvariant();
    }

    /// @dev Invariant 11: `inFlight` is the model's, what waits included.
    function checkSupply(uint256 inFlight) internal view {
        uint256 fromA = a.token.sent(EID_B) - b.token.received(EID_A);
        uint256 fromB = b.token.sent(EID_A) - a.token.received(EID_B);
        assertEq(fromA + fromB, inFlight, "in flight");
        assertEq(a.token.totalSupply() + b.token.totalSupply() + inFlight, GENESIS, "genesis");
    }

    /// @dev Invariants 12 and 13: each message is credited once or kept, and the gateway holds the rest, `held`. And
    /// what may pass is what the model says.
    function checkEnd(bool isOnA, uint256 held) internal view {
        (BridgeEnd storage here,) = ends(isOnA);
        BridgeModel.End storage end = modelEnd[isOnA];
        uint32 eid = eidFrom(isOnA);
        assertEq(here.token.totalSupply(), end.supply * UNIT, "supply");
        assertEq(here.token.sent(eid), end.sent * UNIT, "sent");
        assertEq(here.token.received(eid), end.received * UNIT, "received");
        assertEq(here.token.balanceOf(address(here.gateway)), held, "held");
        assertEq(here.token.balanceOf(address(here.escrow)), modelCredited[isOnA], "credited");
        assertEq(here.token.allowance(address(here.gateway), address(here.escrow)), 0, "allowance");
        assertEq(here.token.isOutboundPaused(eid), end.isOutboundPaused, "outbound paused");
        assertEq(here.token.inboundPausedUntil(eid), end.pausedUntil, "paused until");

        uint256[4] memory told;
        (told[0], told[1], told[2], told[3]) = here.token.available(eid);
        for (uint256 i = 0; i < 4; ++i) {
            bool isShut = i % 2 == 0 ? end.isOutboundPaused : end.isPausedIn();
            assertEq(told[i], isShut ? 0 : end.buckets[i].available() * UNIT, "available");
        }
    }
}

struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}
