// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IUniswapV3Factory} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {TickPrice} from "../../../contracts/src/libraries/TickPrice.sol";
import {Test} from "./Test.sol";

/// @dev Anybody may mint any amount.
contract PoolToken is ERC20 {
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) ERC20("Pool token", "POOL") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Genuine Uniswap v3 pools, with the test as their only provider and trader.
abstract contract Pools is Test {
    uint24 internal constant FEE = 3000;
    int24 internal constant FULL_RANGE = 887_220;

    IUniswapV3Factory internal factory = IUniswapV3Factory(
        deployArtifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "")
    );

    /// @dev Two new tokens and their pool, not initialized; `base` is the pool's token0 or token1 as asked.
    function createPool(uint8 baseDecimals, uint8 quoteDecimals, bool baseIsToken0)
        internal
        returns (IUniswapV3Pool pool, PoolToken base, PoolToken quote)
    {
        base = new PoolToken(baseDecimals);
        do {
            quote = new PoolToken(quoteDecimals);
        } while ((address(base) < address(quote)) != baseIsToken0);
        pool = IUniswapV3Pool(factory.createPool(address(base), address(quote), FEE));
    }

    /// @dev Initializes the pool at the lowest price of `tick`, with `liquidity` at every price and room for
    /// `cardinality` observations.
    function open(IUniswapV3Pool pool, int24 tick, uint128 liquidity, uint16 cardinality) internal {
        pool.initialize(TickPrice.sqrtPriceX96(tick));
        pool.increaseObservationCardinalityNext(cardinality);
        pool.mint(address(this), -FULL_RANGE, FULL_RANGE, liquidity, "");
    }

    /// @dev Trades until the price is just above the lowest of `tick`: at the lowest itself, a pool that comes from above
    /// counts itself to be below the tick if that is initialized or the last of a word of its bitmap.
    function moveTo(IUniswapV3Pool pool, int24 tick) internal {
        (, int24 tickNow,,,,,) = pool.slot0();
        uint160 target = TickPrice.sqrtPriceX96(tick) + 1;
        pool.swap(address(this), tick < tickNow, type(int128).max, target, "");
        (uint160 root, int24 tickThen,,,,,) = pool.slot0();
        assertEq(root, target, "price traded to");
        assertTrue(tickThen == tick, "tick traded to");
    }

    /// @dev Provides next to nothing, which writes an observation (a trade does so only if it changes the tick).
    function touch(IUniswapV3Pool pool) internal {
        pool.mint(address(this), -FULL_RANGE, FULL_RANGE, 1, "");
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        PoolToken(IUniswapV3Pool(msg.sender).token0()).mint(msg.sender, amount0);
        PoolToken(IUniswapV3Pool(msg.sender).token1()).mint(msg.sender, amount1);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        if (amount0 > 0) PoolToken(IUniswapV3Pool(msg.sender).token0()).mint(msg.sender, uint256(amount0));
        if (amount1 > 0) PoolToken(IUniswapV3Pool(msg.sender).token1()).mint(msg.sender, uint256(amount1));
    }
}
