// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {SettlementFills} from "./SettlementFills.sol";
import {SettlementModel} from "./SettlementModel.sol";

/// @notice What should come of a settlement, to the unit, and whether it did: every wallet, ledger and rest.
abstract contract SettlementOutcome is SettlementFills {
    using SettlementModel for SettlementModel.Terms;

    /// @dev How often something happened that a campaign without it would say nothing about.
    mapping(string what => uint256) public reached;
    mapping(bytes32 id => bool) private isSettled;

    // ------------------------------------------------------------------------------------ what is expected

    /// @dev Shares what is delivered among members and keeper (invariants 8 and 14). Only for what the bound lets pass.
    function share(Leg memory x) internal view {
        x.paid = new uint256[](people.length);
        x.credited = new uint256[](people.length);
        x.carried = new uint256[](x.members.length);
        uint256 perHead = x.terms.isAcross ? messageWorth() / x.plan.count : 0;
        uint256 before;
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            if (!m.isEligible) continue;
            uint256 its = SettlementModel.part(x.delivered, before, m.amount, x.plan.amountIn);
            before += m.amount;
            uint256 tip = x.terms.tip(m, its);
            uint256 got;
            if (x.terms.isAcross) x.carried[i] = got = x.terms.carried(its - tip, perHead);
            else got = pay(x, m, its - tip, tip);
            assertGe(got, x.terms.leastFor(m), "invariant 8");
            x.earned += its - got;
        }
    }

    /// @dev Those who can be paid are, all others are credited, and get back what was tipped of it.
    function pay(Leg memory x, SettlementModel.Member memory m, uint256 amount, uint256 tip)
        private
        view
        returns (uint256 got)
    {
        uint256 sharesBefore;
        uint256 count = m.recipients.length;
        for (uint256 i = 0; i < (count == 0 ? 1 : count); ++i) {
            Recipient memory named = count == 0 ? Recipient(m.account, 10_000) : m.recipients[i];
            uint256 its = SettlementModel.part(amount, sharesBefore, named.shareBps, 10_000);
            sharesBefore += named.shareBps;
            got += its;
            if (!refuses(x.out, named.account)) {
                x.paid[indexOf(named.account)] += its;
            } else if (its != 0) {
                uint256 returned = tip * its / amount;
                x.credited[indexOf(named.account)] += its + returned;
                got += returned;
            }
        }
    }

    /// @dev Whether it is enough, and whether the keeper can be paid; then `share` says who gets what.
    function isDelivered(Leg memory x, address keeper) internal view returns (bool) {
        if (x.delivered < x.plan.minReceived) return false;
        share(x);
        return x.earned == 0 || !refuses(x.out, keeper);
    }

    // ------------------------------------------------------------------------------------ what is compared

    function look(Leg memory x, address keeper) internal view {
        x.wallets = new uint256[](people.length);
        for (uint256 i = 0; i < people.length; ++i) {
            x.wallets[i] = x.out.balanceOf(people[i]);
        }
        x.keeperWallet = x.out.balanceOf(keeper);
    }

    function noteDebits(Leg memory x) internal {
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            noteReached(x, m);
            if (!m.isEligible) continue;
            Account storage account = accounts[m.account][address(x.token)];
            uint256 kept = account.kept;
            noteDebit(m.account, x.token, m.amount);
            if (isSharedAgain(x, m)) account.kept = kept;
            account.rest = m.restAfter;
        }
    }

    /// @dev Once all debits are noted: an account may be on both sides of a crossing.
    function noteCredits(Leg memory x) internal {
        for (uint256 i = 0; i < people.length; ++i) {
            if (x.credited[i] == 0) continue;
            accounts[people[i]][address(x.out)].kept += x.credited[i];
            noteCredit(people[i], x.out, x.credited[i]);
        }
    }

    function check(Leg memory x, address keeper) internal {
        assertTrue(!isSettled[x.id], "an id of its own");
        isSettled[x.id] = true;
        assertEq(x.out.balanceOf(keeper) - x.keeperWallet, x.earned, "what the keeper earned");
        // But for the solver, the last one, whose stock is its own affair.
        for (uint256 i = 0; i < people.length - 1; ++i) {
            assertEq(x.out.balanceOf(people[i]) - x.wallets[i], x.paid[i], "what was paid");
        }
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            checkAccount(m.account, x.token);
            checkAccount(m.account, x.out);
            if (!m.isEligible || m.restAfter.left != 0) continue;
            assertEq(settler.restOf(m.account, address(x.token)).credited, 0, "nothing left, nothing noted");
        }
        if (x.terms.isAcross) checkArrived(x);
    }

    /// @dev Delivered at once: what chain B credits is what was sent.
    function checkArrived(Leg memory x) private {
        arrive();
        for (uint256 i = 0; i < x.members.length; ++i) {
            address account = x.members[i].account;
            assertEq(arrived(account) - arrivals[account], x.carried[i], "what was carried");
            arrivals[account] += x.carried[i];
        }
    }

    function noteReached(Leg memory x, SettlementModel.Member memory m) private {
        if (m.belongs && m.balance != 0 && m.balance <= m.reserve) ++reached["all of it is reserved"];
        if (m.isHeadTooDear) ++reached["a head is too dear"];
        if (!m.isEligible) return;
        if (m.reserve != 0) ++reached["a reserve stays"];
        if (m.restAfter.left > m.reserve) ++reached["a part is taken"];
        if (m.rest.left != 0) {
            ++reached[m.rest.left == m.balance ? "of a rest alone" : "of a rest and what came since"];
        }
        if (m.rest.left != 0 && m.rest.left < m.reserve) ++reached["of a reserve that was drawn on"];
        if (x.terms.maxTip == 0 && x.terms.tier.maxTipUsd6 != 0) ++reached["nobody knows the worth in USD"];
        uint256 value = m.amount * x.terms.numerator / x.terms.denominator;
        if (x.terms.maxTip * m.headWad / 1e18 < value * x.terms.tier.tipBps / 10_000) ++reached["a tip is capped"];
        if (x.terms.headCost * m.headWad / 1e18 != 0) ++reached["a head is paid for"];
    }

    function indexOf(address account) private view returns (uint256 index) {
        while (people[index] != account) ++index;
    }
}
