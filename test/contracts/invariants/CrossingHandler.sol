// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {Registration} from "../../../contracts/src/types/Payout.sol";
import {Group, Side} from "../../../contracts/src/types/Settlement.sol";
import {SettlementHandler} from "./SettlementHandler.sol";
import {SettlementModel} from "./SettlementModel.sol";

/// @notice Crosses two groups, mostly opposite ones, and holds what became of both against the model.
abstract contract CrossingHandler is SettlementHandler {
    using SettlementModel for SettlementModel.Terms;

    struct Crossing {
        Leg covered;
        Leg other;
        Fill fill;
        address keeper;
        uint256 value;
        bool isOpposite;
        /// What `covered` is worth, in the other's token.
        uint256 worth;
    }

    function doCross(uint256 seed) external {
        Crossing memory x;
        bool isToFit = draw(seed, "fit") % 3 == 0;
        drawSides(x, seed, isToFit);
        if (isToFit) fit(x, seed);
        ask(x, seed);
        x.keeper = keepers[draw(seed, "keeper") % 2];
        x.value = draw(seed, "value") % 32 == 0 ? 1 : 0;
        bool expected = expects(x);
        if (expected) {
            look(x.fill);
            look(x.covered, x.keeper);
            look(x.other, x.keeper);
        }

        agree(kindOf(x), send(x), expected);
        if (expected) {
            noteDebits(x.covered);
            noteDebits(x.other);
            noteCredits(x.covered);
            noteCredits(x.other);
            check(x.fill);
            check(x.covered, x.keeper);
            check(x.other, x.keeper);
        }
        forgetFill();
    }

    function send(Crossing memory x) private returns (bool success) {
        bytes memory call = abi.encodeCall(
            ISettler.settleCrossed,
            (
                Side(x.covered.group, x.covered.merchants),
                Side(x.other.group, x.other.merchants),
                x.fill.solver,
                x.fill.data
            )
        );
        vm.prank(x.keeper);
        bytes memory returned;
        (success, returned) = address(settler).call{value: x.value}(call);
        if (success) (x.covered.id, x.other.id) = abi.decode(returned, (bytes32, bytes32));
    }

    /// @dev Mostly of two merchants who want each other's token, the smaller side covered; the larger one if what it
    /// takes is to be earned yet.
    function drawSides(Crossing memory x, uint256 seed, bool isToFit) private view {
        Registration[] memory all = registrations();
        (Group memory first, Group memory second) = drawOpposites(all, seed);
        drawSide(x.covered, all, first, draw(seed, "first"));
        drawSide(x.other, all, second, draw(seed, "second"));
        (Leg memory c, Leg memory o) = (x.covered, x.other);
        bool isSmaller = c.terms.denominator == 0 || c.terms.worthUp(c.plan.amountIn) <= o.plan.amountIn;
        if (isSmaller == isToFit && draw(seed, "as drawn") % 4 != 0) (x.covered, x.other) = (o, c);
        (c, o) = (x.covered, x.other);
        x.isOpposite = c.group.token == o.group.asset && c.group.asset == o.group.token
            && c.group.token != c.group.asset && c.group.eid == EID_A && o.group.eid == EID_A;
    }

    function drawSide(Leg memory x, Registration[] memory all, Group memory group, uint256 seed) private view {
        describe(x, group);
        drawMerchants(x, all, seed);
        plan(x);
    }

    function drawOpposites(Registration[] memory all, uint256 seed)
        private
        view
        returns (Group memory first, Group memory second)
    {
        first = drawGroup(all, draw(seed, "one side"));
        second = Group(first.asset, first.token, first.eid, first.tier);
        uint256 from = draw(seed, "from");
        for (uint256 i = 0; i < MERCHANTS * MERCHANTS; ++i) {
            Registration memory one = all[(from + i) % MERCHANTS];
            Registration memory two = all[(from + i / MERCHANTS) % MERCHANTS];
            if (one.payout.eid != EID_A || two.payout.eid != EID_A || one.payout.asset == two.payout.asset) continue;
            first = Group(two.payout.asset, one.payout.asset, EID_A, one.payout.tier);
            second = Group(one.payout.asset, two.payout.asset, EID_A, two.payout.tier);
            // Rather two who have something to be crossed.
            if (hasMore(one, IERC20(first.token)) && hasMore(two, IERC20(second.token))) break;
        }
        uint256 flaw = draw(seed, "flaw") % 48;
        if (flaw == 0) first.eid = EID_B;
        if (flaw == 1) second.eid = EID_B;
        if (flaw == 2) first.token = first.asset;
        if (flaw == 3) second.asset = second.token;
        if (flaw == 4) (second.token, second.asset) = (second.asset, second.token);
        if (flaw == 5) second.asset = address(tokens[draw(seed, "asset") % 3]);
        if (flaw == 6) (first.token, second.asset) = (first.asset, first.asset);
        if (flaw == 7) second.tier = 3;
    }

    /// @dev Has somebody of the other side earn what makes it just enough, or a unit more or less.
    function fit(Crossing memory x, uint256 seed) private {
        if (!isSettleable(x.covered) || !x.other.terms.isPossible || !x.isOpposite) return;
        uint256 wanted = x.covered.terms.worthUp(x.covered.plan.amountIn);
        uint256 off = draw(seed, "off") % 8;
        if (off == 0) wanted -= 1;
        if (off == 1) wanted += 1;
        uint256 there = x.other.plan.amountIn;
        if (wanted <= there || wanted > there + 20 * twoWeth(x.other.token)) return;
        for (uint256 i = 0; i < x.other.members.length; ++i) {
            SettlementModel.Member memory m = x.other.members[i];
            if (!m.belongs || (there != 0 && !m.isEligible)) continue;
            uint256 kept = m.isEligible || m.reserve < m.balance ? 0 : m.reserve - m.balance;
            deposit(m.account, x.other.token, wanted - there + kept, bytes32(seed));
            Account storage its = accounts[m.account][address(x.other.token)];
            (m.balance, m.since, m.rest) = (its.credited - its.debited, its.since, its.rest);
            return plan(x.other);
        }
    }

    /// @dev What is left of the other one's is to be solved, for what is missing up to its bound.
    function ask(Crossing memory x, uint256 seed) private {
        (Leg memory c, Leg memory o) = (x.covered, x.other);
        (x.fill.token, x.fill.out) = (o.token, o.out);
        if (isSettleable(c)) x.worth = c.terms.worthUp(c.plan.amountIn);
        if (o.plan.amountIn > x.worth) x.fill.amountIn = o.plan.amountIn - x.worth;
        if (o.plan.minReceived > c.plan.amountIn) x.fill.minOut = o.plan.minReceived - c.plan.amountIn;
        x.fill.isNeeded = x.fill.amountIn != 0;
        drawFill(x.fill, o.group, seed);
    }

    function expects(Crossing memory x) private view returns (bool) {
        (x.covered.delivered, x.other.delivered) = (x.worth, x.covered.plan.amountIn);
        if (x.fill.isNeeded) x.other.delivered += x.fill.delivered;
        return x.isOpposite && x.value == 0 && isSettleable(x.covered) && isSettleable(x.other)
            && x.worth <= x.other.plan.amountIn && (x.fill.isSolved || !x.fill.isNeeded)
            && isDelivered(x.covered, x.keeper) && isDelivered(x.other, x.keeper);
    }

    function kindOf(Crossing memory x) private view returns (string memory) {
        if (!x.fill.isNeeded) return "cross exactly";
        return x.fill.solver == address(uniswap) ? "cross, the rest through pools" : "cross, the rest from stock";
    }
}
