// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {IRateSource} from "../interfaces/IRateSource.sol";
import {MAX_RATE_WAD, MIN_RATE_WAD} from "../types/Rate.sol";

/// @title A Chainlink feed, and the conditions under which its answer may be used.
/// @notice Nothing can be changed: other conditions are another source. Whoever sets them puts `minAnswer` and
/// `maxAnswer` *inside* the aggregator's own clamp, so that a clamped answer is refused, and `maxAge` a little above
/// the heartbeat of this very feed.
contract ChainlinkSource is IRateSource {
    /// The constructor's argument of that name makes no sense.
    error ChainlinkSource_BadConfig(string parameter);
    /// The answer is outside [min, max], which begins above 0; in the feed's decimals.
    error ChainlinkSource_OutOfBounds(int256 answer, uint256 min, uint256 max);
    /// The answer's time is 0 or in the future: the round is not complete, or the feed is broken.
    error ChainlinkSource_BadTimestamp(uint256 updatedAt, uint256 timestamp);
    /// The answer is older than `maxAge` seconds.
    error ChainlinkSource_Stale(uint256 updatedAt, uint256 maxAge, uint256 timestamp);
    /// The feed reports other decimals than when this source was made.
    error ChainlinkSource_DecimalsChanged(uint8 decimals, uint8 expected);
    /// The L2's sequencer is down, as its feed says (0 is up).
    error ChainlinkSource_SequencerDown(int256 answer);
    /// The sequencer feed's time is 0 (no round yet) or in the future.
    error ChainlinkSource_BadSequencerRound(uint256 startedAt, uint256 timestamp);
    /// The sequencer is up for no longer than `gracePeriod` seconds: not everybody could react to prices yet.
    error ChainlinkSource_GracePeriod(uint256 startedAt, uint256 gracePeriod, uint256 timestamp);

    uint256 private constant WAD = 1e18;
    /// Answers have at most this many decimals.
    uint8 private constant MAX_FEED_DECIMALS = 36;

    AggregatorV3Interface public immutable feed;
    /// @inheritdoc IRateSource
    address public immutable quoteAsset;
    /// Decimals of the feed's answers, as of construction.
    uint8 public immutable feedDecimals;
    /// Seconds.
    uint32 public immutable maxAge;
    /// In the feed's decimals, as `maxAnswer`; both are usable answers.
    uint256 public immutable minAnswer;
    uint256 public immutable maxAnswer;
    /// Zero where the chain has no sequencer feed.
    AggregatorV3Interface public immutable sequencerFeed;
    /// Seconds; zero where the chain has no sequencer feed, and only there.
    uint32 public immutable gracePeriod;
    /// @dev From the feed's decimals to WAD: one of the two is 1.
    uint256 private immutable _multiplier;
    uint256 private immutable _divisor;

    constructor(
        address feed_,
        address quoteAsset_,
        uint32 maxAge_,
        uint256 minAnswer_,
        uint256 maxAnswer_,
        address sequencerFeed_,
        uint32 gracePeriod_
    ) {
        require(feed_.code.length != 0, ChainlinkSource_BadConfig("feed"));
        require(quoteAsset_ != address(0), ChainlinkSource_BadConfig("quoteAsset"));
        require(maxAge_ != 0, ChainlinkSource_BadConfig("maxAge"));
        require(
            sequencerFeed_ == address(0) || sequencerFeed_.code.length != 0, ChainlinkSource_BadConfig("sequencerFeed")
        );
        require((sequencerFeed_ == address(0)) == (gracePeriod_ == 0), ChainlinkSource_BadConfig("gracePeriod"));

        feed = AggregatorV3Interface(feed_);
        quoteAsset = quoteAsset_;
        feedDecimals = feed.decimals();
        maxAge = maxAge_;
        minAnswer = minAnswer_;
        maxAnswer = maxAnswer_;
        sequencerFeed = AggregatorV3Interface(sequencerFeed_);
        gracePeriod = gracePeriod_;

        // All answers within such bounds scale to prices that the oracle takes; the first comparison keeps the second
        // from overflowing, since no decimals scale an answer above 1e48 into range.
        require(feedDecimals <= MAX_FEED_DECIMALS, ChainlinkSource_BadConfig("decimals"));
        (_multiplier, _divisor) =
            feedDecimals <= 18 ? (10 ** (18 - feedDecimals), uint256(1)) : (1, 10 ** (feedDecimals - 18));
        require(
            maxAnswer_ <= MAX_RATE_WAD * WAD && _toWad(maxAnswer_) <= MAX_RATE_WAD,
            ChainlinkSource_BadConfig("maxAnswer")
        );
        require(minAnswer_ <= maxAnswer_ && _toWad(minAnswer_) >= MIN_RATE_WAD, ChainlinkSource_BadConfig("minAnswer"));
    }

    /// @inheritdoc IRateSource
    /// @dev Rounded down where the feed has more than 18 decimals; exact otherwise.
    function read() public view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        if (address(sequencerFeed) != address(0)) _requireSequencerUp();

        uint8 decimals = feed.decimals();
        require(decimals == feedDecimals, ChainlinkSource_DecimalsChanged(decimals, feedDecimals));

        int256 answer;
        uint256 time;
        (roundId, answer,, time,) = feed.latestRoundData();
        // The cast is reached only for a positive answer.
        require(
            answer > 0 && uint256(answer) >= minAnswer && uint256(answer) <= maxAnswer,
            ChainlinkSource_OutOfBounds(answer, minAnswer, maxAnswer)
        );
        require(time != 0 && time <= block.timestamp, ChainlinkSource_BadTimestamp(time, block.timestamp));
        require(block.timestamp - time <= maxAge, ChainlinkSource_Stale(time, maxAge, block.timestamp));

        // Not after the block's own time, which fits 40 bits for the next 34,000 years.
        return (_toWad(uint256(answer)), roundId, uint40(time));
    }

    /// @inheritdoc IRateSource
    /// @dev A feed is its own market.
    function readTogether() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return read();
    }

    /// @dev https://docs.chain.link/data-feeds/l2-sequencer-feeds
    function _requireSequencerUp() private view {
        (, int256 answer, uint256 startedAt,,) = sequencerFeed.latestRoundData();
        require(answer == 0, ChainlinkSource_SequencerDown(answer));
        require(
            startedAt != 0 && startedAt <= block.timestamp,
            ChainlinkSource_BadSequencerRound(startedAt, block.timestamp)
        );
        require(
            block.timestamp - startedAt > gracePeriod,
            ChainlinkSource_GracePeriod(startedAt, gracePeriod, block.timestamp)
        );
    }

    function _toWad(uint256 answer) private view returns (uint256) {
        return answer * _multiplier / _divisor;
    }
}
