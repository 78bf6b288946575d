// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISettler} from "../interfaces/ISettler.sol";
import {ISolver} from "../interfaces/ISolver.sol";
import {Group} from "../types/Settlement.sol";

/// @title Lets a keeper fill a settlement of this chain from its own tokens.
/// @notice The keeper approves this contract for the asset and settles through it: it pays exactly the bound of the
/// moment and gets the group's tokens and the tip. A keeper's approval is spent only inside its own call, which is
/// remembered for that call alone (EIP-1153); the settler is one, and settles one group at a time.
contract StockSolver is ISolver, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// Only the settler may ask, for a settlement that a keeper began here.
    error StockSolver_NotAsked(address caller);
    /// The bound is more than the keeper said it would pay.
    error StockSolver_TooDear(uint256 minOut, uint256 maxPaid);

    ISettler public immutable settler;

    /// @dev Who settles through this contract at this moment.
    address private transient _keeper;

    constructor(ISettler settler_) {
        settler = settler_;
    }

    /// @notice Settles a group from the caller's tokens; see `ISettler.settlePart`.
    /// @param maxPaid The most of the asset that the caller pays.
    function settle(Group calldata group, address[] calldata merchants, uint256 maxAmountIn, uint256 maxPaid)
        external
        nonReentrant
        returns (bytes32 id)
    {
        IERC20 asset = IERC20(group.asset);
        uint256 balanceBefore = asset.balanceOf(address(this));
        _keeper = msg.sender;
        id = settler.settlePart(group, merchants, maxAmountIn, address(this), abi.encode(maxPaid));
        _keeper = address(0);
        uint256 tip = asset.balanceOf(address(this)) - balanceBefore;
        if (tip != 0) asset.safeTransfer(msg.sender, tip);
    }

    /// @inheritdoc ISolver
    /// @param data The most that the keeper pays.
    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        address keeper = _keeper;
        require(msg.sender == address(settler) && keeper != address(0), StockSolver_NotAsked(msg.sender));
        uint256 maxPaid = abi.decode(data, (uint256));
        require(minOut <= maxPaid, StockSolver_TooDear(minOut, maxPaid));

        IERC20(tokenOut).safeTransferFrom(keeper, msg.sender, minOut);
        IERC20(tokenIn).safeTransfer(keeper, amountIn);
    }
}
