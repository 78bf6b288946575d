// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {RateOracle} from "../../contracts/src/RateOracle.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {Rate} from "../../contracts/src/types/Rate.sol";
import {Exact} from "./base/Exact.sol";
import {PoolToken} from "./base/Pools.sol";
import {Test} from "./base/Test.sol";
import {ToldSource} from "./base/ToldSource.sol";

/// @dev Every path of the oracle from a feed's answer to an amount, across the decimals of tokens and of feeds. The
/// model is the exact fraction that the answers are (`answer / 10^feedDecimals`), compared by multiplying back.
contract RatePathsTest is Test {
    /// What is priced, by a feed in another asset.
    struct Priced {
        address asset;
        uint8 decimals;
        uint256 answer;
        uint8 feedDecimals;
    }

    address constant USD = address(840);
    uint256 constant NOW = 1_800_000_000;
    /// What `IRateOracle.rate` promises at the edge of the range: off by less than 4 parts in 1e6.
    uint256 constant MILLION = 1e6;

    RateOracle oracle;

    function setUp() public {
        vm.warp(NOW);
        oracle = new RateOracle(address(new MatiAccess(address(this))));
    }

    function testFuzz_Direct_IsTheAnswerRoundedDown(uint256 seed, uint112 amount) public {
        address quote = _unpriced(_pick(seed, 0));
        Priced memory base = _price(seed, 1, quote, 1e6, 1e30);

        Rate memory rate = oracle.rate(base.asset, quote);

        // wad / 1e18 against answer / 10^feedDecimals.
        _expectDown(rate.wad, 10 ** base.feedDecimals, base.answer, 1e18);
        _expectAmounts(rate, base.decimals, _pick(seed, 0), amount);
    }

    function testFuzz_Inverse_IsTheReciprocalRoundedDown(uint256 seed, uint112 amount) public {
        address base = _unpriced(_pick(seed, 0));
        Priced memory quote = _price(seed, 1, base, 1e6, 1e30);
        uint256 priceWad = oracle.rate(quote.asset, base).wad;

        Rate memory rate = oracle.rate(base, quote.asset);

        // wad / 1e18 against 1e18 / priceWad, and so against the answer itself where that has an exact WAD.
        _expectDown(rate.wad, priceWad, 1e18, 1e18);
        if (quote.feedDecimals <= 18) _expectDown(rate.wad, quote.answer, 1e18, 10 ** quote.feedDecimals);
        _expectAmounts(rate, _pick(seed, 0), quote.decimals, amount);
    }

    function testFuzz_ViaUsd_IsTheQuotientRoundedDown(uint256 seed, uint112 amount) public {
        Priced memory base = _price(seed, 0, USD, 1e12, 1e24);
        Priced memory quote = _price(seed, 1, USD, 1e12, 1e24);

        Rate memory rate = oracle.rate(base.asset, quote.asset);

        // wad / 1e18 against (base answer / 10^f) / (quote answer / 10^g).
        uint256 left = quote.answer * 10 ** base.feedDecimals;
        uint256 right = 1e18 * 10 ** quote.feedDecimals;
        if (base.feedDecimals <= 18 && quote.feedDecimals <= 18) _expectDown(rate.wad, left, base.answer, right);
        else _expectNear(rate.wad, left, base.answer, right);
        _expectAmounts(rate, base.decimals, quote.decimals, amount);
    }

    /// @dev A token priced in a second one, in a third: three answers. Each step rounds down.
    function testFuzz_OverAToken_IsTheProductOfThreeAnswers(uint256 seed, uint112 amount) public {
        Priced memory token = _price(seed, 0, USD, 1e15, 1e21);
        Priced memory base = _price(seed, 1, token.asset, 1e15, 1e21);
        Priced memory quote = _price(seed, 2, USD, 1e15, 1e21);

        Rate memory rate = oracle.rate(base.asset, quote.asset);

        // wad / 1e18 against (base / 10^f) * (token / 10^t) / (quote / 10^g).
        uint256 left = quote.answer * 10 ** base.feedDecimals;
        uint256 right = base.answer * token.answer;
        uint256 scale = 10 ** (18 + quote.feedDecimals);
        // The token's decimals of the answer go where there is room: answers here are below 10^(3 + decimals).
        _expectNear(rate.wad * 10 ** token.feedDecimals, left, right, scale);
        if (base.feedDecimals <= 18 && token.feedDecimals <= 18 && quote.feedDecimals <= 18) {
            assertTrue(Exact.isAtMost(rate.wad * 10 ** token.feedDecimals, left, right, scale), "not above");
        }
        _expectAmounts(rate, base.decimals, quote.decimals, amount);
    }

    /// @dev There at one rate and back at its inverse, nobody gains: the product of both is at most 1.
    function testFuzz_ThereAndBack_GainsNothing(uint256 seed) public {
        Priced memory base = _price(seed, 0, USD, 1e12, 1e24);
        Priced memory quote = _price(seed, 1, USD, 1e12, 1e24);

        uint256 there = oracle.rate(base.asset, quote.asset).wad;
        uint256 back = oracle.rate(quote.asset, base.asset).wad;

        assertLe(there * back, 1e36, "product");
    }

    /// @dev What anybody takes out is rounded down, what he owes up, by the rate there is.
    function _expectAmounts(Rate memory rate, uint8 baseDecimals, uint8 quoteDecimals, uint256 amount) private pure {
        assertEq(rate.baseDecimals, baseDecimals, "baseDecimals");
        assertEq(rate.quoteDecimals, quoteDecimals, "quoteDecimals");
        uint256 n = rate.wad * 10 ** quoteDecimals;
        uint256 d = 10 ** (18 + uint256(baseDecimals));
        _expectDown(rate.toQuoteDown(amount), d, amount, n);
        _expectDown(rate.toBaseDown(amount), n, amount, d);
        uint256 up = rate.toQuoteUp(amount);
        assertTrue(Exact.isAtMost(amount, n, up, d), "up: not below");
        assertTrue(up == 0 || !Exact.isAtMost(amount, n, up - 1, d), "up: by less than one");
        assertGe(rate.toBaseDown(up), amount, "up and back");
    }

    /// @dev `value` is right / left rounded down, the sides being value * left and a * b.
    function _expectDown(uint256 value, uint256 left, uint256 a, uint256 b) private pure {
        assertTrue(Exact.isAtMost(value, left, a, b), "not above");
        assertTrue(!Exact.isAtMost(value + 1, left, a, b), "by less than one");
    }

    /// @dev value * left is a * b but for less than 4e-6 of it.
    function _expectNear(uint256 value, uint256 left, uint256 a, uint256 b) private pure {
        assertTrue(Exact.isAtMost(value * MILLION, left, a * (MILLION + 4), b), "not far above");
        assertTrue(Exact.isAtMost(a * (MILLION - 4), b, value * MILLION, left), "not far below");
    }

    /// @dev A new token of any of the decimals, priced at any size between the two by a feed of any of the decimals.
    function _price(uint256 seed, uint256 which, address quote, uint256 minWad, uint256 maxWad)
        private
        returns (Priced memory priced)
    {
        seed = uint256(keccak256(abi.encode(seed, which)));
        priced.decimals = _pick(seed, 0);
        priced.feedDecimals = _pick(seed, 1);
        priced.asset = address(new PoolToken(priced.decimals));
        uint256 max = _toAnswer(maxWad, priced.feedDecimals);
        uint256 min = _toAnswer(minWad, priced.feedDecimals);
        if (min == 0) min = 1;
        uint256 size = min;
        for (uint256 steps = seed >> 32; steps % 32 != 0 && size * 10 <= max; steps -= 1) {
            size *= 10;
        }
        priced.answer = bound(seed >> 40, size, size * 10 < max ? size * 10 : max);
        MockV3Aggregator feed = new MockV3Aggregator(priced.feedDecimals, int256(priced.answer));
        oracle.setSource(priced.asset, new ChainlinkSource(address(feed), quote, 1, min, max, address(0), 0));
    }

    /// @dev A new token that another one's source is quoted in. It needs a source for the oracle to know its decimals; that
    /// one's price, here none, has no part in it.
    function _unpriced(uint8 decimals) private returns (address token) {
        token = address(new PoolToken(decimals));
        oracle.setSource(token, new ToldSource(USD, 0, 0, 0));
    }

    function _toAnswer(uint256 wad, uint8 feedDecimals) private pure returns (uint256) {
        return feedDecimals <= 18 ? wad / 10 ** (18 - feedDecimals) : wad * 10 ** (feedDecimals - 18);
    }

    function _pick(uint256 seed, uint256 which) private pure returns (uint8) {
        uint8[5] memory choice = [0, 6, 8, 18, 24];
        return choice[(seed >> 8 * which) % 256 % 5];
    }
}
