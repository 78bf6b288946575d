// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BPS, chargeFee} from "../../../contracts/src/types/Fee.sol";
import {Test} from "../base/Test.sol";

/// @notice Invariant 6, of the arithmetic by itself; test/proofs/Fee.sol proves the same for every value.
contract FeeTest is Test {
    function test_CarriesWhatIsLessThanAUnit() public pure {
        (uint256 fee, uint16 left) = chargeFee(199, 50, 0);
        assertEq(fee, 0, "fee of the first");
        assertEq(left, 9_950, "left of the first");

        (fee, left) = chargeFee(1, 50, left);
        assertEq(fee, 1, "fee of the second");
        assertEq(left, 0, "left of the second");
    }

    function test_TakesAllAtMost() public pure {
        (uint256 fee, uint16 left) = chargeFee(type(uint112).max, BPS, 9_999);
        assertEq(fee, type(uint112).max, "fee");
        assertEq(left, 9_999, "left");
    }

    function testFuzz_OneCapturePaysItsShare(uint112 amount, uint256 feeBps, uint16 remainder) public pure {
        feeBps = bound(feeBps, 0, BPS);
        remainder = uint16(bound(remainder, 0, BPS - 1));

        (uint256 fee, uint16 left) = chargeFee(amount, feeBps, remainder);

        assertLe(fee, amount, "fee");
        assertLe(left, BPS - 1, "left");
        assertEq(fee * BPS + left, uint256(amount) * feeBps + remainder, "nothing lost");
    }

    function testFuzz_ManyCapturesPayWhatOneDoes(uint104[8] memory amounts, uint256 feeBps) public pure {
        feeBps = bound(feeBps, 0, BPS);
        uint256 total;
        uint256 paid;
        uint16 carried;
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 fee;
            (fee, carried) = chargeFee(amounts[i], feeBps, carried);
            total += amounts[i];
            paid += fee;
            assertLe(paid * BPS, total * feeBps, "never above the signed share");
        }

        (uint256 atOnce,) = chargeFee(total, feeBps, 0);

        assertEq(paid, atOnce, "as one capture");
    }

    function testFuzz_CapturesOfAnySharePayTheSumOfTheirShares(uint104[8] memory amounts, uint16[8] memory shares)
        public
        pure
    {
        uint256 owed;
        uint256 paid;
        uint16 carried;
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 feeBps = bound(shares[i], 0, BPS);
            uint256 fee;
            (fee, carried) = chargeFee(amounts[i], feeBps, carried);
            owed += amounts[i] * feeBps;
            paid += fee;
        }

        assertEq(paid, owed / BPS, "the sum, rounded down once");
    }
}
