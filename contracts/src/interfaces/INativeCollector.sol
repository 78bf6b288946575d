// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";
import {ICollector} from "./ICollector.sol";

/// @title The way in for the chain's native coin.
/// @notice For payments in the wrapped native coin. The payer calls here, not the escrow: that is its consent, and the
/// value it sends is what is held. Whatever comes back later comes back wrapped.
interface INativeCollector is ICollector {
    /// A payment is being opened by this transaction already, or none is.
    error NativeCollector_NotOpening(bytes32 id, bytes32 opening);
    error NativeCollector_NotPayer(address caller, address payer);
    /// Exactly `maxAmount` must be sent, in wei.
    error NativeCollector_ValueMismatch(uint256 value, uint256 maxAmount);
    error NativeCollector_WrongToken(address token, address wrapped);

    /// @notice Wraps the value and authorizes the payment with it. Only its payer.
    function authorize(Payment calldata payment) external payable returns (bytes32 id);

    /// @notice Wraps the value, authorizes the payment with it and captures the whole due at the lowest signed fee; the
    /// surplus goes to `refundTo`, wrapped. Only the payer, and only terms with auto-capture: for the escrow it is this
    /// collector that captures.
    function charge(Payment calldata payment) external payable returns (bytes32 id, uint256 amount);
}
