// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rate} from "../types/Rate.sol";
import {IRateSource} from "./IRateSource.sol";

/// @title Rates between any two registered assets.
/// @notice Every asset but USD has one source. A rate goes over USD; where a source is quoted in another token, over
/// that token's source first (one step, never more). No rate is ever given from a price its source refuses.
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
    /// The rate does not fit: it would be 0, or above uint128's range.
    error Oracle_RateOutOfRange(address base, address quote);

    /// @notice What one whole `base` is worth in `quote`, or a revert that says why there is no usable rate.
    function rate(address base, address quote) external view returns (Rate memory);

    /// @notice Where an asset's price comes from, and the decimals of its smallest unit.
    function source(address asset) external view returns (IRateSource, uint8 decimals);

    /// @notice Sets, replaces or (with zero) removes an asset's source. Restricted, behind the access manager's delay.
    /// @dev Snapshots the token's decimals; a fiat (address below 2^16) has 18.
    function setSource(address asset, IRateSource newSource) external;
}
