// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

using {toQuoteDown, toQuoteUp, toBaseDown} for Rate global;

/// @dev Rates and prices lie in [1e-12, 1e12] per whole unit: below, WAD would keep too few digits (here at least
/// six); above, a rate would have no inverse in range. No market of two assets in use comes near either end.
uint256 constant MIN_RATE_WAD = 1e6;
uint256 constant MAX_RATE_WAD = 1e30;

/// @dev The most decimals of an asset. With these and the bounds above, the functions below cannot overflow for
/// amounts below 2^112: the largest result is 2^112 * 1e30 * 1e24 / 1e18, less than 2^233.
uint8 constant MAX_DECIMALS = 24;

/// @notice How much of a quote asset one *whole* unit of a base asset is worth, and where that was read.
struct Rate {
    /// Quote per base, per whole unit, WAD (18 decimals).
    uint256 wad;
    /// Decimals of the base asset's smallest unit.
    uint8 baseDecimals;
    /// Decimals of the quote asset's smallest unit (18 for a fiat).
    uint8 quoteDecimals;
    /// Age of the oldest price behind it: when that one was updated, Unix seconds.
    uint40 updatedAt;
    /// Round of the base asset's own price (for a TWAP its last second); 0 where none was read.
    uint80 baseRoundId;
    /// Round of the quote asset's own price, likewise.
    uint80 quoteRoundId;
}

/// @dev Units of the quote asset that `baseAmount` units of the base asset are worth, rounded down.
function toQuoteDown(Rate memory rate, uint256 baseAmount) pure returns (uint256) {
    return Math.mulDiv(baseAmount, rate.wad * 10 ** rate.quoteDecimals, 10 ** (18 + uint256(rate.baseDecimals)));
}

/// @dev Units of the quote asset that `baseAmount` units of the base asset are worth, rounded up.
function toQuoteUp(Rate memory rate, uint256 baseAmount) pure returns (uint256) {
    return Math.mulDiv(
        baseAmount, rate.wad * 10 ** rate.quoteDecimals, 10 ** (18 + uint256(rate.baseDecimals)), Math.Rounding.Ceil
    );
}

/// @dev Units of the base asset that `quoteAmount` units of the quote asset are worth, rounded down.
function toBaseDown(Rate memory rate, uint256 quoteAmount) pure returns (uint256) {
    return Math.mulDiv(quoteAmount, 10 ** (18 + uint256(rate.baseDecimals)), rate.wad * 10 ** rate.quoteDecimals);
}
