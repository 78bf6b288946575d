// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ICollector} from "../interfaces/ICollector.sol";
import {IDepositAddresses} from "../interfaces/IDepositAddresses.sol";
import {IMatiEscrow} from "../interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../types/Payment.sol";
import {Collector} from "./Collector.sol";
import {DepositAccount} from "./DepositAccount.sol";

/// @title See `IDepositAddresses`, which is the manual.
/// @dev Keeps no state: what is asked of an account follows from the terms, which are in its address, and from the escrow.
contract DepositAddresses is IDepositAddresses, Collector {
    address internal immutable _ACCOUNT = address(new DepositAccount());

    constructor(IMatiEscrow escrow) Collector(escrow) {}

    /// @inheritdoc ICollector
    function collect(Payment calldata payment, bytes32 id, address, bytes calldata) external onlyEscrow {
        DepositAccount account = _account(id);
        address token = payment.token;
        uint256 balance = IERC20(token).balanceOf(address(account));
        require(balance >= payment.maxAmount, DepositAddresses_Underpaid(id, balance, payment.maxAmount));

        _send(account, token, address(ESCROW), payment.maxAmount);
        uint256 surplus = balance - payment.maxAmount;
        // What cannot be returned now, for whatever reason, can be at any time: it does not keep the payment from opening.
        if (surplus != 0 && account.send(token, payment.refundTo, surplus)) {
            emit Returned(id, token, payment.refundTo, surplus);
        }
    }

    /// @inheritdoc IDepositAddresses
    function returnRest(Payment calldata payment, address token) external returns (uint256 amount) {
        bytes32 id = ESCROW.paymentId(payment);
        if (token == payment.token && ESCROW.paymentState(id).status == PaymentStatus.None) {
            require(
                block.timestamp > payment.authorizeBy, DepositAddresses_StillOpen(block.timestamp, payment.authorizeBy)
            );
        }
        DepositAccount account = _account(id);
        amount = token == address(0) ? address(account).balance : IERC20(token).balanceOf(address(account));
        require(amount != 0, DepositAddresses_NothingToReturn(id, token));

        _send(account, token, payment.refundTo, amount);
        emit Returned(id, token, payment.refundTo, amount);
    }

    /// @inheritdoc IDepositAddresses
    function addressOf(Payment calldata payment) external view returns (address) {
        return Clones.predictDeterministicAddress(_ACCOUNT, ESCROW.paymentId(payment));
    }

    /// @dev The account at the payment's address, created if this is the first time that anything leaves it.
    function _account(bytes32 id) internal returns (DepositAccount) {
        address account = Clones.predictDeterministicAddress(_ACCOUNT, id);
        if (account.code.length == 0) Clones.cloneDeterministic(_ACCOUNT, id);
        return DepositAccount(payable(account));
    }

    function _send(DepositAccount account, address token, address to, uint256 amount) internal {
        require(account.send(token, to, amount), DepositAddresses_NotSent(token, to, amount));
    }
}
