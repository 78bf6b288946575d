// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rate} from "../types/Rate.sol";
import {IRateSource} from "./IRateSource.sol";

/// @title Rates between any two registered assets.
/// @notice Every asset but USD has one source. A rate is the price of one asset in the other where a source gives it,
/// and goes over USD elsewhere; where a source is quoted in another token, over that token's source first (one step,
/// never more). No rate is ever given from a price its source refuses.
interface IRateOracle {
    event SourceSet(address indexed asset, IRateSource indexed source, uint8 decimals);

    /// The asset has no source.
    error Oracle_NoSource(address asset);
    /// The asset's source gives no usable price now; `reason` is the source's own error.
    error Oracle_PriceUnavailable(address asset, bytes reason);
    /// The asset reports other decimals than when its source was set.
    error Oracle_DecimalsChanged(address asset, uint8 decimals, uint8 expected);
    /// A source quoted in an asset that is neither USD nor priced in USD.
    error Oracle_PathTooLong(address asset, address quoteAsset);
    /// A price or rate outside [1e6, 1e30] WAD: too few digits would be left of it or of its inverse.
    error Oracle_RateOutOfRange(address base, address quote, uint256 wad);
    /// USD and the zero address take no source, and no source may be quoted in its own asset.
    error Oracle_BadSource(address asset, IRateSource source);
    /// The asset has more decimals than amounts can be computed with.
    error Oracle_TooManyDecimals(address asset, uint8 decimals, uint8 max);

    /// @notice What one whole `base` is worth in `quote`, or a revert that says why there is no usable rate.
    /// @dev Each step rounds down; prices and rates keep at least six digits, so the rate is off by less than 4e-6 of
    /// itself at the very edge of the range, and by less than 1e-11 where prices and rate are above a millionth.
    /// `base == quote` gives 1 WAD of this moment, of any asset, and reads no source.
    ///
    /// A source that runs out of gas looks here like one without a price (`Oracle_PriceUnavailable`, its reason empty
    /// or not). Whoever does something else when there is no rate, instead of reverting, must before the call require
    /// so much gas that 63/64 of it suffices for any rate: else whoever sends the transaction chooses the outcome.
    /// Measured, with nothing touched before: 53,000 over two Chainlink feeds, 360,000 over two TWAPs of pools with 500
    /// observations and two feeds, 412,000 over two feeds each checked against such a TWAP and one more feed. A sequencer
    /// feed adds 13,000, twice the observations up to 13,000 per TWAP; what a proxy in front of a feed needs comes on top.
    /// Two assets that are each checked so and quoted in a token that is too: 770,000, the dearest path there is.
    function rate(address base, address quote) external view returns (Rate memory);

    /// @notice The same, but a revert also while any price behind it stands apart from its market: what may be settled at.
    /// @return result As `rate` gives it.
    /// @return quoteUsdWad What one whole `quote` is worth in USD, WAD, as `rate(quote, USD)` gives it, if the path leads
    /// over USD; 0 if it does not, so that whoever needs it asks.
    function settlementRate(address base, address quote) external view returns (Rate memory result, uint256 quoteUsdWad);

    /// @notice Where an asset's price comes from, and the decimals of its smallest unit; zeros if it has no source.
    function source(address asset) external view returns (IRateSource, uint8 decimals);

    /// @notice Sets, replaces or (with zero) removes an asset's source. Restricted, behind the access manager's delay.
    /// @dev Snapshots the token's decimals; a fiat (address below 2^16) has 18. The asset that the source is quoted in
    /// may get its own source later: until then rates that need it revert.
    function setSource(address asset, IRateSource newSource) external;
}
