// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {IMatiEscrow} from "../../contracts/src/interfaces/IMatiEscrow.sol";
import {RateOracle} from "../../contracts/src/RateOracle.sol";
import {IMerchantRegistry} from "../../contracts/src/interfaces/IMerchantRegistry.sol";
import {ISignatureVerifier} from "../../contracts/src/interfaces/ISignatureVerifier.sol";
import {IRateOracle} from "../../contracts/src/interfaces/IRateOracle.sol";
import {IRateSource} from "../../contracts/src/interfaces/IRateSource.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {CheckedSource} from "../../contracts/src/sources/CheckedSource.sol";
import {CrossSource} from "../../contracts/src/sources/CrossSource.sol";
import {UniswapV3TwapSource} from "../../contracts/src/sources/UniswapV3TwapSource.sol";
import {Rate} from "../../contracts/src/types/Rate.sol";
import {PoolToken, Pools} from "./base/Pools.sol";
import {ToldSource} from "./base/ToldSource.sol";

/// @dev Invariant 7: no rate from an invalid, stale or out-of-bounds price.
contract RateOracleTest is Pools {
    address constant USD = address(840);
    address constant EUR = address(978);
    uint256 constant NOW = 1_800_000_000;
    uint256 constant MAX_AMOUNT = type(uint112).max;

    RateOracle oracle;
    address admin = makeAddress("admin");
    PoolToken weth = new PoolToken(18);
    PoolToken usdc = new PoolToken(6);
    PoolToken mati = new PoolToken(18);
    ToldSource wethSource;
    ToldSource usdcSource;
    ToldSource matiSource;
    ToldSource eurSource;

    function setUp() public {
        vm.warp(NOW);
        oracle = new RateOracle(address(new MatiAccess(admin)));
        wethSource = new ToldSource(USD, 2500e18, 11, uint40(NOW - 10));
        usdcSource = new ToldSource(USD, 0.999e18, 22, uint40(NOW - 20));
        matiSource = new ToldSource(address(usdc), 0.25e18, 33, uint40(NOW));
        eurSource = new ToldSource(USD, 1.1e18, 44, uint40(NOW - 5));
        _set(address(weth), wethSource);
        _set(address(usdc), usdcSource);
        _set(address(mati), matiSource);
        _set(EUR, eurSource);
    }

    // Together

    function test_SettlementRate_IsTheRateWhileAllAreTogether() public view {
        _expectSettlementRate(address(weth), address(weth), 0);
        _expectSettlementRate(address(weth), USD, 0);
        _expectSettlementRate(USD, address(weth), 0);
        _expectSettlementRate(address(mati), address(usdc), 0);
        _expectSettlementRate(address(usdc), address(mati), 0);
    }

    function test_SettlementRate_BringsThePriceInUsdThatItsPathLedOver() public view {
        _expectSettlementRate(address(weth), address(usdc), oracle.rate(address(usdc), USD).wad);
        _expectSettlementRate(address(usdc), address(weth), oracle.rate(address(weth), USD).wad);
        _expectSettlementRate(address(weth), address(mati), oracle.rate(address(mati), USD).wad);
        _expectSettlementRate(address(mati), EUR, oracle.rate(EUR, USD).wad);
    }

    function test_SettlementRate_RevertWhen_AnyPriceBehindItIsApart() public {
        ToldSource[3] memory sources = [wethSource, matiSource, usdcSource];
        address[3] memory assets = [address(weth), address(mati), address(usdc)];
        for (uint256 i = 0; i < 3; ++i) {
            sources[i].setApart(true);
            bytes memory reason = abi.encodeWithSignature("Error(string)", "apart");
            vm.expectRevert(abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, assets[i], reason));
            oracle.settlementRate(address(weth), address(mati));
            oracle.rate(address(weth), address(mati));
            sources[i].setApart(false);
        }
    }

    function test_SettlementRate_RevertWhen_AnAssetHasNoSource() public {
        vm.expectRevert(abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, address(this)));
        oracle.settlementRate(address(weth), address(this));
    }

    // Paths

    function test_Rate_Direct_InUsd() public view {
        _expectRate(address(usdc), USD, Rate(0.999e18, 6, 18, uint40(NOW - 20), 22, 0));
    }

    function test_Rate_Inverse_OfUsd() public view {
        _expectRate(USD, address(weth), Rate(0.0004e18, 18, 18, uint40(NOW - 10), 0, 11));
    }

    function test_Rate_ViaUsd() public view {
        uint256 wad = uint256(2500e36) / 0.999e18;
        _expectRate(address(weth), address(usdc), Rate(wad, 18, 6, uint40(NOW - 20), 11, 22));
        _expectRate(address(usdc), address(weth), Rate(0.0003996e18, 6, 18, uint40(NOW - 20), 22, 11));
    }

    function test_Rate_OfAFiat() public view {
        uint256 wad = uint256(2500e36) / 1.1e18;
        _expectRate(address(weth), EUR, Rate(wad, 18, 18, uint40(NOW - 10), 11, 44));
        _expectRate(EUR, USD, Rate(1.1e18, 18, 18, uint40(NOW - 5), 44, 0));
    }

    /// @dev USDC's own price has no part in it: it need not even be usable.
    function test_Rate_Direct_InTheTokenThatTheSourceIsQuotedIn() public {
        _breakSource(usdcSource);
        _expectRate(address(mati), address(usdc), Rate(0.25e18, 18, 6, uint40(NOW), 33, 0));
        _expectRate(address(usdc), address(mati), Rate(4e18, 6, 18, uint40(NOW), 0, 33));
    }

    function test_Rate_OverTheTokenThatTheSourceIsQuotedIn() public view {
        _expectRate(address(mati), USD, Rate(0.24975e18, 18, 18, uint40(NOW - 20), 33, 0));
        _expectRate(USD, address(mati), Rate(uint256(1e36) / 0.24975e18, 18, 18, uint40(NOW - 20), 0, 33));
        _expectRate(address(weth), address(mati), Rate(uint256(2500e36) / 0.24975e18, 18, 18, uint40(NOW - 20), 11, 33));
        _expectRate(address(mati), address(weth), Rate(0.0000999e18, 18, 18, uint40(NOW - 20), 33, 11));
    }

    function test_Rate_OfAnAssetInItself_ReadsNoSource() public {
        PoolToken unknown = new PoolToken(9);
        _breakSource(usdcSource);
        _expectRate(address(usdc), address(usdc), Rate(1e18, 6, 6, uint40(NOW), 0, 0));
        _expectRate(address(unknown), address(unknown), Rate(1e18, 9, 9, uint40(NOW), 0, 0));
        _expectRate(USD, USD, Rate(1e18, 18, 18, uint40(NOW), 0, 0));
    }

    /// @dev The oldest of all three prices of a path, whichever it is.
    function testFuzz_Rate_IsAsOldAsItsOldestPrice(uint40 weth_, uint40 usdc_, uint40 mati_) public {
        wethSource.tell(2500e18, 11, weth_);
        usdcSource.tell(0.999e18, 22, usdc_);
        matiSource.tell(0.25e18, 33, mati_);
        uint256 oldest = weth_ < usdc_ ? weth_ : usdc_;
        if (mati_ < oldest) oldest = mati_;
        if (NOW < oldest) oldest = NOW;

        uint256 updatedAt = oracle.rate(address(mati), address(weth)).updatedAt;

        assertEq(updatedAt < NOW ? updatedAt : NOW, oldest, "updatedAt");
    }

    // Refusals

    function test_RevertWhen_AnAssetHasNoSource() public {
        address none = address(new PoolToken(18));
        _expectRevert(none, USD, abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, none));
        _expectRevert(address(weth), none, abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, none));
        _expectRevert(address(826), USD, abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, address(826)));
    }

    function test_RevertWhen_ASourceRefuses_WithItsReason() public {
        bytes memory reason = _breakSource(usdcSource);
        bytes memory expected =
            abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, address(usdc), reason);
        _expectRevert(address(usdc), USD, expected);
        _expectRevert(USD, address(usdc), expected);
        _expectRevert(address(weth), address(usdc), expected);
        _expectRevert(address(mati), USD, expected);
        _expectRevert(address(weth), address(mati), expected);
    }

    function test_RevertWhen_ATokenChangesItsDecimals() public {
        vm.mockCall(address(usdc), abi.encodeCall(IERC20Metadata.decimals, ()), abi.encode(uint8(7)));
        bytes memory expected =
            abi.encodeWithSelector(IRateOracle.Oracle_DecimalsChanged.selector, address(usdc), uint8(7), uint8(6));
        _expectRevert(address(usdc), USD, expected);
        _expectRevert(address(weth), address(usdc), expected);
    }

    function test_RevertWhen_ThePathIsTooLong() public {
        PoolToken far = new PoolToken(18);
        _set(address(far), new ToldSource(address(mati), 1e18, 1, uint40(NOW)));
        bytes memory expected =
            abi.encodeWithSelector(IRateOracle.Oracle_PathTooLong.selector, address(far), address(mati));
        _expectRevert(address(far), USD, expected);
        _expectRevert(address(weth), address(far), expected);
        assertEq(oracle.rate(address(far), address(mati)).wad, 1e18, "direct, all the same");

        _set(address(usdc), IRateSource(address(0)));
        _expectRevert(
            address(mati),
            USD,
            abi.encodeWithSelector(IRateOracle.Oracle_PathTooLong.selector, address(mati), address(usdc))
        );
    }

    function test_RevertWhen_APriceIsOutOfRange() public {
        _expectPriceBound(1e6, 1e6 - 1);
        _expectPriceBound(1e30, 1e30 + 1);
        _expectPriceBound(1e30, 0);
        _expectPriceBound(1e6, type(uint256).max);
    }

    function test_RevertWhen_AProductOfPricesIsOutOfRange() public {
        matiSource.tell(1e10, 33, uint40(NOW));
        usdcSource.tell(1e14, 22, uint40(NOW));
        assertEq(oracle.rate(address(mati), USD).wad, 1e6, "lowest");
        usdcSource.tell(1e14 - 1e4, 22, uint40(NOW));
        _expectOutOfRange(address(mati), USD, address(mati), USD, 1e6 - 1);
        // Not made good by what it is divided by.
        wethSource.tell(1e10, 11, uint40(NOW));
        _expectOutOfRange(address(mati), address(weth), address(mati), USD, 1e6 - 1);

        matiSource.tell(1e24, 33, uint40(NOW));
        usdcSource.tell(1e24, 22, uint40(NOW));
        assertEq(oracle.rate(address(mati), USD).wad, 1e30, "highest");
        usdcSource.tell(1e24 + 1e6, 22, uint40(NOW));
        _expectOutOfRange(address(mati), USD, address(mati), USD, 1e30 + 1e12);
    }

    function test_RevertWhen_ARateIsOutOfRange() public {
        wethSource.tell(1e12, 11, uint40(NOW));
        usdcSource.tell(1e24, 22, uint40(NOW));
        assertEq(oracle.rate(address(weth), address(usdc)).wad, 1e6, "lowest");
        assertEq(oracle.rate(address(usdc), address(weth)).wad, 1e30, "highest");

        wethSource.tell(1e12 - 1e6, 11, uint40(NOW));
        _expectOutOfRange(address(weth), address(usdc), address(weth), address(usdc), 1e6 - 1);
        uint256 high = uint256(1e42) / (1e12 - 1e6);
        _expectOutOfRange(address(usdc), address(weth), address(usdc), address(weth), high);
    }

    // Amounts

    /// @dev The independent formula divides in two steps of one unit each instead of one of 512 bits.
    function testFuzz_Rate_ConvertsAnyAmount(
        uint256 price,
        uint256 quotePrice,
        uint256 baseDecimals,
        uint256 quoteDecimals,
        uint256 amount
    ) public {
        baseDecimals = bound(baseDecimals, 0, 24);
        quoteDecimals = bound(quoteDecimals, 0, 24);
        PoolToken base = new PoolToken(uint8(baseDecimals));
        PoolToken quote = new PoolToken(uint8(quoteDecimals));
        price = bound(price, 1e12, 1e24);
        quotePrice = bound(quotePrice, 1e12, 1e24);
        _set(address(base), new ToldSource(USD, price, 1, uint40(NOW)));
        _set(address(quote), new ToldSource(USD, quotePrice, 2, uint40(NOW)));
        amount = bound(amount, 0, MAX_AMOUNT);

        Rate memory rate = oracle.rate(address(base), address(quote));

        assertEq(rate.wad, price * 1e18 / quotePrice, "wad");
        uint256 scaled = amount * rate.wad;
        uint256 worth = baseDecimals > quoteDecimals
            ? scaled / 10 ** (baseDecimals - quoteDecimals) / 1e18
            : scaled / 1e18 * 10 ** (quoteDecimals - baseDecimals) + scaled % 1e18 * 10
                ** (quoteDecimals - baseDecimals) / 1e18;
        assertEq(rate.toQuoteDown(amount), worth, "toQuoteDown");

        // What an amount of the quote costs in the base is never worth more than that amount, and one unit more is.
        uint256 cost = rate.toBaseDown(amount);
        if (cost <= MAX_AMOUNT) {
            assertLe(rate.toQuoteDown(cost), amount, "not worth more");
            assertGe(rate.toQuoteDown(cost + 1), amount == 0 ? 0 : amount, "one unit more");
        }
    }

    /// @dev The largest amounts at the ends of rate and decimals: nothing overflows.
    function test_Rate_ConvertsAtTheEnds() public pure {
        Rate memory rate = Rate(1e30, 0, 24, 0, 0, 0);
        assertEq(rate.toQuoteDown(MAX_AMOUNT), MAX_AMOUNT * 1e36, "dearest base, coarse to fine");
        assertEq(rate.toBaseDown(MAX_AMOUNT), MAX_AMOUNT / 1e36, "dearest base, fine to coarse");
        rate = Rate(1e6, 24, 0, 0, 0, 0);
        assertEq(rate.toQuoteDown(MAX_AMOUNT), MAX_AMOUNT / 1e36, "cheapest base, fine to coarse");
        assertEq(rate.toBaseDown(MAX_AMOUNT), MAX_AMOUNT * 1e36, "cheapest base, coarse to fine");
    }

    // Sources

    function test_SetSource_SnapshotsTheDecimals() public {
        PoolToken token = new PoolToken(24);
        ToldSource newSource = new ToldSource(USD, 1e18, 1, uint40(NOW));

        vm.expectEmit(address(oracle));
        emit IRateOracle.SourceSet(address(token), newSource, 24);
        _set(address(token), newSource);

        _expectSource(address(token), newSource, 24);
        _expectSource(EUR, eurSource, 18);
        _expectSource(USD, IRateSource(address(0)), 0);
    }

    function test_SetSource_Replaces() public {
        ToldSource newSource = new ToldSource(USD, 3000e18, 12, uint40(NOW));
        _set(address(weth), newSource);
        _expectSource(address(weth), newSource, 18);
        _expectRate(address(weth), USD, Rate(3000e18, 18, 18, uint40(NOW), 12, 0));
    }

    function test_SetSource_Removes() public {
        vm.expectEmit(address(oracle));
        emit IRateOracle.SourceSet(address(weth), IRateSource(address(0)), 0);
        _set(address(weth), IRateSource(address(0)));

        _expectSource(address(weth), IRateSource(address(0)), 0);
        _expectRevert(address(weth), USD, abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, address(weth)));
    }

    function test_SetSource_TellsFiatsFromTokens() public {
        // The highest fiat, and the lowest token: one without code has no decimals.
        _set(address(0xffff), eurSource);
        _expectSource(address(0xffff), eurSource, 18);
        vm.prank(admin);
        vm.expectRevert();
        oracle.setSource(address(0x10000), eurSource);
    }

    function test_RevertWhen_ASourceIsSetByAStranger() public {
        address stranger = makeAddress("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        oracle.setSource(address(weth), usdcSource);
    }

    function test_RevertWhen_TheSourceIsNone() public {
        address nothing = makeAddress("nothing");
        vm.prank(admin);
        vm.expectRevert();
        oracle.setSource(address(weth), IRateSource(nothing));
    }

    function test_RevertWhen_TheSourceIsBad() public {
        _expectSetReverts(USD, eurSource, abi.encodeWithSelector(IRateOracle.Oracle_BadSource.selector, USD, eurSource));
        _expectSetReverts(
            address(0), eurSource, abi.encodeWithSelector(IRateOracle.Oracle_BadSource.selector, address(0), eurSource)
        );
        ToldSource inItself = new ToldSource(address(weth), 1e18, 1, uint40(NOW));
        _expectSetReverts(
            address(weth),
            inItself,
            abi.encodeWithSelector(IRateOracle.Oracle_BadSource.selector, address(weth), inItself)
        );
    }

    function test_RevertWhen_ATokenHasTooManyDecimals() public {
        address token = address(new PoolToken(25));
        _expectSetReverts(
            token,
            wethSource,
            abi.encodeWithSelector(IRateOracle.Oracle_TooManyDecimals.selector, token, uint8(25), uint8(24))
        );
    }

    function _set(address asset, IRateSource newSource) private {
        vm.prank(admin);
        oracle.setSource(asset, newSource);
    }

    function _breakSource(IRateSource broken) private returns (bytes memory reason) {
        reason = abi.encodeWithSignature("Error(string)", "no price");
        vm.mockCallRevert(address(broken), abi.encodeCall(IRateSource.read, ()), reason);
    }

    function _expectSettlementRate(address base, address quote, uint256 expectedUsdWad) private view {
        (Rate memory rate, uint256 quoteUsdWad) = oracle.settlementRate(base, quote);
        assertEq(abi.encode(rate), abi.encode(oracle.rate(base, quote)), "the same rate");
        assertEq(quoteUsdWad, expectedUsdWad, "quoteUsdWad");
    }

    function _expectRate(address base, address quote, Rate memory expected) private view {
        Rate memory rate = oracle.rate(base, quote);
        assertEq(rate.wad, expected.wad, "wad");
        assertEq(rate.baseDecimals, expected.baseDecimals, "baseDecimals");
        assertEq(rate.quoteDecimals, expected.quoteDecimals, "quoteDecimals");
        assertEq(rate.updatedAt, expected.updatedAt, "updatedAt");
        assertEq(rate.baseRoundId, expected.baseRoundId, "baseRoundId");
        assertEq(rate.quoteRoundId, expected.quoteRoundId, "quoteRoundId");
    }

    function _expectSource(address asset, IRateSource expected, uint8 expectedDecimals) private view {
        (IRateSource actual, uint8 decimals) = oracle.source(asset);
        assertEq(address(actual), address(expected), "source");
        assertEq(decimals, expectedDecimals, "decimals");
    }

    function _expectRevert(address base, address quote, bytes memory expected) private {
        vm.expectRevert(expected);
        oracle.rate(base, quote);
    }

    function _expectOutOfRange(address base, address quote, address ofBase, address ofQuote, uint256 wad) private {
        _expectRevert(
            base, quote, abi.encodeWithSelector(IRateOracle.Oracle_RateOutOfRange.selector, ofBase, ofQuote, wad)
        );
    }

    function _expectPriceBound(uint256 good, uint256 bad) private {
        wethSource.tell(good, 11, uint40(NOW));
        assertEq(oracle.rate(address(weth), USD).wad, good, "within");
        wethSource.tell(bad, 11, uint40(NOW));
        _expectOutOfRange(address(weth), USD, address(weth), USD, bad);
        _expectOutOfRange(USD, address(weth), address(weth), USD, bad);
        _expectOutOfRange(address(weth), address(usdc), address(weth), USD, bad);
    }

    function _expectSetReverts(address asset, IRateSource newSource, bytes memory expected) private {
        vm.prank(admin);
        vm.expectRevert(expected);
        oracle.setSource(asset, newSource);
    }
}

/// @dev Two pools with 500 observations, and prices from them and from feeds.
abstract contract GasSetUp is Pools {
    address constant USD = address(840);
    uint256 constant START = 1_800_000_000;
    uint256 constant OBSERVATIONS = 500;

    RateOracle oracle;
    PoolToken mati;
    PoolToken usdc;
    PoolToken other;
    PoolToken weth;
    IUniswapV3Pool matiPool;
    IUniswapV3Pool otherPool;

    function setUp() public virtual {
        vm.warp(START);
        oracle = new RateOracle(address(new MatiAccess(address(this))));
        (matiPool, mati, usdc) = createPool(18, 6, true);
        (otherPool, other, weth) = createPool(18, 18, false);
        open(matiPool, -290_188, 5e17, uint16(OBSERVATIONS));
        open(otherPool, 90_000, 5e22, uint16(OBSERVATIONS));
        for (uint256 i = 1; i < OBSERVATIONS; i++) {
            vm.warp(START + i * 12);
            touch(matiPool);
            touch(otherPool);
        }
        oracle.setSource(address(mati), _twap(matiPool, mati));
        oracle.setSource(address(other), _twap(otherPool, other));
        oracle.setSource(address(usdc), _feed(1e8));
        oracle.setSource(address(weth), _feed(2500e8));
    }

    function _twap(IUniswapV3Pool pool, PoolToken base) internal returns (IRateSource) {
        return new UniswapV3TwapSource(address(pool), address(base), 30 minutes, 1, 500);
    }

    function _feed(int256 answer) internal returns (IRateSource) {
        MockV3Aggregator feed = new MockV3Aggregator(8, answer);
        return new ChainlinkSource(address(feed), USD, 3600, 1, 1e20, address(0), 0);
    }
}

/// @dev The gas that `IRateOracle.rate` tells its callers to require: each test is a transaction of its own, in which
/// nothing was touched before.
contract RateOracleGasTest is GasSetUp {
    function test_Gas_OverOneFeed() public view {
        assertEq(oracle.rate{gas: 32_000}(address(usdc), USD).wad, 1e18, "wad");
    }

    function test_Gas_OverTwoFeeds() public view {
        assertEq(oracle.rate{gas: 60_000}(address(weth), address(usdc)).wad, 2500e18, "wad");
    }

    function test_Gas_OverTwoTwapsAndTwoFeeds() public view {
        assertGe(oracle.rate{gas: 400_000}(address(mati), address(other)).wad, 0.8e18, "wad");
    }

    /// @dev The trap that `IRateOracle.rate` warns of: a good price, and too little gas to read it.
    function test_RevertWhen_GasIsTooLow_AsIfThereWereNoPrice() public {
        vm.expectRevert(abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, address(mati), bytes("")));
        oracle.rate{gas: 100_000}(address(mati), USD);
    }
}

/// @dev The same for feeds that are checked against a pool, whose quote has a feed.
contract RateOracleCheckedGasTest is GasSetUp {
    function setUp() public override {
        super.setUp();
        IRateSource matiReference = new CrossSource(_twap(matiPool, mati), _feed(1e8));
        oracle.setSource(address(mati), new CheckedSource(_feed(0.25e8), matiReference, 500));
        IRateSource otherReference = new CrossSource(_twap(otherPool, other), _feed(2500e8));
        (uint256 wad,,) = otherReference.read();
        oracle.setSource(address(other), new CheckedSource(_feed(int256(wad / 1e10)), otherReference, 500));
    }

    function test_Gas_OverOneCheckedFeed() public view {
        assertEq(oracle.rate{gas: 225_000}(address(mati), USD).wad, 0.25e18, "wad");
    }

    function test_Gas_OverTwoCheckedFeeds() public view {
        assertGe(oracle.rate{gas: 450_000}(address(mati), address(other)).wad, 0.8e18, "wad");
    }
}

/// @dev The dearest rate there is: both assets are checked against a pool and quoted in a token that is checked against
/// another one. `MatiEscrow.RATE_GAS` must be enough for it, else whoever sends a capture chooses the fallback.
contract RateOracleDearestGasTest is GasSetUp {
    function setUp() public override {
        super.setUp();
        _quoteIn(mati, usdc, _twap(matiPool, mati));
        _quoteIn(other, weth, _twap(otherPool, other));
        _check(usdc, 6, 0);
        _check(weth, 18, -198_079);
    }

    function test_Gas_OfTheDearestRateIsWithinWhatTheEscrowDemands() public {
        IMatiEscrow escrow = deployEscrow(
            address(1), IMerchantRegistry(address(0)), IRateOracle(address(0)), ISignatureVerifier(address(0))
        );
        // What a call gets of it, with a tenth to spare.
        uint256 gas = escrow.RATE_GAS() * 63 / 64 * 9 / 10;
        assertGe(oracle.rate{gas: gas}(address(mati), address(other)).wad, 1, "wad");
    }

    /// @dev The pool's own mean as the feed's answer, so that both agree.
    function _quoteIn(PoolToken asset, PoolToken quote, IRateSource twap) private {
        (uint256 wad,,) = twap.read();
        oracle.setSource(address(asset), new CheckedSource(_feedOf(wad, address(quote)), twap, 500));
    }

    /// @dev A feed in USD, checked against a pool of its own at `tick`, whose quote has a feed. The pool's past is as
    /// long as the others' and ends with theirs.
    function _check(PoolToken asset, uint8 decimals, int24 tick) private {
        (IUniswapV3Pool pool, PoolToken base,) = createPool(decimals, 6, true);
        vm.warp(START);
        open(pool, tick, 5e17, uint16(OBSERVATIONS));
        for (uint256 i = 1; i < OBSERVATIONS; i++) {
            vm.warp(START + i * 12);
            touch(pool);
        }
        IRateSource twap = new CrossSource(_twap(pool, base), _feed(1e8));
        (uint256 wad,,) = twap.read();
        oracle.setSource(address(asset), new CheckedSource(_feedOf(wad, USD), twap, 500));
    }

    function _feedOf(uint256 wad, address quote) private returns (IRateSource) {
        MockV3Aggregator feed = new MockV3Aggregator(18, int256(wad));
        return new ChainlinkSource(address(feed), quote, 3600, 1e6, 1e30, address(0), 0);
    }
}
