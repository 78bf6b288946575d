// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {TickPrice} from "../../contracts/src/libraries/TickPrice.sol";
import {Pools} from "./base/Pools.sol";

/// @dev Against genuine v3-core: a pool says to which tick a root belongs, so a root is right to the last bit when it
/// belongs to its tick and the next lower root does not.
contract TickPriceTest is Pools {
    int24 constant MAX_TICK = 887_272;

    IUniswapV3Pool pool;
    IUniswapV3Pool otherPool;

    function setUp() public {
        (pool,,) = createPool(18, 6, true);
        (otherPool,,) = createPool(18, 6, true);
    }

    function testFuzz_SqrtPriceX96_IsThePoolsOwn(uint256 seed) public {
        int24 tick = int24(int256(bound(seed, 0, 2 * 887_272 - 2))) - MAX_TICK + 1;
        _expectPoolsOwn(tick);
    }

    /// @dev Each of the twenty factors alone, in both signs.
    function test_SqrtPriceX96_IsThePoolsOwn_ForEveryFactor() public {
        for (uint256 i = 0; i < 20; i++) {
            _expectPoolsOwn(int24(int256(1 << i)));
            _expectPoolsOwn(-int24(int256(1 << i)));
        }
        _expectPoolsOwn(0);
    }

    /// @dev v3-core's MIN_SQRT_RATIO and MAX_SQRT_RATIO.
    function test_SqrtPriceX96_AtTheEnds() public pure {
        assertEq(TickPrice.sqrtPriceX96(-MAX_TICK), 4295128739, "lowest");
        assertEq(TickPrice.sqrtPriceX96(MAX_TICK), 1461446703485210103287273052203988822378723970342, "highest");
    }

    function test_RevertWhen_TickIsOutOfRange() public {
        _expectBadTick(MAX_TICK + 1);
        _expectBadTick(-MAX_TICK - 1);
        _expectBadTick(type(int24).max);
        _expectBadTick(type(int24).min);
    }

    /// @dev 1.0001^tick * 10^(18 + baseDecimals - quoteDecimals), computed with 150 digits elsewhere.
    function test_ToWad_IsThePowerItStandsFor() public pure {
        _expectPrice(0, 18, 18, 1000000000000000000);
        _expectPrice(-290186, 18, 6, 250041581039338841);
        _expectPrice(290186, 6, 18, 3999334814007078293);
        _expectPrice(196255, 8, 18, 33328841707151970);
        _expectPrice(-887272, 24, 0, 2938);
        _expectPrice(887272, 0, 6, 340256786836388094050805785052946541066751507546701);
        _expectPrice(-100000, 0, 24, 0);
        _expectPrice(443636, 18, 18, 18446050711097703529776342895396472065);
        _expectPrice(443637, 18, 18, 18447895316168813300129320529686011712);
        _expectPrice(-1, 6, 24, 0);
        _expectPrice(552647, 0, 24, 999894722886779433);
    }

    function testFuzz_ToWad_OfTheOppositeTickIsTheInverse(uint256 seed, uint256 baseDecimals, uint256 quoteDecimals)
        public
        pure
    {
        int24 tick = int24(int256(bound(seed, 0, 200_000))) - 100_000;
        baseDecimals = bound(baseDecimals, 0, 24);
        quoteDecimals = bound(quoteDecimals, baseDecimals < 3 ? 0 : baseDecimals - 3, baseDecimals + 3);

        uint256 price = TickPrice.toWad(tick, uint8(baseDecimals), uint8(quoteDecimals));
        uint256 inverse = TickPrice.toWad(-tick, uint8(quoteDecimals), uint8(baseDecimals));

        _assertClose(price * inverse, 1e36);
    }

    function test_RevertWhen_PriceOverflows() public {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.toWad(MAX_TICK, 24, 0);
    }

    function toWad(int24 tick, uint8 baseDecimals, uint8 quoteDecimals) external pure returns (uint256) {
        return TickPrice.toWad(tick, baseDecimals, quoteDecimals);
    }

    function sqrtPriceX96(int24 tick) external pure returns (uint160) {
        return TickPrice.sqrtPriceX96(tick);
    }

    function _expectPoolsOwn(int24 tick) private {
        uint256 state = vm.snapshotState();
        uint160 root = TickPrice.sqrtPriceX96(tick);
        pool.initialize(root);
        otherPool.initialize(root - 1);
        (, int24 tickOfRoot,,,,,) = pool.slot0();
        (, int24 tickBelow,,,,,) = otherPool.slot0();
        assertTrue(tickOfRoot == tick, "root belongs to its tick");
        assertTrue(tickBelow == tick - 1, "the next lower root does not");
        vm.revertToState(state);
    }

    function _expectBadTick(int24 tick) private {
        vm.expectRevert(abi.encodeWithSelector(TickPrice.TickPrice_BadTick.selector, tick));
        this.sqrtPriceX96(tick);
    }

    function _expectPrice(int24 tick, uint8 baseDecimals, uint8 quoteDecimals, uint256 wad) private pure {
        _assertClose(TickPrice.toWad(tick, baseDecimals, quoteDecimals), wad);
    }

    /// @dev To nine digits, or to the last one.
    function _assertClose(uint256 actual, uint256 expected) private pure {
        uint256 tolerance = expected / 1e9 + 1;
        assertLe(actual, expected + tolerance, "not above");
        assertGe(actual + tolerance, expected, "not below");
    }
}
