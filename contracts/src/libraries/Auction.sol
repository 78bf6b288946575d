// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Tier} from "../types/Settlement.sol";

/// @title When a ledger balance may be settled, and how far below the oracle's value by then.
library Auction {
    uint256 internal constant BPS = 10_000;

    /// @notice Whether a balance is due, and since when it has been.
    /// @dev With a cycle, balances that had arrived (in the mean) by its last boundary, the latest multiple of `cycle`
    /// seconds, are due from there on. Without one a balance is due as it arrives.
    /// @param since The balance's mean time of arrival, Unix seconds.
    /// @param from When its auction begins, unless it is due later. Unix seconds.
    /// @return isDue Whether it may be settled.
    /// @return elapsed Seconds of auction since then; means nothing for one not due.
    function due(uint256 cycle, uint256 since, uint256 from) internal view returns (bool isDue, uint256 elapsed) {
        uint256 dueAt = cycle == 0 ? since : Math.ceilDiv(since, cycle) * cycle;
        return (cycle == 0 || dueAt <= block.timestamp, Math.saturatingSub(block.timestamp, Math.max(dueAt, from)));
    }

    /// @notice How far below the oracle's value a balance may be settled, in basis points, rounded down.
    function allowanceBps(Tier memory tier, uint256 elapsed) internal pure returns (uint256) {
        uint256 grown = (uint256(tier.maxBps) - tier.startBps) * Math.min(elapsed, tier.growSeconds) / tier.growSeconds;
        return tier.startBps + grown;
    }

    /// @notice The part `bps` of an amount, rounded down.
    /// @dev This and the two below revert for amounts of 2^242 or more; no value of 2^112 units of a token comes near
    /// (see `MAX_DECIMALS`).
    function partDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount * bps / BPS;
    }

    /// @notice An amount less its part `bps`, rounded down.
    function lessDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount * (BPS - bps) / BPS;
    }

    /// @notice An amount less its part `bps`, rounded up.
    function lessUp(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.ceilDiv(amount * (BPS - bps), BPS);
    }
}
