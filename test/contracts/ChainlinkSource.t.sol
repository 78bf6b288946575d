// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {Test} from "./base/Test.sol";
import {requireSameTogether} from "./base/ToldSource.sol";

/// @dev Invariant 7: no invalid, stale or out-of-bounds price leaves the source.
contract ChainlinkSourceTest is Test {
    address constant USD = address(840);
    uint256 constant NOW = 1_800_000_000;
    uint32 constant MAX_AGE = 3600;
    uint32 constant GRACE = 1800;
    int256 constant PRICE = 2500e8;
    uint256 constant MIN = 100e8;
    uint256 constant MAX = 100_000e8;

    MockV3Aggregator feed;
    MockV3Aggregator sequencer;
    ChainlinkSource source;
    ChainlinkSource sourceOnL2;

    function setUp() public {
        vm.warp(NOW);
        feed = new MockV3Aggregator(8, PRICE);
        sequencer = new MockV3Aggregator(0, 0);
        sequencer.updateRoundData(1, 0, NOW, NOW - GRACE - 1);
        source = new ChainlinkSource(address(feed), USD, MAX_AGE, MIN, MAX, address(0), 0);
        sourceOnL2 = new ChainlinkSource(address(feed), USD, MAX_AGE, MIN, MAX, address(sequencer), GRACE);
    }

    function test_Read_GivesPriceRoundAndTime() public {
        feed.updateRoundData(type(uint80).max, PRICE, NOW - 7, NOW - 9);

        (uint256 wad, uint80 roundId, uint40 updatedAt) = source.read();

        assertEq(wad, 2500e18, "wad");
        assertEq(roundId, type(uint80).max, "roundId");
        assertEq(updatedAt, NOW - 7, "updatedAt");
        requireSameTogether(source);
    }

    function test_Constructor_KeepsItsArguments() public view {
        assertEq(address(sourceOnL2.feed()), address(feed), "feed");
        assertEq(sourceOnL2.quoteAsset(), USD, "quoteAsset");
        assertEq(sourceOnL2.feedDecimals(), 8, "feedDecimals");
        assertEq(sourceOnL2.maxAge(), MAX_AGE, "maxAge");
        assertEq(sourceOnL2.minAnswer(), MIN, "minAnswer");
        assertEq(sourceOnL2.maxAnswer(), MAX, "maxAnswer");
        assertEq(address(sourceOnL2.sequencerFeed()), address(sequencer), "sequencerFeed");
        assertEq(sourceOnL2.gracePeriod(), GRACE, "gracePeriod");
    }

    // Answer

    function test_RevertWhen_AnswerIsNotPositive() public {
        _expectOutOfBounds(0);
        _expectOutOfBounds(-1);
        _expectOutOfBounds(type(int256).min);
    }

    function test_RevertWhen_AnswerIsOutOfBounds() public {
        _expectOutOfBounds(int256(MIN) - 1);
        _expectOutOfBounds(int256(MAX) + 1);
        _expectOutOfBounds(type(int256).max);
    }

    function test_Read_TakesAnswersAtItsBounds() public {
        assertEq(_readAnswer(int256(MIN)), 100e18, "min");
        assertEq(_readAnswer(int256(MAX)), 100_000e18, "max");
    }

    /// @dev A bound of 0 cannot be configured, so the sign has its own test: the lowest bound there is.
    function test_RevertWhen_AnswerIsNegative_WithTheWidestBounds() public {
        source = new ChainlinkSource(address(feed), USD, MAX_AGE, 1, 1e20, address(0), 0);
        feed.updateRoundData(2, -1, NOW, NOW);
        vm.expectRevert(
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_OutOfBounds.selector, int256(-1), 1, 1e20)
        );
        source.read();
    }

    // Time

    function test_RevertWhen_TimeIsZeroOrInTheFuture() public {
        _expectBadTimestamp(0);
        _expectBadTimestamp(NOW + 1);
        _expectBadTimestamp(type(uint256).max);
    }

    function test_RevertWhen_AnswerIsStale() public {
        feed.updateRoundData(2, PRICE, NOW - MAX_AGE - 1, NOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                ChainlinkSource.ChainlinkSource_Stale.selector, NOW - MAX_AGE - 1, uint256(MAX_AGE), NOW
            )
        );
        source.read();
    }

    function test_Read_TakesAnswersOfNowAndOfTheMaxAge() public {
        feed.updateRoundData(2, PRICE, NOW, NOW);
        (,, uint40 updatedAt) = source.read();
        assertEq(updatedAt, NOW, "now");

        feed.updateRoundData(3, PRICE, NOW - MAX_AGE, NOW);
        (,, updatedAt) = source.read();
        assertEq(updatedAt, NOW - MAX_AGE, "maxAge");
    }

    // Decimals

    function test_RevertWhen_FeedChangesItsDecimals() public {
        vm.mockCall(address(feed), abi.encodeCall(AggregatorV3Interface.decimals, ()), abi.encode(uint8(18)));
        vm.expectRevert(
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_DecimalsChanged.selector, uint8(18), uint8(8))
        );
        source.read();
    }

    /// @dev The independent formula works on decimal strings' terms: whole and fraction apart.
    function testFuzz_Read_ScalesAnyDecimals(uint256 decimals, uint256 answer) public {
        decimals = bound(decimals, 0, 36);
        uint256 one = 10 ** decimals;
        uint256 min = decimals < 12 ? 1 : 10 ** (decimals - 12);
        uint256 max = 10 ** (decimals + 12);
        answer = bound(answer, min, max);
        MockV3Aggregator anyFeed = new MockV3Aggregator(uint8(decimals), int256(answer));
        source = new ChainlinkSource(address(anyFeed), USD, MAX_AGE, min, max, address(0), 0);

        (uint256 wad,,) = source.read();

        uint256 whole = answer / one;
        uint256 fraction = (answer % one) * 1e18 / one;
        assertEq(wad, whole * 1e18 + fraction, "wad");
        assertGe(wad, 1e6, "lowest price");
        assertLe(wad, 1e30, "highest price");
    }

    // Sequencer

    function test_Read_OnL2_WhenSequencerIsUpForLongerThanTheGrace() public view {
        (uint256 wad,,) = sourceOnL2.read();
        assertEq(wad, 2500e18, "wad");
    }

    function test_RevertWhen_SequencerIsDown() public {
        _expectSequencerDown(1);
        _expectSequencerDown(2);
        _expectSequencerDown(-1);
    }

    function test_RevertWhen_SequencerRoundIsInvalid() public {
        _expectBadSequencerRound(0);
        _expectBadSequencerRound(NOW + 1);
    }

    function test_RevertWhen_SequencerIsInItsGracePeriod() public {
        _expectGracePeriod(NOW - GRACE);
        _expectGracePeriod(NOW);
    }

    // Feeds that fail

    function test_RevertWhen_FeedReverts() public {
        bytes memory reason = abi.encodeWithSignature("Error(string)", "No data present");
        vm.mockCallRevert(address(feed), abi.encodeCall(AggregatorV3Interface.latestRoundData, ()), reason);
        vm.expectRevert(reason);
        source.read();
    }

    function test_RevertWhen_SequencerFeedReverts() public {
        bytes memory reason = abi.encodeWithSignature("Error(string)", "No data present");
        vm.mockCallRevert(address(sequencer), abi.encodeCall(AggregatorV3Interface.latestRoundData, ()), reason);
        vm.expectRevert(reason);
        sourceOnL2.read();
    }

    // Construction

    function test_RevertWhen_ConfigMakesNoSense() public {
        address f = address(feed);
        address s = address(sequencer);
        address nothing = makeAddress("nothing");
        _expectBadConfig("feed", nothing, USD, MAX_AGE, MIN, MAX, address(0), 0);
        _expectBadConfig("feed", address(0), USD, MAX_AGE, MIN, MAX, address(0), 0);
        _expectBadConfig("quoteAsset", f, address(0), MAX_AGE, MIN, MAX, address(0), 0);
        _expectBadConfig("maxAge", f, USD, 0, MIN, MAX, address(0), 0);
        _expectBadConfig("minAnswer", f, USD, MAX_AGE, 0, MAX, address(0), 0);
        _expectBadConfig("minAnswer", f, USD, MAX_AGE, MAX + 1, MAX, address(0), 0);
        _expectBadConfig("maxAnswer", f, USD, MAX_AGE, MIN, 1e20 + 1, address(0), 0);
        _expectBadConfig("maxAnswer", f, USD, MAX_AGE, MIN, type(uint256).max, address(0), 0);
        _expectBadConfig("sequencerFeed", f, USD, MAX_AGE, MIN, MAX, nothing, GRACE);
        _expectBadConfig("gracePeriod", f, USD, MAX_AGE, MIN, MAX, s, 0);
        _expectBadConfig("gracePeriod", f, USD, MAX_AGE, MIN, MAX, address(0), GRACE);
    }

    function test_Constructor_TakesTheEdges() public {
        source = new ChainlinkSource(address(feed), USD, 1, 1, 1e20, address(sequencer), 1);
        source = new ChainlinkSource(address(feed), USD, 1, MAX, MAX, address(0), 0);
        assertEq(source.minAnswer(), source.maxAnswer(), "one price only");
    }

    function test_RevertWhen_FeedHasTooManyDecimals() public {
        address f = address(new MockV3Aggregator(37, 1e37));
        _expectBadConfig("decimals", f, USD, MAX_AGE, 1e36, 1e38, address(0), 0);
    }

    function test_RevertWhen_BoundsOfAFineFeedAreOutOfRange() public {
        address f = address(new MockV3Aggregator(36, 1e36));
        _expectBadConfig("minAnswer", f, USD, MAX_AGE, 1e24 - 1, 1e38, address(0), 0);
        _expectBadConfig("maxAnswer", f, USD, MAX_AGE, 1e24, 1e48 + 1, address(0), 0);
        source = new ChainlinkSource(f, USD, MAX_AGE, 1e24, 1e48, address(0), 0);
    }

    function _readAnswer(int256 answer) private returns (uint256 wad) {
        feed.updateRoundData(2, answer, NOW, NOW);
        (wad,,) = source.read();
    }

    function _expectOutOfBounds(int256 answer) private {
        feed.updateRoundData(2, answer, NOW, NOW);
        vm.expectRevert(abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_OutOfBounds.selector, answer, MIN, MAX));
        source.read();
    }

    function _expectBadTimestamp(uint256 updatedAt) private {
        feed.updateRoundData(2, PRICE, updatedAt, NOW);
        vm.expectRevert(abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_BadTimestamp.selector, updatedAt, NOW));
        source.read();
    }

    function _expectSequencerDown(int256 answer) private {
        sequencer.updateRoundData(2, answer, NOW, NOW - 1 days);
        vm.expectRevert(abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_SequencerDown.selector, answer));
        sourceOnL2.read();
    }

    function _expectBadSequencerRound(uint256 startedAt) private {
        sequencer.updateRoundData(2, 0, NOW, startedAt);
        vm.expectRevert(
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_BadSequencerRound.selector, startedAt, NOW)
        );
        sourceOnL2.read();
    }

    function _expectGracePeriod(uint256 startedAt) private {
        sequencer.updateRoundData(2, 0, NOW, startedAt);
        vm.expectRevert(
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_GracePeriod.selector, startedAt, uint256(GRACE), NOW)
        );
        sourceOnL2.read();
    }

    function _expectBadConfig(
        string memory parameter,
        address feed_,
        address quoteAsset,
        uint32 maxAge,
        uint256 min,
        uint256 max,
        address sequencer_,
        uint32 grace
    ) private {
        vm.expectRevert(abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_BadConfig.selector, parameter));
        new ChainlinkSource(feed_, quoteAsset, maxAge, min, max, sequencer_, grace);
    }
}
