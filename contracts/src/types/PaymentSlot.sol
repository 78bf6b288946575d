// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PaymentStatus} from "./Payment.sol";

using {
    status,
    isOpen,
    heldOrRefundedDue,
    captured,
    feeRemainder,
    hasDetails,
    withStatus,
    withDetails
} for PaymentSlot global;

/// @notice What the escrow stores of every payment: one slot, all 256 bits of it, read and written as one word.
/// @dev From the lowest bit:
/// - 8: the status (`PaymentStatus`)
/// - 112: while there is a hold, what is held, in units of the payment's token. Afterwards, without details, what was
///   refunded of the due, so that a payment captured in one go never needs a second slot
/// - 112: what was captured so far, fee included, in units of the payment's token
/// - 16: the part of a fee unit (in 1/10,000) that earlier captures left unpaid (see `chargeFee`)
/// - 8: 1 if `PaymentDetails` tells of this payment
type PaymentSlot is uint256;

/// @notice What a payment needs beyond its slot once it was captured in part, frozen, or refunded while held: one slot.
/// @dev Without it, all of the due was captured, or nothing.
struct PaymentDetails {
    /// In units of the payment's currency.
    uint112 capturedDue;
    uint112 refundedDue;
    /// Unix seconds; fits until 2106.
    uint32 frozenUntil;
}

/// @dev The amounts are below 2^112, the remainder below 2^16.
function toPaymentSlot(
    PaymentStatus status_,
    uint256 heldOrRefundedDue_,
    uint256 captured_,
    uint256 feeRemainder_,
    bool hasDetails_
) pure returns (PaymentSlot) {
    return PaymentSlot.wrap(
        uint256(status_) | heldOrRefundedDue_ << 8 | captured_ << 120 | feeRemainder_ << 232
            | (hasDetails_ ? 1 << 248 : 0)
    );
}

function status(PaymentSlot slot) pure returns (PaymentStatus) {
    return PaymentStatus(uint8(PaymentSlot.unwrap(slot)));
}

/// @dev Whether there is a hold.
function isOpen(PaymentSlot slot) pure returns (bool) {
    return slot.status() == PaymentStatus.Authorized || slot.status() == PaymentStatus.Disputed;
}

function heldOrRefundedDue(PaymentSlot slot) pure returns (uint256) {
    return uint112(PaymentSlot.unwrap(slot) >> 8);
}

function captured(PaymentSlot slot) pure returns (uint256) {
    return uint112(PaymentSlot.unwrap(slot) >> 120);
}

function feeRemainder(PaymentSlot slot) pure returns (uint16) {
    return uint16(PaymentSlot.unwrap(slot) >> 232);
}

function hasDetails(PaymentSlot slot) pure returns (bool) {
    return PaymentSlot.unwrap(slot) >> 248 != 0;
}

function withStatus(PaymentSlot slot, PaymentStatus status_) pure returns (PaymentSlot) {
    return PaymentSlot.wrap(PaymentSlot.unwrap(slot) & ~uint256(0xff) | uint256(status_));
}

function withDetails(PaymentSlot slot) pure returns (PaymentSlot) {
    return PaymentSlot.wrap(PaymentSlot.unwrap(slot) | 1 << 248);
}
