// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {nextPart} from "../../../contracts/src/types/Share.sol";
import {Test} from "../base/Test.sol";

/// @notice Totals and weights are amounts of tokens, below 2^112, so that what is exact fits a word here.
contract ShareTest is Test {
    function test_SplitsWhatDoesNotDivide() public pure {
        assertEq(nextPart(100, 0, 1, 3), 33, "first");
        assertEq(nextPart(100, 1, 1, 3), 33, "second");
        assertEq(nextPart(100, 2, 1, 3), 34, "third");
    }

    function test_NoWeightGetsNothing() public pure {
        assertEq(nextPart(100, 1, 0, 3), 0, "part");
    }

    function testFuzz_PartsAddUpToTheTotal(uint112 total, uint104[8] memory weights) public pure {
        uint256 sum = sumOf(weights);
        if (sum == 0) return;
        uint256 before;
        uint256 paid;
        for (uint256 i = 0; i < weights.length; ++i) {
            paid += nextPart(total, before, weights[i], sum);
            before += weights[i];
        }

        assertEq(paid, total, "sum of the parts");
    }

    function testFuzz_APartIsExactRoundedDownOrAUnitMore(
        uint112 total,
        uint112 weightBefore,
        uint112 weight,
        uint112 weights
    ) public pure {
        uint256 sum = bound(weights, 1, type(uint112).max);
        uint256 own = bound(weight, 0, sum);
        uint256 before = bound(weightBefore, 0, sum - own);
        uint256 exactDown = uint256(total) * own / sum;

        uint256 part = nextPart(total, before, own, sum);

        assertGe(part, exactDown, "at least rounded down");
        assertLe(part, exactDown + 1, "at most a unit more");
        if (uint256(total) * own % sum == 0) assertEq(part, exactDown, "exact where it divides");
    }

    function sumOf(uint104[8] memory weights) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < weights.length; ++i) {
            sum += weights[i];
        }
    }
}
