// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";
import {ICollector} from "./ICollector.sol";

/// @title An address for each payment, to be paid by a plain transfer from anywhere: an exchange, any wallet.
/// @notice The address follows from the payment's id alone, so it commits to all terms. Nobody signs: sending money there
/// is the consent to hold `maxAmount` of it on these terms, and nothing but what lies there can be taken. The payer that
/// the terms name need not be who sent; it has a payer's rights (a dispute), and `refundTo` gets whatever comes back.
///
/// Anyone opens the payment by `MatiEscrow.authorize(payment, this, "")`, or by `charge` where the escrow lets him. Whatever
/// is sent to the address has one outcome:
/// | what lies there | outcome |
/// |---|---|
/// | `maxAmount` or more by `authorizeBy`, and opened by then | `maxAmount` is held, the surplus goes to `refundTo` at once |
/// | less, or not opened by `authorizeBy` (nobody did, intake paused, token or collector not allowed, limits, fee on transfer) | all of it goes to `refundTo` after `authorizeBy`; until then it can be topped up |
/// | what comes after the payment was opened, here or by another way in | goes to `refundTo` at once |
/// | another token, the native coin | goes to `refundTo` at once |
/// What `refundTo` refuses stays at the address, and anyone can try again.
/// @dev Keep `authorizeBy` near: only then does an underpayment come back. The address is of this chain: an equal one on
/// another chain belongs to nobody.
interface IDepositAddresses is ICollector {
    /// @notice `amount` of what lay at the payment's address went to `refundTo`.
    /// @param token Zero for the native coin.
    event Returned(bytes32 indexed id, address indexed token, address indexed refundTo, uint256 amount);

    /// Less lies at the payment's address than is to be held.
    error DepositAddresses_Underpaid(bytes32 id, uint256 balance, uint256 maxAmount);
    /// What lies there can still open the payment.
    error DepositAddresses_StillOpen(uint256 timestamp, uint256 authorizeBy);
    error DepositAddresses_NothingToReturn(bytes32 id, address token);
    /// The token moved nothing, or `refundTo` refused it, or too little gas was given. Nothing happened.
    error DepositAddresses_NotSent(address token, address to, uint256 amount);

    /// @notice Sends all of `token` that lies at the payment's address to `refundTo`. Anyone may call.
    /// @dev Never pausable. The payment's own token waits while it could still open the payment.
    /// @param token Zero for the native coin.
    function returnRest(Payment calldata payment, address token) external returns (uint256 amount);

    /// @notice Where to send `maxAmount` of the payment's token.
    function addressOf(Payment calldata payment) external view returns (address);
}
