// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tier} from "../../../contracts/src/types/Settlement.sol";

/// @notice What a settlement should do, written a second time from the interfaces' words: plain numbers, one member at
/// a time, in the fewest roundings there can be.
library SettlementModel {
    /// What is known of one merchant who was passed in.
    struct Member {
        address account;
        /// Its registration in force names this group, and this settler.
        bool belongs;
        uint256 balance;
        uint256 since;
        uint256 cycle;
        bool isEligible;
        uint256 allowanceBps;
    }

    /// What the group's token is worth, and what else the plan depends on.
    struct Terms {
        bool isAscending;
        bool isAsIs;
        bool isAcross;
        /// Whether tier, way and rate are there.
        bool isPossible;
        Tier tier;
        /// Of the tier, but 0 while nobody knows what the delivered token is worth in USD.
        uint256 tipBps;
        /// Units delivered per unit of the group's token: `numerator / denominator`.
        uint256 numerator;
        uint256 denominator;
        /// What the bridge carries is a multiple of it; 1 here.
        uint256 unit;
    }

    struct Plan {
        uint256 count;
        uint256 amountIn;
        uint256 allowanceBps;
        uint256 minReceived;
    }

    uint256 private constant BPS = 10_000;

    function plan(Terms memory t, Member[] memory members, uint256 timestamp) internal pure returns (Plan memory p) {
        for (uint256 i = 0; i < members.length; ++i) {
            Member memory m = members[i];
            judge(t, m, timestamp);
            if (!m.isEligible) continue;
            p.amountIn += m.balance;
            if (p.count++ == 0 || m.allowanceBps < p.allowanceBps) p.allowanceBps = m.allowanceBps;
        }
        uint256 value = ceilDiv(p.amountIn * t.numerator, t.denominator);
        p.minReceived = ceilDiv(value * (BPS - p.allowanceBps), BPS);
    }

    /// @dev Whether a member is settled, and how far below its value at most.
    function judge(Terms memory t, Member memory m, uint256 timestamp) internal pure {
        uint256 dueSince = m.since;
        while (m.cycle != 0 && dueSince % m.cycle != 0) dueSince += m.cycle - dueSince % m.cycle;
        if (!m.belongs || m.balance == 0 || dueSince > timestamp) return;
        uint256 elapsed = timestamp - dueSince;
        if (elapsed > t.tier.growSeconds) elapsed = t.tier.growSeconds;
        if (!t.isAsIs) {
            m.allowanceBps = t.tier.startBps + elapsed * (t.tier.maxBps - t.tier.startBps) / t.tier.growSeconds;
        }
        // Each step in whole units, as the settler's manual has it.
        uint256 least = m.balance * t.numerator / t.denominator;
        least = least * (BPS - m.allowanceBps) / BPS;
        least = least * (BPS - t.tier.tipBps) / BPS;
        if (t.isAcross) least = least * (BPS - t.tier.maxMessageBps) / BPS;
        m.isEligible = least >= t.unit;
    }

    /// @notice Invariant 8: its oracle value less the allowance of its own moment and the capped tip (and message, and
    /// what the bridge cannot carry), rounded once.
    function leastFor(Terms memory t, Member memory m) internal pure returns (uint256 least) {
        least = m.balance * t.numerator * (BPS - m.allowanceBps) * (BPS - t.tier.tipBps);
        if (t.isAcross) least = least * (BPS - t.tier.maxMessageBps) / BPS;
        least = least / t.denominator / (BPS * BPS);
        least -= least % t.unit;
    }

    /// @notice What the bridge brings of a share, once it bore its part of the message.
    function carried(Terms memory t, uint256 share, uint256 perHead) internal pure returns (uint256 amount) {
        uint256 cap = share * t.tier.maxMessageBps / BPS;
        amount = share - (perHead < cap ? perHead : cap);
        amount -= amount % t.unit;
    }

    function ceilDiv(uint256 x, uint256 y) internal pure returns (uint256) {
        return (x + y - 1) / y;
    }
}
