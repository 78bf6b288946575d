// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISolver} from "../../../contracts/src/interfaces/ISolver.sol";

/// @notice A solver as anyone may write one, hostile ones included: delivers what it is told from its own stock, after
/// calling whatever it is told.
contract AnySolver is ISolver {
    struct Call {
        address target;
        bytes data;
    }

    uint256 public toDeliver;
    bool public succeeded;
    bytes public answer;
    bytes public lastData;
    uint256 public lastAmountIn;
    uint256 public lastMinOut;
    Call internal _call;

    receive() external payable {}

    function willDeliver(uint256 amount) external {
        toDeliver = amount;
    }

    function willCall(address target, bytes calldata data) external {
        _call = Call(target, data);
    }

    function solve(address, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        (lastAmountIn, lastMinOut, lastData) = (amountIn, minOut, data);
        if (_call.target != address(0)) (succeeded, answer) = _call.target.call(_call.data);
        if (toDeliver != 0) require(IERC20(tokenOut).transfer(msg.sender, toDeliver), "not delivered");
    }
}
