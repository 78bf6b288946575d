// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev One whole in basis points.
uint256 constant BPS = 10_000;

/// @notice The fee of one capture, cut from the sum of all captures so far and not from each.
/// @dev What rounding leaves unpaid now is carried into the next capture: many small captures pay what one large one
/// would, to the unit, and never more than the signed share is taken (invariant 6).
/// @param amount What is captured; below 2^112.
/// @param feeBps At most `BPS`.
/// @param remainder What earlier captures left, in 1/BPS of a unit; below `BPS`.
/// @return fee In units of `amount`, at most `amount`.
/// @return newRemainder Below `BPS`.
function chargeFee(uint256 amount, uint256 feeBps, uint16 remainder) pure returns (uint256 fee, uint16 newRemainder) {
    uint256 numerator = amount * feeBps + remainder;
    fee = numerator / BPS;
    // Cast: below BPS.
    newRemainder = uint16(numerator % BPS);
}
