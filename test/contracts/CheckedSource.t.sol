// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IRateSource} from "../../contracts/src/interfaces/IRateSource.sol";
import {TickPrice} from "../../contracts/src/libraries/TickPrice.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {CheckedSource} from "../../contracts/src/sources/CheckedSource.sol";
import {CrossSource} from "../../contracts/src/sources/CrossSource.sol";
import {UniswapV3TwapSource} from "../../contracts/src/sources/UniswapV3TwapSource.sol";
import {PoolToken, Pools} from "./base/Pools.sol";
import {Test} from "./base/Test.sol";
import {requireSameTogether, ToldSource} from "./base/ToldSource.sol";

/// @dev Invariant 7: no price leaves the source that its reference does not bear out.
contract CheckedSourceTest is Test {
    address constant USD = address(840);
    uint40 constant NOW = 1_800_000_000;
    uint16 constant MAX_BPS = 200;

    ToldSource primary = new ToldSource(USD, 2500e18, 11, NOW - 10);
    ToldSource told = new ToldSource(USD, 2510e18, 22, NOW - 20);
    CheckedSource source = new CheckedSource(primary, told, MAX_BPS);

    function test_Constructor_KeepsItsArguments() public view {
        assertEq(address(source.primarySource()), address(primary), "primarySource");
        assertEq(address(source.referenceSource()), address(told), "referenceSource");
        assertEq(source.quoteAsset(), USD, "quoteAsset");
        assertEq(source.maxDeviationBps(), MAX_BPS, "maxDeviationBps");
    }

    function test_Read_GivesWhatThePrimarySays() public view {
        _expectPrice(2500e18, 11, NOW - 10);
    }

    function test_Read_TakesADeviationOfExactlyTheBound() public {
        told.tell(2550e18, 22, NOW);
        _expectPrice(2500e18, 11, NOW - 10);

        primary.tell(2550e18, 11, NOW);
        told.tell(2500e18, 22, NOW);
        _expectPrice(2550e18, 11, NOW);
    }

    function test_RevertWhen_TheReferenceIsHigher() public {
        _expectApart(2500e18, 2550e18 + 1);
        _expectApart(2500e18, 1e30);
    }

    function test_RevertWhen_TheReferenceIsLower() public {
        _expectApart(2550e18 + 1, 2500e18);
        _expectApart(1e30, 1e6);
    }

    function test_RevertWhen_TheReferenceIsZero() public {
        _expectApart(2500e18, 0);
    }

    /// @dev The independent formula divides, with the remainder spelled out, where the source multiplies across.
    function testFuzz_Read_IsRefusedIfAndOnlyIfBothAreApart(uint256 wad, uint256 referenceWad, uint16 maxBps) public {
        maxBps = uint16(bound(maxBps, 1, 10_000));
        wad = bound(wad, 1e6, 1e30);
        // Within three times the bound, so that both outcomes are reached.
        referenceWad =
            bound(referenceWad, wad * 10_000 / (10_000 + 3 * uint256(maxBps)), wad + wad * 3 * maxBps / 10_000);
        source = new CheckedSource(primary, told, maxBps);
        primary.tell(wad, 11, NOW);
        told.tell(referenceWad, 22, NOW);
        uint256 low = wad < referenceWad ? wad : referenceWad;
        uint256 allowed = low / 10_000 * maxBps + low % 10_000 * maxBps / 10_000;

        try source.read() returns (uint256 read, uint80, uint40) {
            assertEq(read, wad, "wad");
            assertLe(wad + referenceWad - 2 * low, allowed, "apart");
        } catch (bytes memory reason) {
            assertEq(reason, _apart(wad, referenceWad, maxBps), "reason");
            assertGe(wad + referenceWad - 2 * low, allowed + 1, "together");
        }
    }

    // Unavailable

    function test_RevertWhen_ThePrimaryRefuses_WithItsReason() public {
        bytes memory reason = _break(primary);
        vm.expectRevert(reason);
        source.read();
    }

    function test_RevertWhen_TheReferenceRefuses_WithItsReason() public {
        bytes memory reason = _break(told);
        vm.expectRevert(abi.encodeWithSelector(CheckedSource.CheckedSource_ReferenceUnavailable.selector, reason));
        source.read();
    }

    // Together

    function test_ReadTogether_AsksBoth() public {
        requireSameTogether(source);

        primary.setApart(true);
        vm.expectRevert("apart");
        source.readTogether();

        primary.setApart(false);
        told.setApart(true);
        bytes memory reason = abi.encodeWithSignature("Error(string)", "apart");
        vm.expectRevert(abi.encodeWithSelector(CheckedSource.CheckedSource_ReferenceUnavailable.selector, reason));
        source.readTogether();
    }

    /// @dev What a pool's present price is must not decide whether a capture has a rate.
    function test_Read_AsksNobodyForThePresentMarket() public {
        primary.setApart(true);
        told.setApart(true);
        _expectPrice(2500e18, 11, NOW - 10);
    }

    // Construction

    function test_RevertWhen_ConfigMakesNoSense() public {
        IRateSource nothing = IRateSource(makeAddress("nothing"));
        ToldSource inEur = new ToldSource(address(978), 1e18, 1, NOW);
        _expectBadConfig("primary", nothing, told, MAX_BPS);
        _expectBadConfig("reference", primary, nothing, MAX_BPS);
        _expectBadConfig("reference", primary, primary, MAX_BPS);
        _expectBadConfig("quoteAsset", primary, inEur, MAX_BPS);
        _expectBadConfig("maxDeviationBps", primary, told, 0);
        _expectBadConfig("maxDeviationBps", primary, told, 10_001);
    }

    function test_Constructor_TakesTheEdges() public {
        assertEq(new CheckedSource(primary, told, 1).maxDeviationBps(), 1, "least");
        assertEq(new CheckedSource(primary, told, 10_000).maxDeviationBps(), 10_000, "most");
    }

    function _break(IRateSource broken) private returns (bytes memory reason) {
        reason = abi.encodeWithSignature("Error(string)", "no price");
        vm.mockCallRevert(address(broken), abi.encodeCall(IRateSource.read, ()), reason);
    }

    function _apart(uint256 wad, uint256 referenceWad, uint256 maxBps) private pure returns (bytes memory) {
        return abi.encodeWithSelector(CheckedSource.CheckedSource_Apart.selector, wad, referenceWad, maxBps);
    }

    function _expectPrice(uint256 wad, uint80 roundId, uint40 updatedAt) private view {
        (uint256 wadRead, uint80 roundIdRead, uint40 updatedAtRead) = source.read();
        assertEq(wadRead, wad, "wad");
        assertEq(roundIdRead, roundId, "roundId");
        assertEq(updatedAtRead, updatedAt, "updatedAt");
    }

    function _expectApart(uint256 wad, uint256 referenceWad) private {
        primary.tell(wad, 11, NOW);
        told.tell(referenceWad, 22, NOW);
        vm.expectRevert(_apart(wad, referenceWad, MAX_BPS));
        source.read();
    }

    function _expectBadConfig(string memory parameter, IRateSource primary_, IRateSource reference_, uint16 maxBps)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(CheckedSource.CheckedSource_BadConfig.selector, parameter));
        new CheckedSource(primary_, reference_, maxBps);
    }
}

/// @dev A feed in USD beside a genuine pool against a dollar token, whose own feed makes USD of it.
contract CheckedFeedTest is Pools {
    address constant USD = address(840);
    uint256 constant START = 1_800_000_000;
    uint32 constant WINDOW = 30 minutes;
    uint32 constant HISTORY = WINDOW + 1 hours;
    uint128 constant LIQUIDITY = 5e17;
    /// 1.0001^TICK = 2500e6 / 1e18, rounded down.
    int24 constant TICK = -198_080;
    uint16 constant MAX_BPS = 200;

    IUniswapV3Pool pool;
    PoolToken weth;
    PoolToken usdc;
    MockV3Aggregator feed = new MockV3Aggregator(8, 2500e8);
    MockV3Aggregator usdcFeed = new MockV3Aggregator(8, 1e8);
    UniswapV3TwapSource twap;
    CheckedSource source;

    function setUp() public {
        vm.warp(START);
        (pool, weth, usdc) = createPool(18, 6, true);
        open(pool, TICK, LIQUIDITY, 20);
        // A little below: the mean's rounding is not what these tests are about.
        twap = new UniswapV3TwapSource(address(pool), address(weth), WINDOW, LIQUIDITY - 1e9, 10_000);
        source = _source(MAX_BPS);
        vm.warp(START + HISTORY);
        feed.updateAnswer(2500e8);
        usdcFeed.updateAnswer(1e8);
    }

    function test_Read_GivesTheFeedsPrice() public view {
        assertEq(_wad(), 2500e18, "wad");
    }

    function test_RevertWhen_TheFeedIsApartFromThePool() public {
        feed.updateAnswer(2551e8);
        _expectApart(2551e18, TickPrice.toWad(TICK, 18, 6));
    }

    /// @dev The dollar token has lost 3%: the pool's price in USD is that much lower.
    function test_RevertWhen_ThePoolsQuoteLostItsPeg() public {
        usdcFeed.updateAnswer(0.97e8);
        _expectApart(2500e18, TickPrice.toWad(TICK, 18, 6) * 97 / 100);
    }

    /// @dev Ten times the price, or a pool without its liquidity, in the same transaction.
    function test_Read_IsUnmovedByWhatIsDoneInItsOwnBlock() public {
        moveTo(pool, TICK + 23_027);
        assertEq(_wad(), 2500e18, "moved");

        pool.burn(-FULL_RANGE, FULL_RANGE, LIQUIDITY);
        assertEq(_wad(), 2500e18, "emptied");
    }

    /// @dev Any trade of the block before, but held to its end: the worst case that the contract tells of.
    function test_RevertWhen_AFalsePriceWasHeldForABlock_IfTheBoundIsBelowIt() public {
        moveTo(pool, TICK + 23_027);
        vm.warp(START + HISTORY + 12);
        assertEq(_wad(), 2500e18, "a bound of 200");

        source = _source(100);
        _expectApart(2500e18, TickPrice.toWad(TICK + 153, 18, 6));
    }

    function test_Read_AgainOnceTheFalsePriceHasLeftTheMean() public {
        source = _source(100);
        moveTo(pool, TICK + 23_027);
        vm.warp(START + HISTORY + 12);
        moveTo(pool, TICK);
        vm.warp(START + HISTORY + 12 + WINDOW);

        assertEq(_wad(), 2500e18, "wad");
    }

    function test_RevertWhen_ThePoolRanDry() public {
        pool.burn(-FULL_RANGE, FULL_RANGE, LIQUIDITY);
        vm.warp(START + HISTORY + WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                CheckedSource.CheckedSource_ReferenceUnavailable.selector,
                abi.encodeWithSelector(
                    UniswapV3TwapSource.UniswapV3TwapSource_LiquidityTooLow.selector, 1, LIQUIDITY - 1e9
                )
            )
        );
        source.read();
    }

    /// @dev For settlements the pool's present price counts, and a keeper chooses the moment.
    function test_ReadTogether_RevertWhen_ThePoolIsMovedInTheSameBlock() public {
        requireSameTogether(source);
        moveTo(pool, TICK + 23_027);
        vm.expectRevert(
            abi.encodeWithSelector(
                CheckedSource.CheckedSource_ReferenceUnavailable.selector,
                abi.encodeWithSelector(
                    UniswapV3TwapSource.UniswapV3TwapSource_Apart.selector,
                    TickPrice.toWad(TICK, 18, 6),
                    TickPrice.toWad(TICK + 23_027, 18, 6),
                    10_000
                )
            )
        );
        source.readTogether();
    }

    function _source(uint16 maxBps) private returns (CheckedSource) {
        return new CheckedSource(_feedSource(feed), new CrossSource(twap, _feedSource(usdcFeed)), maxBps);
    }

    function _feedSource(MockV3Aggregator feed_) private returns (ChainlinkSource) {
        return new ChainlinkSource(address(feed_), USD, 1 days, 1, 1e20, address(0), 0);
    }

    function _wad() private view returns (uint256 wad) {
        (wad,,) = source.read();
    }

    function _expectApart(uint256 wad, uint256 referenceWad) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                CheckedSource.CheckedSource_Apart.selector, wad, referenceWad, source.maxDeviationBps()
            )
        );
        source.read();
    }
}
