// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateSource} from "../interfaces/IRateSource.sol";
import {MAX_RATE_WAD, MIN_RATE_WAD} from "../types/Rate.sol";

/// @title An asset's price over one step: its price in a token, times that token's own.
/// @notice Makes of a pool against USDC a price in USD, which a feed in USD can be checked against (`CheckedSource`).
/// The oracle takes this step by itself: an asset's own source need not be one of these.
/// @dev `second` must price what `first` is quoted in: whoever sets up the source sees to that.
contract CrossSource is IRateSource {
    /// The constructor's argument of that name makes no sense.
    error CrossSource_BadConfig(string parameter);
    /// The product is outside of what a price may be.
    error CrossSource_OutOfRange(uint256 wad, uint256 min, uint256 max);

    uint256 private constant WAD = 1e18;

    /// The asset's price in a token.
    IRateSource public immutable first;
    /// That token's price.
    IRateSource public immutable second;
    /// @inheritdoc IRateSource
    address public immutable quoteAsset;

    constructor(IRateSource first_, IRateSource second_) {
        require(address(first_).code.length != 0, CrossSource_BadConfig("first"));
        require(address(second_).code.length != 0, CrossSource_BadConfig("second"));

        first = first_;
        second = second_;
        quoteAsset = second_.quoteAsset();
        require(first_.quoteAsset() != quoteAsset, CrossSource_BadConfig("quoteAsset"));
    }

    /// @inheritdoc IRateSource
    /// @dev Rounded down. The error of whichever gives no price.
    /// @return wad Quote asset per whole unit, WAD.
    /// @return roundId The asset's own, in the token.
    /// @return updatedAt The older one's.
    function read() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return _read(first.read, second.read);
    }

    /// @inheritdoc IRateSource
    function readTogether() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return _read(first.readTogether, second.readTogether);
    }

    function _read(
        function() external view returns (uint256, uint80, uint40) readFirst,
        function() external view returns (uint256, uint80, uint40) readSecond
    ) private view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        (wad, roundId, updatedAt) = readFirst();
        (uint256 tokenWad,, uint40 tokenUpdatedAt) = readSecond();
        // Prices whose product overflows are far outside of the range: refused, too.
        wad = wad * tokenWad / WAD;
        require(wad >= MIN_RATE_WAD && wad <= MAX_RATE_WAD, CrossSource_OutOfRange(wad, MIN_RATE_WAD, MAX_RATE_WAD));
        if (tokenUpdatedAt < updatedAt) updatedAt = tokenUpdatedAt;
    }
}
