// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ISwapRouter} from "@uniswap/v3-periphery/contracts/interfaces/ISwapRouter.sol";

import {ISolver} from "../interfaces/ISolver.sol";

/// @title Fills a settlement from Uniswap v3, along any path.
/// @notice Anyone may call. Stateless: it swaps what it was just sent, for its caller, and holds nothing afterwards.
/// What is sent here outside of such a call belongs to whoever comes first.
contract UniswapV3Solver is ISolver {
    using SafeERC20 for IERC20;

    /// The path is no packed v3 path (token, fee, token, …), or does not lead from `tokenIn` to `tokenOut`.
    error UniswapV3Solver_BadPath(bytes path);
    /// The first pool ran dry before it took all; `left` is what it did not take.
    error UniswapV3Solver_NotFilled(uint256 left);

    uint256 internal constant ADDRESS_SIZE = 20;
    /// @dev A token and the fee (uint24) of the pool that follows it.
    uint256 internal constant HOP_SIZE = 23;

    /// @notice The genuine SwapRouter of v3-periphery.
    ISwapRouter public immutable swapRouter;

    constructor(address swapRouter_) {
        swapRouter = ISwapRouter(swapRouter_);
    }

    /// @inheritdoc ISolver
    /// @param data The packed v3 path.
    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        require(_leads(data, tokenIn, tokenOut), UniswapV3Solver_BadPath(data));

        IERC20(tokenIn).forceApprove(address(swapRouter), amountIn);
        swapRouter.exactInput(
            ISwapRouter.ExactInputParams({
                path: data,
                recipient: msg.sender,
                // None: `minOut` is decided in the same transaction, from the rate of that moment.
                deadline: type(uint256).max,
                amountIn: amountIn,
                amountOutMinimum: minOut
            })
        );

        // The router takes exactly what was swapped, so what is left of the allowance was left of the tokens too.
        uint256 left = IERC20(tokenIn).allowance(address(this), address(swapRouter));
        require(left == 0, UniswapV3Solver_NotFilled(left));
    }

    function _leads(bytes calldata path, address tokenIn, address tokenOut) private pure returns (bool) {
        return path.length >= ADDRESS_SIZE + HOP_SIZE && (path.length - ADDRESS_SIZE) % HOP_SIZE == 0
            && address(bytes20(path[:ADDRESS_SIZE])) == tokenIn
            && address(bytes20(path[path.length - ADDRESS_SIZE:])) == tokenOut;
    }
}
