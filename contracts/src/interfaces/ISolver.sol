// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Whoever turns a settlement's tokens into what its merchants want.
/// @notice Trusted with nothing: the settler hands over the tokens, measures what came back, and reverts everything
/// if that is less than the bound.
interface ISolver {
    /// @notice Called after `amountIn` of `tokenIn` was sent here; must leave at least `minOut` of `tokenOut` with the
    /// caller.
    /// @param data What the keeper passed to `settle`.
    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external;
}
