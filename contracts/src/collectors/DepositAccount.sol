// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenTransfer} from "../libraries/TokenTransfer.sol";

/// @title The code behind every deposit address: does what its factory says.
/// @dev Cloned by EIP-1167 without any storage, and kept: an account once created cannot be created again (EIP-684), and
/// what comes later must get out too.
contract DepositAccount {
    address internal immutable _FACTORY = msg.sender;

    error DepositAccount_NotFactory(address caller);

    receive() external payable {}

    /// @notice Sends, or changes nothing and returns false.
    /// @param token Zero for the native coin.
    function send(address token, address to, uint256 amount) external returns (bool success) {
        require(msg.sender == _FACTORY, DepositAccount_NotFactory(msg.sender));

        if (token == address(0)) (success,) = to.call{value: amount}("");
        else success = TokenTransfer.tryTransfer(token, to, amount);
    }
}
