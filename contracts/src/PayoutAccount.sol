// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";

/// @title The code behind every payout account: takes its ledger balances out when its factory says so.
/// @dev Cloned by EIP-1167, without storage.
contract PayoutAccount {
    address internal immutable _FACTORY = msg.sender;

    error PayoutAccount_NotFactory(address caller);

    function withdraw(IMatiEscrow escrow, address token, uint256 amount, address to) external {
        require(msg.sender == _FACTORY, PayoutAccount_NotFactory(msg.sender));
        escrow.withdraw(token, amount, to);
    }
}
