// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rate} from "../../../contracts/src/types/Rate.sol";
import {Exact} from "../base/Exact.sol";
import {Test} from "../base/Test.sol";

/// @dev The arithmetic that all money goes through, over all rates, decimals and amounts there are. With n = wad *
/// 10^quoteDecimals and d = 10^(18 + baseDecimals), an amount x of the base is worth x * n / d units of the quote: what
/// the functions give is compared with that fraction by multiplying back in 512 bits.
contract RateTest is Test {
    uint256 constant MIN_WAD = 1e6;
    uint256 constant MAX_WAD = 1e30;

    function testFuzz_ToQuoteDown_IsTheWorthRoundedDown(uint256 wad, uint256 decimals, uint112 amount) public pure {
        (Rate memory rate, uint256 n, uint256 d) = _rate(wad, decimals);

        uint256 quote = rate.toQuoteDown(amount);

        assertTrue(Exact.isAtMost(quote, d, amount, n), "not above the worth");
        assertTrue(!Exact.isAtMost(quote + 1, d, amount, n), "the next unit is");
    }

    function testFuzz_ToQuoteUp_IsTheWorthRoundedUp(uint256 wad, uint256 decimals, uint112 amount) public pure {
        (Rate memory rate, uint256 n, uint256 d) = _rate(wad, decimals);

        uint256 quote = rate.toQuoteUp(amount);

        assertTrue(Exact.isAtMost(amount, n, quote, d), "not below the worth");
        assertTrue(quote == 0 || !Exact.isAtMost(amount, n, quote - 1, d), "the unit before is");
    }

    function testFuzz_ToBaseDown_IsTheCostRoundedDown(uint256 wad, uint256 decimals, uint112 amount) public pure {
        (Rate memory rate, uint256 n, uint256 d) = _rate(wad, decimals);

        uint256 base = rate.toBaseDown(amount);

        assertTrue(Exact.isAtMost(base, n, amount, d), "not above the cost");
        assertTrue(!Exact.isAtMost(base + 1, n, amount, d), "the next unit is");
    }

    /// @dev Whoever is owed what an amount is worth, rounded up, may take that amount again; rounded down, no more.
    function testFuzz_ThereAndBack_FavoursTheSideThatTheRoundingNames(uint256 wad, uint256 decimals, uint112 amount)
        public
        pure
    {
        (Rate memory rate,,) = _rate(wad, decimals);
        assertGe(rate.toBaseDown(rate.toQuoteUp(amount)), amount, "up and back");
        assertLe(rate.toBaseDown(rate.toQuoteDown(amount)), amount, "down and back");
    }

    /// @dev What is taken of a hold for a due is never worth more than the due, and a unit more is worth all of it.
    function testFuzz_BackAndThere_NeverTakesMoreThanIsOwed(uint256 wad, uint256 decimals, uint112 due) public pure {
        (Rate memory rate,,) = _rate(wad, decimals);
        uint256 taken = rate.toBaseDown(due);
        assertLe(rate.toQuoteUp(taken), due, "what was taken");
        assertGe(rate.toQuoteDown(taken + 1), due, "a unit more");
    }

    function testFuzz_Parts_ComeToTheWholeOrAUnitLess(uint256 wad, uint256 decimals, uint112 whole, uint112 part)
        public
        pure
    {
        (Rate memory rate,,) = _rate(wad, decimals);
        part = uint112(bound(part, 0, whole));
        uint256 rest = whole - part;

        uint256 down = rate.toQuoteDown(part) + rate.toQuoteDown(rest);
        assertLe(down, rate.toQuoteDown(whole), "down, at most");
        assertGe(down + 1, rate.toQuoteDown(whole), "down, at least");
        uint256 up = rate.toQuoteUp(part) + rate.toQuoteUp(rest);
        assertGe(up, rate.toQuoteUp(whole), "up, at least");
        assertLe(up, rate.toQuoteUp(whole) + 1, "up, at most");
        uint256 base = rate.toBaseDown(part) + rate.toBaseDown(rest);
        assertLe(base, rate.toBaseDown(whole), "base, at most");
        assertGe(base + 1, rate.toBaseDown(whole), "base, at least");
    }

    /// @dev Prices of every size are as likely: a uniform one would nearly always be above 1e28.
    function _rate(uint256 wad, uint256 decimals) private pure returns (Rate memory rate, uint256 n, uint256 d) {
        uint256 size = 10 ** (6 + wad % 25);
        wad = bound(wad / 25, size, size * 10 - 1);
        if (wad > MAX_WAD) wad = MAX_WAD;
        if (decimals % 64 == 0) wad = MIN_WAD;
        uint8 baseDecimals = uint8(decimals / 64 % 25);
        uint8 quoteDecimals = uint8(decimals / 64 / 25 % 25);
        rate = Rate(wad, baseDecimals, quoteDecimals, 0, 0, 0);
        n = wad * 10 ** quoteDecimals;
        d = 10 ** (18 + uint256(baseDecimals));
    }
}

/// @dev What the tests above stand on, where the answer is known without it.
contract ExactTest is Test {
    function test_Multiply_AtTheEnds() public pure {
        _expectProduct(0, type(uint256).max, 0, 0);
        _expectProduct(1, type(uint256).max, 0, type(uint256).max);
        _expectProduct(1 << 128, 1 << 128, 1, 0);
        // (2^256 - 1)^2 = (2^256 - 2) * 2^256 + 1
        _expectProduct(type(uint256).max, type(uint256).max, type(uint256).max - 1, 1);
    }

    /// @dev Modulo 2^256 and modulo 2^256 - 1, where 2^256 is 1: two numbers below 2^512 - 2^256 with both the same are
    /// one.
    function testFuzz_Multiply_AgreesWithTheMachine(uint256 a, uint256 b) public pure {
        (uint256 high, uint256 low) = Exact.multiply(a, b);
        uint256 wrapped;
        unchecked {
            wrapped = a * b;
        }
        assertEq(low, wrapped, "low");
        assertEq(addmod(high, low, type(uint256).max), mulmod(a, b, type(uint256).max), "high and low");
    }

    function test_IsAtMost_TellsAUnit() public pure {
        uint256 big = 1 << 200;
        assertTrue(Exact.isAtMost(big, big, big, big), "equal");
        assertTrue(Exact.isAtMost(big, big - 1, big, big), "below");
        assertTrue(!Exact.isAtMost(big, big, big, big - 1), "above");
        assertTrue(!Exact.isAtMost(1, 1, 1, 0), "above, small");
    }

    function _expectProduct(uint256 a, uint256 b, uint256 high, uint256 low) private pure {
        (uint256 highGot, uint256 lowGot) = Exact.multiply(a, b);
        assertEq(highGot, high, "high");
        assertEq(lowGot, low, "low");
    }
}
