// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Fractions compared exactly, by the schoolbook: what a rounded division gave is checked by multiplying back,
/// and no division has a part in it.
library Exact {
    uint256 private constant LIMB = 1 << 128;

    /// @dev a * b <= c * d, in 512 bits.
    function isAtMost(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bool) {
        (uint256 highLeft, uint256 lowLeft) = multiply(a, b);
        (uint256 highRight, uint256 lowRight) = multiply(c, d);
        return highLeft == highRight ? lowLeft <= lowRight : highLeft < highRight;
    }

    /// @dev a * b = high * 2^256 + low, from four products of half words.
    function multiply(uint256 a, uint256 b) internal pure returns (uint256 high, uint256 low) {
        (uint256 a1, uint256 a0) = (a >> 128, a % LIMB);
        (uint256 b1, uint256 b0) = (b >> 128, b % LIMB);
        uint256 least = a0 * b0;
        (uint256 left, uint256 right) = (a1 * b0, a0 * b1);
        uint256 middle = (least >> 128) + left % LIMB + right % LIMB;
        low = middle % LIMB * LIMB + least % LIMB;
        high = a1 * b1 + (left >> 128) + (right >> 128) + (middle >> 128);
    }
}
