// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {Registration} from "../../../contracts/src/types/Payout.sol";
import {SettlementModel} from "./SettlementModel.sol";
import {SettlementOutcome} from "./SettlementOutcome.sol";

/// @notice Settles raw, possibly invalid groups, wholly or in part, through solvers of any intent, and holds each outcome
/// against the model: that it succeeded exactly when it should have, and what everybody got (invariants 8 and 14).
/// @dev Nothing is filtered out beforehand: a handler that only sends valid calls cannot notice a missing check.
abstract contract SettlementHandler is SettlementOutcome {
    /// One call, and what the model expects of it.
    struct Attempt {
        Leg leg;
        Fill fill;
        address keeper;
        uint256 value;
        bool isPart;
    }

    function doSettle(uint256 seed) external {
        attempt(seed, false);
    }

    function doSettlePart(uint256 seed) external {
        attempt(seed, true);
    }

    function attempt(uint256 seed, bool isPart) private {
        Attempt memory x;
        x.isPart = isPart;
        Registration[] memory all = registrations();
        describe(x.leg, drawGroup(all, seed));
        drawMerchants(x.leg, all, seed);
        plan(x.leg);
        if (isPart) drawPart(x.leg, seed);
        if (draw(seed, "preview") % 4 == 0) comparePreview(x.leg);
        ask(x);
        drawFill(x.fill, x.leg.group, seed);
        drawValue(x, seed);
        x.keeper = keepers[draw(seed, "keeper") % 2];
        bool expected = expects(x);
        if (expected) {
            look(x.fill);
            look(x.leg, x.keeper);
        }
        uint256 coins = x.keeper.balance;

        agree(kindOf(x), send(x), expected);
        if (expected) {
            noteDebits(x.leg);
            noteCredits(x.leg);
            check(x.fill);
            check(x.leg, x.keeper);
            uint256 cost = x.leg.terms.isAcross ? MESSAGE_FEE : 0;
            assertEq(coins - x.keeper.balance, cost, "the message costs what it costs");
        }
        forgetFill();
    }

    function send(Attempt memory x) private returns (bool success) {
        Leg memory leg = x.leg;
        bytes memory call = abi.encodeCall(ISettler.settle, (leg.group, leg.merchants, x.fill.solver, x.fill.data));
        if (x.isPart) {
            call = abi.encodeCall(
                ISettler.settlePart, (leg.group, leg.merchants, leg.terms.maxAmountIn, x.fill.solver, x.fill.data)
            );
        }
        vm.prank(x.keeper);
        bytes memory returned;
        (success, returned) = address(settler).call{value: x.value}(call);
        if (success) leg.id = abi.decode(returned, (bytes32));
    }

    /// @dev Of what there is, and around the ends of it and of its first member.
    function drawPart(Leg memory x, uint256 seed) private view {
        uint256 all = x.plan.amountIn;
        uint256 most = draw(seed, "part") % (all + 1);
        uint256 kind = draw(seed, "kind of part") % 16;
        if (kind == 0) most = 0;
        if (kind == 1) most = draw(seed, "few") % 1e9;
        if (kind == 2 && all != 0) most = all - 1;
        if (kind == 3) most = all;
        if (kind == 4) most = all + 1;
        if (kind == 5 || kind == 6) most = firstOf(x) + kind - 5;
        x.terms.maxAmountIn = most;
        plan(x);
    }

    function firstOf(Leg memory x) private pure returns (uint256) {
        for (uint256 i = 0; i < x.members.length; ++i) {
            if (x.members[i].isEligible) return x.members[i].amount;
        }
        return 0;
    }

    /// @dev All of it is to be solved, for the bound.
    function ask(Attempt memory x) private pure {
        (x.fill.isNeeded, x.fill.token, x.fill.out) = (!x.leg.terms.isAsIs, x.leg.token, x.leg.out);
        (x.fill.amountIn, x.fill.minOut) = (x.leg.plan.amountIn, x.leg.plan.minReceived);
    }

    function drawValue(Attempt memory x, uint256 seed) private pure {
        uint256 kind = draw(seed, "value") % 32;
        x.value = x.leg.terms.isAcross ? MESSAGE_FEE + draw(seed, "too much") % 2 * 1 ether : 0;
        if (kind == 0) x.value = MESSAGE_FEE - 1;
        if (kind == 1) x.value = 1;
    }

    function expects(Attempt memory x) private view returns (bool) {
        x.leg.delivered = x.fill.isNeeded ? x.fill.delivered : x.leg.plan.amountIn;
        bool isPaid = x.leg.terms.isAcross ? x.value >= MESSAGE_FEE : x.value == 0;
        bool isSolved = x.fill.isSolved || !x.fill.isNeeded;
        return isSettleable(x.leg) && isPaid && isSolved && isDelivered(x.leg, x.keeper);
    }

    function comparePreview(Leg memory x) private view {
        bool isPossible = x.terms.isPossible && x.terms.isAscending;
        try settler.previewPart(x.group, x.merchants, x.terms.maxAmountIn) returns (
            uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible
        ) {
            assertTrue(isPossible, "preview must fail");
            assertEq(amountIn, x.plan.amountIn, "preview: amountIn");
            assertEq(minReceived, x.plan.minReceived, "preview: minReceived");
            assertEq(out, address(x.out), "preview: out");
            assertEq(allowanceBps, x.plan.allowanceBps, "preview: allowance");
            for (uint256 i = 0; i < eligible.length; ++i) {
                assertEq(eligible[i], x.members[i].isEligible, "preview: eligible");
            }
        } catch {
            assertTrue(!isPossible, "preview must succeed");
        }
    }

    function kindOf(Attempt memory x) private view returns (string memory) {
        if (x.isPart) return x.leg.terms.isAcross ? "settle a part across" : "settle a part";
        if (x.leg.terms.isAcross) return "settle across";
        if (x.leg.terms.isAsIs) return "settle as is";
        return x.fill.solver == address(uniswap) ? "settle through pools" : "settle from stock";
    }
}
