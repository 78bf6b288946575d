// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {RateLens} from "../../contracts/src/RateLens.sol";
import {RateOracle} from "../../contracts/src/RateOracle.sol";
import {RateView, SourceView} from "../../contracts/src/interfaces/IRateLens.sol";
import {IRateOracle} from "../../contracts/src/interfaces/IRateOracle.sol";
import {IRateSource} from "../../contracts/src/interfaces/IRateSource.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {Rate} from "../../contracts/src/types/Rate.sol";
import {PoolToken} from "./base/Pools.sol";
import {Test} from "./base/Test.sol";
import {ToldSource} from "./base/ToldSource.sol";

/// @dev Says what it is quoted in, and burns all gas at anything else.
contract BurningSource {
    address public constant quoteAsset = address(840);

    fallback() external {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @dev Answers each question with one word; from then on with one that is no address either.
contract GarbledSource {
    uint256 private _word = 840;

    function garble() external {
        _word = type(uint256).max;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(_word);
    }
}

contract RateLensTest is Test {
    address constant USD = address(840);
    uint40 constant NOW = 1_800_000_000;

    RateOracle oracle = new RateOracle(address(new MatiAccess(address(this))));
    RateLens lens = new RateLens(oracle);
    address weth = address(new PoolToken(18));
    address usdc = address(new PoolToken(6));
    address mati = address(new PoolToken(18));
    MockV3Aggregator feed = new MockV3Aggregator(8, 2500e8);
    IRateSource wethSource;
    ToldSource usdcSource;
    ToldSource matiSource;

    function setUp() public {
        vm.warp(NOW);
        feed.updateRoundData(11, 2500e8, NOW - 10, NOW - 10);
        wethSource = new ChainlinkSource(address(feed), USD, 3600, 1, 1e20, address(0), 0);
        usdcSource = new ToldSource(USD, 0.999e18, 22, NOW - 20);
        matiSource = new ToldSource(usdc, 0.25e18, 33, NOW - 3);
        oracle.setSource(weth, wethSource);
        oracle.setSource(usdc, usdcSource);
        oracle.setSource(mati, matiSource);
    }

    function test_Constructor_KeepsItsArgument() public view {
        assertEq(address(lens.oracle()), address(oracle), "oracle");
    }

    // Rate

    function test_Rate_GivesTheRateItsRoundsAndItsAge() public view {
        _expectRate(weth, usdc, _usable(Rate(uint256(2500e36) / 0.999e18, 18, 6, NOW - 20, 11, 22), 20));
        _expectRate(mati, usdc, _usable(Rate(0.25e18, 18, 6, NOW - 3, 33, 0), 3));
        _expectRate(USD, weth, _usable(Rate(0.0004e18, 18, 18, NOW - 10, 0, 11), 10));
        _expectRate(usdc, usdc, _usable(Rate(1e18, 6, 6, NOW, 0, 0), 0));
    }

    function test_Rate_SaysWhyNot_WhenAFeedIsStale() public {
        vm.warp(NOW + 3591);
        bytes memory stale =
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_Stale.selector, NOW - 10, 3600, NOW + 3591);
        bytes memory reason = abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, weth, stale);
        _expectRate(weth, usdc, _unusable(reason));
        _expectRate(mati, weth, _unusable(reason));
    }

    function test_Rate_SaysThatOnlyCapturesHaveIt_WhileAPriceIsApart() public {
        matiSource.setApart(true);
        RateView memory expected = _usable(Rate(0.24975e18, 18, 18, NOW - 20, 33, 0), 20);
        expected.usableForSettlement = false;
        expected.settlementReason = abi.encodeWithSelector(
            IRateOracle.Oracle_PriceUnavailable.selector, mati, abi.encodeWithSignature("Error(string)", "apart")
        );
        _expectRate(mati, USD, expected);
    }

    function test_Rate_SaysWhyNot_WhenAnAssetHasNoSource() public {
        address nothing = makeAddress("nothing");
        _expectRate(weth, nothing, _unusable(abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, nothing)));
        _expectRate(nothing, USD, _unusable(abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, nothing)));
        // An asset in itself needs its decimals only, and a token without code has none: no error says so.
        _expectRate(nothing, nothing, _unusable(""));
    }

    function test_Rate_HasNoAge_WhenASourceIsOfTheFuture() public {
        usdcSource.tell(1e18, 23, NOW + 1);
        _expectRate(usdc, USD, _usable(Rate(1e18, 6, 18, NOW, 23, 0), 0));
    }

    function test_Rate_SaysThatThereIsNone_WhenASourceBurnsAllGas() public {
        oracle.setSource(usdc, IRateSource(address(new BurningSource())));
        bytes memory reason = abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, usdc, bytes(""));

        RateView memory shown = lens.rate{gas: 20_000_000}(usdc, USD);

        assertEq(abi.encode(shown), abi.encode(_unusable(reason)), "view");
    }

    /// @dev Any two addresses: those of contracts, of fiats and of nothing.
    function testFuzz_Rate_AgreesWithTheOracle(uint8 baseChoice, uint8 quoteChoice, address other) public view {
        address[6] memory choice = [weth, usdc, mati, USD, address(lens), other];
        address base = choice[baseChoice % 6];
        address quote = choice[quoteChoice % 6];

        RateView memory shown = lens.rate(base, quote);

        try oracle.rate(base, quote) returns (Rate memory rate) {
            assertEq(abi.encode(shown), abi.encode(_usable(rate, NOW - rate.updatedAt)), "view");
        } catch (bytes memory reason) {
            assertEq(abi.encode(shown), abi.encode(_unusable(reason)), "view");
        }
    }

    // Sources

    function test_Sources_GivesTheAssetsOwnAndThatOfItsQuote() public view {
        SourceView[] memory expected = new SourceView[](2);
        expected[0] = SourceView(mati, matiSource, usdc, true, 0.25e18, 33, NOW - 3, "", true, "");
        expected[1] = SourceView(usdc, usdcSource, USD, true, 0.999e18, 22, NOW - 20, "", true, "");
        _expectSources(mati, expected);
    }

    function test_Sources_GivesOneOfAnAssetInUsd() public view {
        _expectSource(SourceView(weth, wethSource, USD, true, 2500e18, 11, NOW - 10, "", true, ""));
    }

    function test_Sources_GivesNoneOfUsdAndOfAnAssetWithout() public {
        _expectSources(USD, new SourceView[](0));
        _expectSources(address(0), new SourceView[](0));
        _expectSources(makeAddress("nothing"), new SourceView[](0));
    }

    function test_Sources_EndsWhereTheQuoteHasNone() public {
        oracle.setSource(usdc, IRateSource(address(0)));
        _expectSource(SourceView(mati, matiSource, usdc, true, 0.25e18, 33, NOW - 3, "", true, ""));
    }

    /// @dev Two assets quoted in one another: no path, and no end of it.
    function test_Sources_GoesNoFurtherThanTheOracle() public {
        ToldSource inMati = new ToldSource(mati, 4e18, 44, NOW);
        oracle.setSource(usdc, inMati);
        SourceView[] memory expected = new SourceView[](2);
        expected[0] = SourceView(mati, matiSource, usdc, true, 0.25e18, 33, NOW - 3, "", true, "");
        expected[1] = SourceView(usdc, inMati, mati, true, 4e18, 44, NOW, "", true, "");
        _expectSources(mati, expected);
    }

    function test_Sources_SaysWhyNot_WhenASourceRefuses() public {
        feed.updateRoundData(12, -1, NOW, NOW);
        bytes memory reason =
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_OutOfBounds.selector, int256(-1), 1, 1e20);
        _expectSource(SourceView(weth, wethSource, USD, false, 0, 0, 0, reason, false, reason));
    }

    function test_Sources_SaysWhyNot_WhileAPriceIsApart() public {
        usdcSource.setApart(true);
        bytes memory reason = abi.encodeWithSignature("Error(string)", "apart");
        _expectSource(SourceView(usdc, usdcSource, USD, true, 0.999e18, 22, NOW - 20, "", false, reason));
    }

    function test_Sources_SaysThatThereIsNone_WhenASourceBurnsAllGas() public {
        IRateSource burning = IRateSource(address(new BurningSource()));
        oracle.setSource(usdc, burning);

        SourceView[] memory shown = lens.sources{gas: 20_000_000}(mati);

        SourceView memory expected = SourceView(usdc, burning, USD, false, 0, 0, 0, "", false, "");
        assertEq(abi.encode(shown[1]), abi.encode(expected), "view");
    }

    function test_Sources_SaysThatThereIsNone_WhenASourceAnswersGarbage() public {
        GarbledSource garbled = new GarbledSource();
        oracle.setSource(usdc, IRateSource(address(garbled)));
        garbled.garble();
        _expectSource(SourceView(usdc, IRateSource(address(garbled)), address(0), false, 0, 0, 0, "", false, ""));
    }

    function _usable(Rate memory rate, uint256 age) private pure returns (RateView memory) {
        return RateView(true, true, rate, age, "", "");
    }

    function _unusable(bytes memory reason) private pure returns (RateView memory shown) {
        shown.captureReason = reason;
        shown.settlementReason = reason;
    }

    function _expectRate(address base, address quote, RateView memory expected) private view {
        assertEq(abi.encode(lens.rate(base, quote)), abi.encode(expected), "view");
    }

    function _expectSource(SourceView memory only) private view {
        SourceView[] memory expected = new SourceView[](1);
        expected[0] = only;
        _expectSources(only.asset, expected);
    }

    function _expectSources(address asset, SourceView[] memory expected) private view {
        assertEq(abi.encode(lens.sources(asset)), abi.encode(expected), "views");
    }
}
