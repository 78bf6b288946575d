// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {Tier} from "../../../contracts/src/types/Settlement.sol";

/// @notice What a settlement should do, written a second time from the interfaces' words: plain numbers, one member at
/// a time, ages instead of times. Knows nothing of the settler's code, nor asks it anything.
library SettlementModel {
    /// What the last settlement left of a balance, and what of it is still there: first in, first out.
    struct Rest {
        uint256 left;
        /// The balance's mean time of arrival then.
        uint256 since;
        /// From when its auction runs.
        uint256 auctionFrom;
        /// The part of a head's cost and of a tip's cap that it still bears, WAD.
        uint256 headWad;
    }

    /// What is known of one merchant who was passed in, and then what is decided about it.
    struct Member {
        address account;
        /// Its registration in force names this group, and this settler.
        bool belongs;
        uint256 balance;
        uint256 since;
        uint256 cycle;
        uint256 reserve;
        Rest rest;
        Recipient[] recipients;
        // Decided.
        bool isEligible;
        /// Due and above its reserve, but a head costs more than it may.
        bool isHeadTooDear;
        uint256 amount;
        uint256 allowanceBps;
        uint256 headWad;
        Rest restAfter;
    }

    /// What the group's token is worth, and what else the plan depends on.
    struct Terms {
        bool isAscending;
        bool isAsIs;
        bool isAcross;
        /// Whether tier, way and rate are there.
        bool isPossible;
        Tier tier;
        /// In units delivered; both 0 while nobody knows what those are worth in USD.
        uint256 maxTip;
        uint256 headCost;
        /// Units delivered per unit of the group's token: `numerator / denominator`.
        uint256 numerator;
        uint256 denominator;
        /// What the bridge carries is a multiple of it; 1 here.
        uint256 unit;
        uint256 maxAmountIn;
    }

    struct Plan {
        uint256 count;
        uint256 amountIn;
        uint256 allowanceBps;
        uint256 minReceived;
    }

    /// How old a balance is, in seconds.
    struct Standing {
        uint256 total;
        uint256 age;
        uint256 auctionAge;
        uint256 headWad;
    }

    uint256 internal constant BPS = 10_000;
    uint256 internal constant WHOLE = 1e18;

    function plan(Terms memory t, Member[] memory members, uint256 timestamp) internal pure returns (Plan memory p) {
        for (uint256 i = 0; i < members.length; ++i) {
            Member memory m = members[i];
            judge(t, m, timestamp, t.maxAmountIn - p.amountIn);
            if (!m.isEligible) continue;
            p.amountIn += m.amount;
            if (p.count++ == 0 || m.allowanceBps < p.allowanceBps) p.allowanceBps = m.allowanceBps;
        }
        p.minReceived = ceilDiv(worthUp(t, p.amountIn) * (BPS - p.allowanceBps), BPS);
    }

    /// @dev Whether a member is settled, how much of it, how far below its value at most, and what that leaves.
    function judge(Terms memory t, Member memory m, uint256 timestamp, uint256 room) internal pure {
        (m.isEligible, m.isHeadTooDear) = (false, false);
        if (!m.belongs || m.balance <= m.reserve || room == 0) return;
        Standing memory s = standing(m, timestamp);
        uint256 dueAt = timestamp - s.age;
        while (m.cycle != 0 && dueAt % m.cycle != 0) dueAt += m.cycle - dueAt % m.cycle;
        if (dueAt > timestamp) return;
        uint256 elapsed = min(min(timestamp - dueAt, s.auctionAge), t.tier.growSeconds);

        m.amount = min(s.total, room);
        m.headWad = s.headWad * m.amount / s.total;
        m.allowanceBps =
            t.isAsIs ? 0 : t.tier.startBps + elapsed * (t.tier.maxBps - t.tier.startBps) / t.tier.growSeconds;
        judgeWorth(t, m);

        Rest memory after_ = m.restAfter;
        after_.left = m.balance - m.amount;
        after_.since = m.since;
        // The part that was taken sets the auction of the rest back, and bore its part of the head.
        after_.auctionFrom = timestamp - elapsed * (s.total - m.amount) / s.total;
        after_.headWad = s.headWad * (s.total - m.amount) / s.total;
    }

    /// @dev What was left by a settlement and what arrived since age apart from each other; the reserve has no age.
    function standing(Member memory m, uint256 timestamp) internal pure returns (Standing memory s) {
        s.total = m.balance - m.reserve;
        Rest memory r = m.rest;
        (s.age, s.auctionAge, s.headWad) = (timestamp - m.since, timestamp - m.since, WHOLE);
        if (r.left == 0) return s;
        (uint256 restAge, uint256 restAuctionAge) = (timestamp - r.since, timestamp - r.auctionFrom);
        uint256 fresh = m.balance - r.left;
        if (fresh == 0) {
            (s.age, s.auctionAge, s.headWad) = (restAge, restAuctionAge, r.headWad);
            return s;
        }
        // The mean age of all that is there is that of the two parts.
        uint256 ofFresh = s.age * m.balance;
        ofFresh = ofFresh > restAge * r.left ? ofFresh - restAge * r.left : 0;
        uint256 freshAge = min(ceilDiv(ofFresh, fresh), restAuctionAge);
        uint256 old = r.left > m.reserve ? r.left - m.reserve : 0;
        s.age = ceilDiv(restAge * old + freshAge * fresh, old + fresh);
        s.auctionAge = ceilDiv(restAuctionAge * old + freshAge * fresh, old + fresh);
        s.headWad = (r.headWad * old + WHOLE * fresh) / (old + fresh);
    }

    /// @dev Each step in whole units, as the settler's manual has it.
    function judgeWorth(Terms memory t, Member memory m) private pure {
        uint256 share = m.amount * t.numerator / t.denominator * (BPS - m.allowanceBps) / BPS;
        if (t.headCost * m.headWad / WHOLE > share * t.tier.maxHeadBps / BPS) {
            m.isHeadTooDear = true;
            return;
        }
        uint256 least = share * (BPS - t.tier.tipBps - t.tier.maxHeadBps) / BPS;
        if (t.isAcross) least = least * (BPS - t.tier.maxMessageBps) / BPS;
        m.isEligible = least >= t.unit;
    }

    /// @dev What a keeper earns of one member's share, before anything of it comes back.
    function tip(Terms memory t, Member memory m, uint256 share) internal pure returns (uint256) {
        uint256 capped = min(share * t.tier.tipBps / BPS, t.maxTip * m.headWad / WHOLE);
        return capped + min(t.headCost * m.headWad / WHOLE, share * t.tier.maxHeadBps / BPS);
    }

    /// @notice Invariant 8: the oracle value of what was settled of it, less the allowance of its own moment and the
    /// capped tip and head (and message, and what the bridge cannot carry), rounded once.
    function leastFor(Terms memory t, Member memory m) internal pure returns (uint256 least) {
        least = m.amount * t.numerator * (BPS - m.allowanceBps) * (BPS - t.tier.tipBps - t.tier.maxHeadBps);
        if (t.isAcross) least = least / BPS * (BPS - t.tier.maxMessageBps);
        least = least / t.denominator / (BPS * BPS);
        least -= least % t.unit;
    }

    /// @notice What the bridge brings of what was left of a share, once it bore its part of the message.
    function carried(Terms memory t, uint256 share, uint256 perHead) internal pure returns (uint256 amount) {
        amount = share - min(perHead, share * t.tier.maxMessageBps / BPS);
        amount -= amount % t.unit;
    }

    function worthUp(Terms memory t, uint256 amount) internal pure returns (uint256) {
        return ceilDiv(amount * t.numerator, t.denominator);
    }

    /// @notice What is due once `weight` more of all `weights` is, less what was before: no unit is lost between them.
    function part(uint256 total, uint256 before, uint256 weight, uint256 weights) internal pure returns (uint256) {
        return total * (before + weight) / weights - total * before / weights;
    }

    function ceilDiv(uint256 x, uint256 y) internal pure returns (uint256) {
        return x / y + (x % y == 0 ? 0 : 1);
    }

    function min(uint256 x, uint256 y) internal pure returns (uint256) {
        return x < y ? x : y;
    }
}
