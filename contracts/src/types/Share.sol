// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice The next part of a total, by weight. Cumulative, so that the parts of all weights add up to the total; each
/// is its exact part rounded down, or a unit more.
/// @param weightBefore The sum of the weights of the parts before it.
/// @param weights The sum of all weights; not 0.
function nextPart(uint256 total, uint256 weightBefore, uint256 weight, uint256 weights) pure returns (uint256) {
    return Math.mulDiv(total, weightBefore + weight, weights) - Math.mulDiv(total, weightBefore, weights);
}
