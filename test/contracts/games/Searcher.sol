// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ISwapRouter} from "@uniswap/v3-periphery/contracts/interfaces/ISwapRouter.sol";

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {ISolver} from "../../../contracts/src/interfaces/ISolver.sol";
import {Group, Side} from "../../../contracts/src/types/Settlement.sol";

/// @notice A keeper who takes all he can: moves the pool, settles, and moves it back, in one transaction.
contract Searcher is ISolver {
    struct Play {
        Group group;
        address[] merchants;
        uint256 maxAmountIn;
        /// What he swaps in the pool before: so much of the group's token (true) or of its asset.
        bool isTokenFirst;
        uint256 push;
        /// Which part of what that brought him he swaps back afterwards, in basis points.
        uint256 backBps;
        /// Through Uniswap's solver, or through himself.
        bool isThroughUniswap;
        /// As the solver he delivers the bound, or so much less: out of what the pool gives for the tokens, or from stock.
        bool isFromPool;
        uint256 short;
    }

    ISettler internal immutable SETTLER;
    ISwapRouter internal immutable ROUTER;
    address internal immutable UNISWAP_SOLVER;
    uint24 internal immutable FEE;

    constructor(ISettler settler, address router, address uniswapSolver, uint24 fee) {
        (SETTLER, ROUTER, UNISWAP_SOLVER, FEE) = (settler, ISwapRouter(router), uniswapSolver, fee);
    }

    function play(Play calldata p) external {
        (address token, address asset) = (p.group.token, p.group.asset);
        (address first, address second) = p.isTokenFirst ? (token, asset) : (asset, token);
        uint256 brought = swap(first, second, p.push);

        address solver = p.isThroughUniswap ? UNISWAP_SOLVER : address(this);
        bytes memory data = p.isThroughUniswap ? abi.encodePacked(token, FEE, asset) : abi.encode(p.isFromPool, p.short);
        SETTLER.settlePart(p.group, p.merchants, p.maxAmountIn, solver, data);

        swap(second, first, brought * p.backBps / 10_000);
    }

    /// @dev Against his own ledger balance, on either side.
    function cross(Side calldata covered, Side calldata other, bool isFromPool) external {
        SETTLER.settleCrossed(covered, other, address(this), abi.encode(isFromPool, 0));
    }

    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        (bool isFromPool, uint256 short) = abi.decode(data, (bool, uint256));
        if (isFromPool) swap(tokenIn, tokenOut, amountIn);
        IERC20(tokenOut).transfer(msg.sender, minOut - short);
    }

    function swap(address from, address to, uint256 amount) public returns (uint256 brought) {
        if (amount == 0) return 0;
        IERC20(from).approve(address(ROUTER), amount);
        return ROUTER.exactInput(
            ISwapRouter.ExactInputParams({
                path: abi.encodePacked(from, FEE, to),
                recipient: address(this),
                deadline: block.timestamp,
                amountIn: amount,
                amountOutMinimum: 0
            })
        );
    }
}
