// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IRateSource} from "../interfaces/IRateSource.sol";
import {TickPrice} from "../libraries/TickPrice.sol";
import {MAX_DECIMALS, MAX_RATE_WAD, MIN_RATE_WAD} from "../types/Rate.sol";

/// @title A Uniswap v3 pool's time-weighted mean price, and the conditions under which it may be used.
/// @notice For a token without a Chainlink feed. The price is the geometric mean over the last `window` seconds, so
/// holding the pool at a false price for one block moves it by a `window`-th of the way at most (as a logarithm).
/// What makes a longer manipulation dear is the pool's liquidity, hence `minLiquidity`; what bounds its effect is
/// `maxChangeBpsPerHour`. Nothing can be changed: other conditions are another source.
/// @dev The pool must be one of a known factory: whoever sets up the source sees to that. It also needs observations
/// enough to look back over `window` plus one hour however often it is traded, at most one per block
/// (`increaseObservationCardinalityNext`).
contract UniswapV3TwapSource is IRateSource {
    /// The constructor's argument of that name makes no sense.
    error UniswapV3TwapSource_BadConfig(string parameter);
    /// The pool remembers `age` seconds, fewer than the `required` ones that are looked at.
    error UniswapV3TwapSource_HistoryTooShort(uint256 age, uint256 required);
    /// The harmonic mean of the liquidity in range over the window.
    error UniswapV3TwapSource_LiquidityTooLow(uint256 liquidity, uint256 min);
    /// The mean price moved more within the last hour than it may; both are WAD.
    error UniswapV3TwapSource_ChangeTooLarge(uint256 wad, uint256 wadHourAgo, uint256 maxChangeBps);
    /// The pool's price (of this moment, or over the last five minutes) is apart from the mean price; both are WAD.
    error UniswapV3TwapSource_Apart(uint256 wad, uint256 wadNow, uint256 maxChangeBps);
    /// A token reports other decimals than when this source was made.
    error UniswapV3TwapSource_DecimalsChanged(address token, uint8 decimals, uint8 expected);
    /// The price is outside of what a rate may be.
    error UniswapV3TwapSource_OutOfRange(uint256 wad, uint256 min, uint256 max);

    /// Bounds of `window`, seconds.
    uint32 public constant MIN_WINDOW = 30 minutes;
    uint32 public constant MAX_WINDOW = 7 days;
    uint32 private constant HOUR = 1 hours;
    /// @dev Long enough that a block or two cannot fake it, short enough to see a move that the window hides.
    uint32 private constant RECENT = 5 minutes;
    uint256 private constant BPS = 10_000;

    IUniswapV3Pool public immutable pool;
    /// What is priced: one of the pool's tokens.
    address public immutable base;
    /// @inheritdoc IRateSource
    /// @dev The pool's other token.
    address public immutable quoteAsset;
    /// Seconds over which the mean is taken.
    uint32 public immutable window;
    /// Uniswap's L: the square root of the product of both virtual reserves in their smallest units.
    uint128 public immutable minLiquidity;
    /// How much the larger of the mean price now and that of one hour ago may exceed the smaller one, basis points;
    /// for settlements also of the mean price and the pool's recent and present one.
    uint16 public immutable maxChangeBpsPerHour;
    /// As of construction.
    uint8 public immutable baseDecimals;
    uint8 public immutable quoteDecimals;
    bool private immutable _baseIsToken0;

    constructor(address pool_, address base_, uint32 window_, uint128 minLiquidity_, uint16 maxChangeBpsPerHour_) {
        require(pool_.code.length != 0, UniswapV3TwapSource_BadConfig("pool"));
        require(window_ >= MIN_WINDOW && window_ <= MAX_WINDOW, UniswapV3TwapSource_BadConfig("window"));
        require(minLiquidity_ != 0, UniswapV3TwapSource_BadConfig("minLiquidity"));
        require(
            maxChangeBpsPerHour_ != 0 && maxChangeBpsPerHour_ <= BPS,
            UniswapV3TwapSource_BadConfig("maxChangeBpsPerHour")
        );
        pool = IUniswapV3Pool(pool_);
        (address token0, address token1) = (pool.token0(), pool.token1());
        require(base_ == token0 || base_ == token1, UniswapV3TwapSource_BadConfig("base"));

        base = base_;
        _baseIsToken0 = base_ == token0;
        quoteAsset = _baseIsToken0 ? token1 : token0;
        window = window_;
        minLiquidity = minLiquidity_;
        maxChangeBpsPerHour = maxChangeBpsPerHour_;
        baseDecimals = IERC20Metadata(base).decimals();
        quoteDecimals = IERC20Metadata(quoteAsset).decimals();
        require(
            baseDecimals <= MAX_DECIMALS && quoteDecimals <= MAX_DECIMALS, UniswapV3TwapSource_BadConfig("decimals")
        );
    }

    /// @inheritdoc IRateSource
    /// @dev Rounded down to a whole tick (a basis point) in whichever direction the pool counts, then to WAD.
    /// Never from `slot0`'s price, which the caller's own transaction can have set.
    /// @return wad Quote asset per whole base, WAD.
    /// @return roundId The second of the reading.
    /// @return updatedAt That second too: a mean up to now has no age.
    function read() public view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        _requireDecimals(base, baseDecimals);
        _requireDecimals(quoteAsset, quoteDecimals);
        _requireHistory();

        uint32[] memory secondsAgos = new uint32[](4);
        (secondsAgos[0], secondsAgos[1], secondsAgos[2], secondsAgos[3]) = (window + HOUR, HOUR, window, 0);
        (int56[] memory ticks, uint160[] memory secondsPerLiquidity) = pool.observe(secondsAgos);

        uint256 liquidity = _meanLiquidity(secondsPerLiquidity[2], secondsPerLiquidity[3]);
        require(liquidity >= minLiquidity, UniswapV3TwapSource_LiquidityTooLow(liquidity, minLiquidity));

        wad = _meanPrice(ticks[2], ticks[3], window);
        uint256 wadHourAgo = _meanPrice(ticks[0], ticks[1], window);
        require(_isNear(wad, wadHourAgo), UniswapV3TwapSource_ChangeTooLarge(wad, wadHourAgo, maxChangeBpsPerHour));

        // Time fits 40 bits for the next 34,000 years.
        return (wad, uint80(block.timestamp), uint40(block.timestamp));
    }

    /// @inheritdoc IRateSource
    /// @dev A mean lags: after the market has moved, whoever sells the base at the mean price buys it back cheaper.
    function readTogether() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        (wad, roundId, updatedAt) = read();
        uint32[] memory secondsAgos = new uint32[](2);
        (secondsAgos[0], secondsAgos[1]) = (RECENT, 0);
        (int56[] memory ticks,) = pool.observe(secondsAgos);
        uint256 recent = _meanPrice(ticks[0], ticks[1], RECENT);
        require(_isNear(wad, recent), UniswapV3TwapSource_Apart(wad, recent, maxChangeBpsPerHour));
        (, int24 tick,,,,,) = pool.slot0();
        uint256 present = _price(_baseIsToken0 ? tick : -tick);
        require(_isNear(wad, present), UniswapV3TwapSource_Apart(wad, present, maxChangeBpsPerHour));
    }

    /// @dev No overflow: prices are at most MAX_RATE_WAD.
    function _isNear(uint256 a, uint256 b) private view returns (bool) {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        return high * BPS <= low * (BPS + maxChangeBpsPerHour);
    }

    function _requireDecimals(address token, uint8 expected) private view {
        uint8 decimals = IERC20Metadata(token).decimals();
        require(decimals == expected, UniswapV3TwapSource_DecimalsChanged(token, decimals, expected));
    }

    /// @dev The pool's observations are a ring: the oldest follows the newest, or is the first while the ring has not
    /// gone round since it last grew. A pool never initialized has a ring of none.
    function _requireHistory() private view {
        uint256 required = uint256(window) + HOUR;
        (,, uint16 index, uint16 cardinality,,,) = pool.slot0();
        require(cardinality != 0, UniswapV3TwapSource_HistoryTooShort(0, required));
        (uint32 oldest,,, bool initialized) = pool.observations((uint256(index) + 1) % cardinality);
        if (!initialized) (oldest,,,) = pool.observations(0);

        uint256 age;
        unchecked {
            // The pool keeps time modulo 2^32, so the difference does too.
            age = uint32(block.timestamp) - oldest;
        }
        require(age >= required, UniswapV3TwapSource_HistoryTooShort(age, required));
    }

    /// @dev window / (sum of seconds / liquidity), in whole units of L, rounded down.
    function _meanLiquidity(uint160 start, uint160 end) private view returns (uint256) {
        unchecked {
            // The accumulator is modulo 2^160 and grows by 2^128 / L a second, at least by 1 since L < 2^128: the
            // divisor is not 0. And window < 2^32 keeps the shifted one below 2^160.
            return (uint256(window) << 128) / uint160(end - start);
        }
    }

    /// @dev The price of `base` at the mean tick between two readings that many seconds apart.
    function _meanPrice(int56 start, int56 end, uint32 secondsApart) private view returns (uint256) {
        int256 sum;
        unchecked {
            // The accumulator is modulo 2^56.
            sum = end - start;
        }
        if (!_baseIsToken0) sum = -sum;
        int256 divisor = int256(uint256(secondsApart));
        int256 tick = sum / divisor;
        if (sum < 0 && sum % divisor != 0) --tick;
        // A mean of ticks is a tick, and those fit 24 bits.
        return _price(int24(tick));
    }

    /// @param tick Counted for `base`: 1.0001^tick is token1 per token0, and its inverse is what negates the tick.
    function _price(int24 tick) private view returns (uint256 wad) {
        wad = TickPrice.toWad(tick, baseDecimals, quoteDecimals);
        require(
            wad >= MIN_RATE_WAD && wad <= MAX_RATE_WAD, UniswapV3TwapSource_OutOfRange(wad, MIN_RATE_WAD, MAX_RATE_WAD)
        );
    }
}
