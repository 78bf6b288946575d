// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";

/// @title One way for a payer's money to reach the escrow.
/// @notice Called by the escrow, under its lock, for a payment that it has just opened. Must leave exactly
/// `payment.maxAmount` of `payment.token` with the escrow, which measures it, and holds nothing afterwards.
/// @dev An implementation must prove the payer's consent to `id`, the hash of all terms, and refuse callers other than
/// the escrow it was made for.
interface ICollector {
    /// @param id The payment's id, which is also the EIP-712 digest a payer signs.
    /// @param caller Who called the escrow.
    /// @param data What proves the consent; each implementation says what.
    function collect(Payment calldata payment, bytes32 id, address caller, bytes calldata data) external;
}
