// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rate} from "../types/Rate.sol";
import {IRateOracle} from "./IRateOracle.sol";
import {IRateSource} from "./IRateSource.sol";

/// @notice What can be said of a rate at this moment.
struct RateView {
    /// Whether a capture would have it (`IRateOracle.rate`).
    bool usableForCapture;
    /// Whether a settlement would (`IRateOracle.settlementRate`).
    bool usableForSettlement;
    /// All zero if a capture would not have it.
    Rate rate;
    /// Seconds since the oldest price behind it was updated; 0 without a rate.
    uint256 age;
    /// The oracle's error, as encoded by its ABI. Empty if there is a rate, or if what failed gave no error (a token
    /// without code, a source out of gas): look at `usableForCapture` to tell.
    bytes captureReason;
    /// Likewise for settlements.
    bytes settlementReason;
}

/// @notice What can be said of one asset's source at this moment.
struct SourceView {
    address asset;
    IRateSource source;
    /// What the source counts in; zero if it does not say.
    address quoteAsset;
    /// Whether it gives a price, and the price; zeros if not. The oracle may yet refuse it, being out of range.
    bool hasPrice;
    uint256 wad;
    uint80 roundId;
    uint40 updatedAt;
    /// The source's own error, as encoded by its ABI. Empty likewise.
    bytes priceReason;
    /// Whether it gives that price to settlements too, being near what the asset trades at now, and if not, the source's
    /// own error: the same as above without a price.
    bool isTogether;
    bytes togetherReason;
}

/// @title What a user interface shows of rates: how much, how old, from where, and why not.
/// @notice Only reads, and never reverts, whatever is asked and whatever the sources do. Keeps nothing and decides
/// nothing: no contract that moves money asks it.
/// @dev For `eth_call`. Each thing asked gets a quarter of the gas left, so that one which burns all it is given leaves
/// enough to tell of the others: give 20,000,000 or more.
interface IRateLens {
    /// The oracle that is told of.
    function oracle() external view returns (IRateOracle);

    /// @notice The rate of `base` in `quote`, its age, or why there is none. A payment's signed fallback has no part in
    /// it.
    function rate(address base, address quote) external view returns (RateView memory);

    /// @notice The sources behind an asset's price in USD: its own, then, if that is quoted in a token that has one, that
    /// token's. The oracle goes no further; a last one not quoted in USD has no path there. None for USD, and for an
    /// asset without a source.
    function sources(address asset) external view returns (SourceView[] memory);
}
