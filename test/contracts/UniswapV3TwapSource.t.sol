// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {TickPrice} from "../../contracts/src/libraries/TickPrice.sol";
import {UniswapV3TwapSource} from "../../contracts/src/sources/UniswapV3TwapSource.sol";
import {PoolToken, Pools} from "./base/Pools.sol";
import {requireSameTogether} from "./base/ToldSource.sol";

/// @dev Invariant 7, over genuine Uniswap v3 pools: a token of 18 decimals at about 0.25 of one of 6 decimals.
contract UniswapV3TwapSourceTest is Pools {
    uint256 constant START = 1_800_000_000;
    uint32 constant WINDOW = 30 minutes;
    uint32 constant HISTORY = WINDOW + 1 hours;
    uint128 constant LIQUIDITY = 5e17;
    /// A little below: the mean's rounding is not what most of these tests are about.
    uint128 constant MIN_LIQUIDITY = LIQUIDITY - 1e9;
    uint16 constant CARDINALITY = 20;
    /// 1.0001^TICK = 0.25e6 / 1e18, rounded down.
    int24 constant TICK = -290_188;
    uint256 constant LOWEST = 1e6;
    uint256 constant HIGHEST = 1e30;

    IUniswapV3Pool pool;
    PoolToken base;
    PoolToken quote;
    UniswapV3TwapSource source;

    function setUp() public {
        vm.warp(START);
        (pool, base, quote) = createPool(18, 6, true);
        open(pool, TICK, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
    }

    function test_Constructor_KeepsItsArguments() public {
        source = new UniswapV3TwapSource(address(pool), address(base), WINDOW, LIQUIDITY, 500);
        assertEq(address(source.pool()), address(pool), "pool");
        assertEq(source.base(), address(base), "base");
        assertEq(source.quoteAsset(), address(quote), "quoteAsset");
        assertEq(source.window(), WINDOW, "window");
        assertEq(source.minLiquidity(), LIQUIDITY, "minLiquidity");
        assertEq(source.maxChangeBpsPerHour(), 500, "maxChangeBpsPerHour");
        assertEq(source.baseDecimals(), 18, "baseDecimals");
        assertEq(source.quoteDecimals(), 6, "quoteDecimals");
    }

    // Price

    function test_Read_GivesThePriceTheRoundAndTheTime() public {
        vm.warp(START + HISTORY);

        (uint256 wad, uint80 roundId, uint40 updatedAt) = source.read();

        (uint160 root,,,,,,) = pool.slot0();
        assertEq(wad, Math.mulDiv(uint256(root) * root, 1e30, 1 << 192), "the pool's own price");
        assertLe(wad, 0.25e18, "at most");
        assertGe(wad, 0.24997e18, "at least");
        assertEq(roundId, START + HISTORY, "roundId");
        assertEq(updatedAt, START + HISTORY, "updatedAt");
        requireSameTogether(source);
    }

    function test_Read_WhenTheBaseIsToken1() public {
        (pool, base, quote) = createPool(18, 6, false);
        open(pool, -TICK, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
        vm.warp(START + HISTORY);

        (uint256 wad,,) = source.read();

        assertEq(source.quoteAsset(), address(quote), "quoteAsset");
        assertEq(wad, TickPrice.toWad(TICK, 18, 6), "price");
        (uint160 root,,,,,,) = pool.slot0();
        uint256 ownPrice = Math.mulDiv(1 << 192, 1e30, uint256(root) * root);
        assertLe(wad > ownPrice ? wad - ownPrice : ownPrice - wad, 1e6, "the pool's own price, inverted");
    }

    /// @dev Two prices within the window: the mean is geometric, weighted by time, and rounded down to a tick for
    /// whoever holds the base, whichever token of the pool it is.
    function testFuzz_Read_MeansOverTime(bool baseIsToken0, uint256 first, uint256 second, uint256 secondsAtSecond)
        public
    {
        int24 tick1 = TICK + int24(int256(bound(first, 0, 4000))) - 2000;
        int24 tick2 = TICK + int24(int256(bound(second, 0, 4000))) - 2000;
        secondsAtSecond = bound(secondsAtSecond, 0, WINDOW);
        (pool, base, quote) = createPool(18, 6, baseIsToken0);
        open(pool, baseIsToken0 ? tick1 : -tick1, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
        vm.warp(START + HISTORY);
        if (tick1 != tick2) moveTo(pool, baseIsToken0 ? tick2 : -tick2);
        vm.warp(START + HISTORY + secondsAtSecond);

        (uint256 wad,,) = source.read();

        // Both ticks are far below zero, so rounding down is rounding the size up.
        uint256 size1 = uint256(-int256(tick1)) * (WINDOW - secondsAtSecond);
        uint256 size2 = uint256(-int256(tick2)) * secondsAtSecond;
        int24 mean = -int24(int256(Math.ceilDiv(size1 + size2, WINDOW)));
        assertEq(wad, TickPrice.toWad(mean, 18, 6), "price at the mean tick");
    }

    function test_Read_RoundsAPositiveMeanDown() public {
        (pool, base, quote) = createPool(18, 18, true);
        open(pool, 100, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, 1, 10_000);
        vm.warp(START + HISTORY);
        moveTo(pool, 102);
        vm.warp(START + HISTORY + WINDOW - 1);

        (uint256 wad,,) = source.read();

        assertEq(wad, TickPrice.toWad(101, 18, 18), "101.999 rounded down");
    }

    // Manipulation

    function test_Read_IsUnmovedByTradesOfItsOwnBlock() public {
        vm.warp(START + HISTORY);
        (uint256 before,,) = source.read();

        moveTo(pool, TICK + 23_027);

        (uint256 spot,,) = _spot();
        assertGe(spot, 9 * before, "ten times the price in slot0");
        (uint256 wad,,) = source.read();
        assertEq(wad, before, "price");
    }

    /// @dev Ten times the price, held for a block of 12 seconds: 12/1800 of 23,027 ticks.
    function test_Read_IsBarelyMovedByOneBlockAtAFalsePrice() public {
        vm.warp(START + HISTORY);
        (uint256 before,,) = source.read();
        moveTo(pool, TICK + 23_027);
        vm.warp(START + HISTORY + 12);

        (uint256 wad,,) = source.read();

        assertEq(wad, TickPrice.toWad(TICK + 153, 18, 6), "price");
        assertLe((wad - before) * 10_000 / before, 155, "basis points");
    }

    // History

    function test_RevertWhen_ThePoolIsTooYoung() public {
        vm.warp(START + HISTORY - 1);
        _expectHistoryTooShort(HISTORY - 1);

        vm.warp(START + HISTORY);
        source.read();
    }

    function test_RevertWhen_ThePoolWasNeverInitialized() public {
        (pool, base, quote) = createPool(18, 6, true);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
        _expectHistoryTooShort(0);
    }

    /// @dev `observe` would answer for the window alone; the price one hour before it is what is missing.
    function test_RevertWhen_ObservationsWereOverwritten() public {
        for (uint256 i = 1; i <= CARDINALITY; i++) {
            vm.warp(START + i * 5 minutes);
            touch(pool);
        }
        // Observation 0 of START is gone: the oldest is that of 5 minutes later.
        vm.warp(START + CARDINALITY * 5 minutes);
        (,, uint16 index, uint16 cardinality,,,) = pool.slot0();
        assertEq(index, 0, "the ring went round");
        assertEq(cardinality, CARDINALITY, "full ring");
        source.read();

        source = _source(WINDOW + 5 minutes + 1, MIN_LIQUIDITY, 10_000);
        assertEq(CARDINALITY * 5 minutes - 5 minutes, HISTORY + 5 minutes, "age");
        _expectHistoryTooShort(HISTORY + 5 minutes);
        source = _source(WINDOW + 5 minutes, MIN_LIQUIDITY, 10_000);
        source.read();
    }

    function test_RevertWhen_ThePoolKeepsOneObservationOnly() public {
        (pool, base, quote) = createPool(18, 6, true);
        open(pool, TICK, LIQUIDITY, 1);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
        vm.warp(START + HISTORY);
        source.read();

        touch(pool);
        vm.warp(START + HISTORY + 1 minutes);
        _expectHistoryTooShort(1 minutes);
    }

    /// @dev The pool's clock is modulo 2^32 (2106).
    function test_Read_AcrossTheWrapOfThePoolsClock() public {
        vm.warp(2 ** 32 - 1 hours);
        (pool, base, quote) = createPool(18, 6, true);
        open(pool, TICK, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, MIN_LIQUIDITY, 10_000);
        uint256 later = 2 ** 32 - 1 hours + uint256(HISTORY);

        vm.warp(later - 1);
        _expectHistoryTooShort(HISTORY - 1);

        vm.warp(later);
        (uint256 wad,, uint40 updatedAt) = source.read();
        assertEq(wad, TickPrice.toWad(TICK, 18, 6), "price");
        assertEq(updatedAt, later, "updatedAt");
    }

    // Liquidity

    function test_RevertWhen_LiquidityIsTooLow() public {
        vm.warp(START + HISTORY);
        source = _source(WINDOW, LIQUIDITY, 10_000);
        source.read();

        source = _source(WINDOW, LIQUIDITY + 1, 10_000);
        _expectLiquidityTooLow(LIQUIDITY, LIQUIDITY + 1);
    }

    /// @dev A quarter of the liquidity for half of the window: 1 / (1/2 + 4/2) of it in harmonic mean, less what
    /// Uniswap's own division of seconds by liquidity rounds away.
    function test_Liquidity_IsTheHarmonicMeanOverTheWindow() public {
        vm.warp(START + HISTORY);
        pool.burn(-FULL_RANGE, FULL_RANGE, LIQUIDITY / 4 * 3);
        vm.warp(START + HISTORY + WINDOW / 2);

        source = _source(WINDOW, LIQUIDITY * 2 / 5 - 1, 10_000);
        source.read();
        source = _source(WINDOW, LIQUIDITY * 2 / 5, 10_000);
        _expectLiquidityTooLow(LIQUIDITY * 2 / 5 - 1, LIQUIDITY * 2 / 5);
    }

    /// @dev Uniswap counts a pool without liquidity as one of 1.
    function test_RevertWhen_LiquidityIsGone() public {
        pool.burn(-FULL_RANGE, FULL_RANGE, LIQUIDITY);
        vm.warp(START + HISTORY);
        source = _source(WINDOW, 2, 10_000);
        _expectLiquidityTooLow(1, 2);
    }

    // Change

    function test_RevertWhen_ThePriceRoseTooMuch() public {
        _expectChangeBounded(TICK, TICK + 100, 101);
    }

    function test_RevertWhen_ThePriceFellTooMuch() public {
        _expectChangeBounded(TICK, TICK - 100, 101);
    }

    /// @dev From 1,000,000 to 1,000,100: one basis point to the unit.
    function test_Read_TakesAChangeOfExactlyTheBound() public {
        (pool, base, quote) = createPool(0, 12, true);
        open(pool, 0, LIQUIDITY, CARDINALITY);
        source = _source(WINDOW, MIN_LIQUIDITY, 1);
        vm.warp(START + HISTORY);
        moveTo(pool, 1);
        vm.warp(START + HISTORY + WINDOW);

        (uint256 wad,,) = source.read();

        assertEq(wad, LOWEST + 100, "price");
    }

    function test_RevertWhen_ThePriceMoreThanDoubled() public {
        // 1.0001^6931 is below 2, 1.0001^6932 above.
        vm.warp(START + HISTORY);
        moveTo(pool, TICK + 6932);
        vm.warp(START + HISTORY + WINDOW);
        _expectChangeTooLarge(TICK + 6932, TICK, 10_000);
    }

    function test_Read_AgainOnceThePriceHasSettled() public {
        vm.warp(START + HISTORY);
        moveTo(pool, TICK + 1000);
        source = _source(WINDOW, MIN_LIQUIDITY, 100);
        vm.warp(START + HISTORY + WINDOW);
        _expectChangeTooLarge(TICK + 1000, TICK, 100);

        // The mean of one hour ago begins to hold the new price for all of its window.
        vm.warp(START + HISTORY + HISTORY);
        (uint256 wad,,) = source.read();
        assertEq(wad, TickPrice.toWad(TICK + 1000, 18, 6), "price");
    }

    // Range and decimals

    function test_RevertWhen_ThePriceIsTooLow() public {
        _openAnother(0, 0, 12);
        (uint256 wad,,) = source.read();
        assertEq(wad, LOWEST, "lowest price");

        _openAnother(-1, 0, 12);
        uint256 tooLow = TickPrice.toWad(-1, 0, 12);
        vm.expectRevert(
            abi.encodeWithSelector(UniswapV3TwapSource.UniswapV3TwapSource_OutOfRange.selector, tooLow, LOWEST, HIGHEST)
        );
        source.read();
    }

    function test_RevertWhen_ThePriceIsTooHigh() public {
        _openAnother(0, 18, 6);
        (uint256 wad,,) = source.read();
        assertEq(wad, HIGHEST, "highest price");

        _openAnother(1, 18, 6);
        uint256 tooHigh = TickPrice.toWad(1, 18, 6);
        vm.expectRevert(
            abi.encodeWithSelector(
                UniswapV3TwapSource.UniswapV3TwapSource_OutOfRange.selector, tooHigh, LOWEST, HIGHEST
            )
        );
        source.read();
    }

    function test_RevertWhen_ATokenChangesItsDecimals() public {
        vm.warp(START + HISTORY);
        _expectDecimalsChanged(address(base), 18);
        _expectDecimalsChanged(address(quote), 6);
        source.read();
    }

    // Construction

    function test_RevertWhen_ConfigMakesNoSense() public {
        address p = address(pool);
        address b = address(base);
        _expectBadConfig("pool", address(0), b, WINDOW, LIQUIDITY, 500);
        _expectBadConfig("pool", makeAddress("nothing"), b, WINDOW, LIQUIDITY, 500);
        _expectBadConfig("base", p, address(this), WINDOW, LIQUIDITY, 500);
        _expectBadConfig("window", p, b, 30 minutes - 1, LIQUIDITY, 500);
        _expectBadConfig("window", p, b, 7 days + 1, LIQUIDITY, 500);
        _expectBadConfig("minLiquidity", p, b, WINDOW, 0, 500);
        _expectBadConfig("maxChangeBpsPerHour", p, b, WINDOW, LIQUIDITY, 0);
        _expectBadConfig("maxChangeBpsPerHour", p, b, WINDOW, LIQUIDITY, 10_001);
    }

    function test_Constructor_TakesTheEdges() public {
        assertEq(_source(7 days, 1, 1).window(), 7 days, "window");
        assertEq(_source(30 minutes, type(uint128).max, 10_000).window(), 30 minutes, "window");
    }

    function test_RevertWhen_ATokenHasTooManyDecimals() public {
        (pool, base, quote) = createPool(24, 24, true);
        source = _source(WINDOW, LIQUIDITY, 500);

        (pool, base, quote) = createPool(25, 6, true);
        _expectBadConfig("decimals", address(pool), address(base), WINDOW, LIQUIDITY, 500);
        _expectBadConfig("decimals", address(pool), address(quote), WINDOW, LIQUIDITY, 500);
    }

    function _source(uint32 window, uint128 minLiquidity, uint16 maxChangeBps) private returns (UniswapV3TwapSource) {
        return new UniswapV3TwapSource(address(pool), address(base), window, minLiquidity, maxChangeBps);
    }

    function _openAnother(int24 tick, uint8 baseDecimals, uint8 quoteDecimals) private {
        (pool, base, quote) = createPool(baseDecimals, quoteDecimals, true);
        open(pool, tick, LIQUIDITY, 1);
        source = _source(WINDOW, 1, 500);
        vm.warp(vm.getBlockTimestamp() + HISTORY);
    }

    /// @dev What the pool would say of the price right now: what must never be used.
    function _spot() private view returns (uint256 wad, uint160 root, int24 tick) {
        (root, tick,,,,,) = pool.slot0();
        wad = TickPrice.toWad(tick, 18, 6);
    }

    /// @dev `maxBps` is the lowest bound that allows a move of the mean price from one tick to the other in an hour.
    function _expectChangeBounded(int24 from, int24 to, uint16 maxBps) private {
        vm.warp(START + HISTORY);
        moveTo(pool, to);
        vm.warp(START + HISTORY + WINDOW);

        source = _source(WINDOW, MIN_LIQUIDITY, maxBps);
        (uint256 wad,,) = source.read();
        assertEq(wad, TickPrice.toWad(to, 18, 6), "price");

        source = _source(WINDOW, MIN_LIQUIDITY, maxBps - 1);
        _expectChangeTooLarge(to, from, maxBps - 1);
    }

    function _expectChangeTooLarge(int24 tick, int24 tickHourAgo, uint256 maxBps) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                UniswapV3TwapSource.UniswapV3TwapSource_ChangeTooLarge.selector,
                TickPrice.toWad(tick, 18, 6),
                TickPrice.toWad(tickHourAgo, 18, 6),
                maxBps
            )
        );
        source.read();
    }

    function _expectHistoryTooShort(uint256 age) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                UniswapV3TwapSource.UniswapV3TwapSource_HistoryTooShort.selector,
                age,
                uint256(source.window()) + 1 hours
            )
        );
        source.read();
    }

    function _expectLiquidityTooLow(uint256 liquidity, uint256 min) private {
        vm.expectRevert(
            abi.encodeWithSelector(UniswapV3TwapSource.UniswapV3TwapSource_LiquidityTooLow.selector, liquidity, min)
        );
        source.read();
    }

    function _expectDecimalsChanged(address token, uint8 expected) private {
        vm.mockCall(token, abi.encodeCall(IERC20Metadata.decimals, ()), abi.encode(uint8(7)));
        vm.expectRevert(
            abi.encodeWithSelector(
                UniswapV3TwapSource.UniswapV3TwapSource_DecimalsChanged.selector, token, uint8(7), expected
            )
        );
        source.read();
        vm.clearMockedCalls();
    }

    function _expectBadConfig(
        string memory parameter,
        address pool_,
        address base_,
        uint32 window,
        uint128 minLiquidity,
        uint16 maxChangeBps
    ) private {
        vm.expectRevert(abi.encodeWithSelector(UniswapV3TwapSource.UniswapV3TwapSource_BadConfig.selector, parameter));
        new UniswapV3TwapSource(pool_, base_, window, minLiquidity, maxChangeBps);
    }
}
