// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title One way to know what an asset is worth.
/// @notice Implementations revert, with an error that says why, whenever the price must not be used.
interface IRateSource {
    /// @notice What prices are counted in: a fiat by Chainlink's `Denominations`, or a token with a source of its own.
    /// Never changes.
    function quoteAsset() external view returns (address);

    /// @notice The price of one whole unit.
    /// @return wad Quote asset per whole unit, WAD (18 decimals); never 0.
    /// @return roundId Which reading it is.
    /// @return updatedAt When it was true, Unix seconds, not in the future.
    function read() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt);

    /// @notice The same, but a revert also while that price, usable as it is, stands apart from what the asset trades at
    /// now.
    /// @dev For settlements, whose moment a keeper chooses. `read` must not ask this: what somebody can do to a pool in his
    /// own transaction must not decide whether a capture has a rate. To sources that know no market but their own it is
    /// all one.
    function readTogether() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt);
}
