// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PaymentState, PaymentStatus} from "./Payment.sol";

using {isOpen, state, capturedDue, refundedDue} for PaymentSlot global;

/// @notice What the escrow stores of every payment: one slot, all 256 bits of it.
struct PaymentSlot {
    PaymentStatus status;
    /// While there is a hold: what is held, in units of the payment's token. Afterwards, without details: what was
    /// refunded of the due, so that a payment captured in one go never needs a second slot.
    uint112 heldOrRefundedDue;
    /// What was captured so far, fee included, in units of the payment's token.
    uint112 captured;
    /// The part of a fee unit (in 1/10,000) that earlier captures left unpaid: see `chargeFee`.
    uint16 feeRemainder;
    /// Whether `PaymentDetails` tells of this payment.
    bool hasDetails;
}

/// @notice What a payment needs beyond its slot once it was captured in part, frozen, or refunded while held: one slot.
/// @dev Without it, all of the due was captured, or nothing.
struct PaymentDetails {
    /// In units of the payment's currency.
    uint112 capturedDue;
    uint112 refundedDue;
    /// Unix seconds; fits until 2106.
    uint32 frozenUntil;
}

/// @dev Whether there is a hold.
function isOpen(PaymentSlot memory slot) pure returns (bool) {
    return slot.status == PaymentStatus.Authorized || slot.status == PaymentStatus.Disputed;
}

/// @dev `due`: all that is owed.
function capturedDue(PaymentSlot memory slot, PaymentDetails memory details, uint112 due) pure returns (uint112) {
    if (slot.hasDetails) return details.capturedDue;
    return slot.captured == 0 ? 0 : due;
}

function refundedDue(PaymentSlot memory slot, PaymentDetails memory details) pure returns (uint112) {
    if (slot.hasDetails) return details.refundedDue;
    return slot.isOpen() ? 0 : slot.heldOrRefundedDue;
}

function state(PaymentSlot memory slot, PaymentDetails memory details) pure returns (PaymentState memory) {
    return PaymentState({
        status: slot.status,
        held: slot.isOpen() ? slot.heldOrRefundedDue : 0,
        captured: slot.captured,
        refundedDue: slot.refundedDue(details),
        frozenUntil: details.frozenUntil
    });
}
