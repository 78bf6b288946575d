// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IUniswapV3SwapCallback} from "@uniswap/v3-core/contracts/interfaces/callback/IUniswapV3SwapCallback.sol";

import {ISolver} from "../interfaces/ISolver.sol";

/// @title Fills a settlement from Uniswap v3, along any path.
/// @notice Anyone may call. Stateless: it swaps what it was just sent, for its caller, and holds nothing afterwards.
/// What is sent here outside of such a call belongs to whoever comes first.
/// @dev Swaps with the pools themselves. Uniswap's router would have to be allowed to take the tokens, and would be one
/// more stop of theirs: measured, 16,000 gas of every settlement.
contract UniswapV3Solver is ISolver, IUniswapV3SwapCallback {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// The path is no packed v3 path (token, fee, token, …), or does not lead from `tokenIn` to `tokenOut`.
    error UniswapV3Solver_BadPath(bytes path);
    /// A pool ran dry before it took all; `left` is what it did not take.
    error UniswapV3Solver_NotFilled(uint256 left);
    /// The last pool gave less than was asked for.
    error UniswapV3Solver_TooLittle(uint256 amountOut, uint256 minOut);
    /// The caller is not the factory's pool of these tokens.
    error UniswapV3Solver_NotPool(address caller, address pool);

    uint256 internal constant ADDRESS_SIZE = 20;
    /// @dev A token and the fee (uint24) of the pool that follows it.
    uint256 internal constant HOP_SIZE = 23;
    /// @dev Of the bytecode that the factory deploys; from v3-periphery's `PoolAddress`.
    bytes32 internal constant POOL_INIT_CODE_HASH = 0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54;
    /// @dev v3-core's `TickMath.MIN_SQRT_RATIO + 1` and `MAX_SQRT_RATIO - 1`: as far as a swap may move the price.
    uint160 internal constant MIN_SQRT_PRICE = 4295128740;
    uint160 internal constant MAX_SQRT_PRICE = 1461446703485210103287273052203988822378723970341;

    /// @notice The genuine factory of v3-core.
    address public immutable factory;

    constructor(address factory_) {
        factory = factory_;
    }

    /// @inheritdoc ISolver
    /// @param data The packed v3 path.
    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        require(_leads(data, tokenIn, tokenOut), UniswapV3Solver_BadPath(data));

        uint256 amount = amountIn;
        uint256 end = data.length - ADDRESS_SIZE;
        for (uint256 offset = 0; offset < end; offset += HOP_SIZE) {
            address to = offset + HOP_SIZE == end ? msg.sender : address(this);
            amount = _swap(data[offset:offset + HOP_SIZE + ADDRESS_SIZE], amount, to);
        }
        require(amount >= minOut, UniswapV3Solver_TooLittle(amount, minOut));
    }

    /// @inheritdoc IUniswapV3SwapCallback
    /// @dev A pool calls back whoever called its `swap`, and hands on what it was given: only `_swap` gets here.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata hop) external {
        (address tokenIn, address pool,) = _read(hop);
        require(msg.sender == pool, UniswapV3Solver_NotPool(msg.sender, pool));

        // Cast: the larger one is what the pool is owed, positive or 0.
        IERC20(tokenIn).safeTransfer(pool, uint256(amount0Delta > amount1Delta ? amount0Delta : amount1Delta));
    }

    /// @dev One hop, of all that came from the one before: what a pool did not take would be lost here.
    function _swap(bytes calldata hop, uint256 amountIn, address to) private returns (uint256 amountOut) {
        (, address pool, bool zeroForOne) = _read(hop);
        (int256 delta0, int256 delta1) = IUniswapV3Pool(pool)
            .swap(to, zeroForOne, amountIn.toInt256(), zeroForOne ? MIN_SQRT_PRICE : MAX_SQRT_PRICE, hop);
        (int256 taken, int256 given) = zeroForOne ? (delta0, delta1) : (delta1, delta0);
        // Casts: a pool takes at most what it is offered, and what it gives is negative or 0.
        require(uint256(taken) == amountIn, UniswapV3Solver_NotFilled(amountIn - uint256(taken)));
        return uint256(-given);
    }

    /// @dev Token, fee, token: where the factory has put their pool (CREATE2), and which way it is to be gone through.
    function _read(bytes calldata hop) private view returns (address tokenIn, address pool, bool zeroForOne) {
        tokenIn = address(bytes20(hop[:ADDRESS_SIZE]));
        uint24 fee = uint24(bytes3(hop[ADDRESS_SIZE:HOP_SIZE]));
        address tokenOut = address(bytes20(hop[HOP_SIZE:]));
        zeroForOne = tokenIn < tokenOut;
        (address token0, address token1) = zeroForOne ? (tokenIn, tokenOut) : (tokenOut, tokenIn);
        bytes32 salt = keccak256(abi.encode(token0, token1, fee));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", factory, salt, POOL_INIT_CODE_HASH));
        // Cast: an address is the hash's last 20 bytes (EIP-1014).
        pool = address(uint160(uint256(hash)));
    }

    function _leads(bytes calldata path, address tokenIn, address tokenOut) private pure returns (bool) {
        return path.length >= ADDRESS_SIZE + HOP_SIZE && (path.length - ADDRESS_SIZE) % HOP_SIZE == 0
            && address(bytes20(path[:ADDRESS_SIZE])) == tokenIn
            && address(bytes20(path[path.length - ADDRESS_SIZE:])) == tokenOut;
    }
}
