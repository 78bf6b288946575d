// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";

/// @notice What the escrow should do, written a second time from DESIGN's words and in other arithmetic: per payment
/// plain numbers instead of packed slots, ledgers as lists of credits consumed first in, first out.
library EscrowModel {
    struct Modeled {
        Payment terms;
        PaymentStatus status;
        uint256 authorized;
        uint256 held;
        uint256 captured;
        uint256 returned;
        uint256 dueCaptured;
        /// Sum of amount times fee bps over all captures: the fee owed so far is a 10,000th of it.
        uint256 feeNumerator;
        uint256 feePaid;
        uint256 dueRefunded;
        /// Unix seconds; 0 if never frozen.
        uint256 frozenUntil;
    }

    struct World {
        uint256 timestamp;
        address escrow;
        bool paused;
        bool tokenAllowed;
        bool payerCanPay;
        bool isMerchant;
        /// Whether the payer itself asks, with the money.
        bool isPayer;
        uint256 toleranceBps;
        /// USD per whole token, 8 decimals as its feed; 0 where no valid rate exists.
        uint256 answer;
        /// How many USD units (18 decimals) there are to one unit of the token, at one USD a token.
        uint256 usdPerUnit;
    }

    function canAuthorize(Payment memory p, PaymentStatus status, World memory w) internal pure returns (bool) {
        bool timely = w.timestamp <= p.authorizeBy && p.authorizeBy <= p.captureBy && p.captureAfter <= p.captureBy;
        bool amounts = p.maxAmount > 0 && p.due > 0 && p.fallbackAmount <= p.maxAmount
            && !(p.currency == p.token && p.due > p.maxAmount);
        bool fees = p.minFeeBps <= p.maxFeeBps && p.maxFeeBps <= 10_000
            && (p.maxFeeBps == 0 || (p.feeReceiver != address(0) && p.feeReceiver != w.escrow));
        bool parties =
            p.merchant != address(0) && p.merchant != w.escrow && p.refundTo != address(0) && p.refundTo != w.escrow;
        bool disputes = p.arbiter == address(0)
            ? p.resolveBy == 0 && p.defaultMerchantBps == 0
            : p.resolveBy >= p.captureBy && p.defaultMerchantBps <= 10_000;
        return status == PaymentStatus.None && !w.paused && w.tokenAllowed && w.payerCanPay && timely && amounts && fees
            && parties && disputes;
    }

    function opened(Payment memory p) internal pure returns (Modeled memory m) {
        m.terms = p;
        m.status = PaymentStatus.Authorized;
        m.authorized = p.maxAmount;
        m.held = p.maxAmount;
    }

    /// @return What a refund of `amount` counts as of the due: its part of what was captured, never too little.
    function refundCounts(Modeled memory m, uint256 amount) internal pure returns (uint256) {
        if (m.captured == 0) return 0;
        return (amount * m.dueCaptured + m.captured - 1) / m.captured;
    }

    /// @return What a part of the due is worth in the token at today's rate; 0 where there is none.
    function worthNow(Payment memory p, uint256 dueAmount, World memory w) internal pure returns (uint256) {
        if (p.currency == p.token) return dueAmount;
        return w.answer == 0 ? 0 : dueAmount * 1e8 / (w.answer * w.usdPerUnit);
    }

    /// @return amount 0 where the capture must fail.
    function captureAmount(Modeled memory m, uint256 dueAmount, uint256 feeBps, World memory w)
        internal
        pure
        returns (uint256 amount)
    {
        Payment memory p = m.terms;
        if (m.status != PaymentStatus.Authorized || w.timestamp < p.captureAfter || w.timestamp > p.captureBy) {
            return 0;
        }
        if (w.timestamp < m.frozenUntil) return 0;
        if (feeBps < p.minFeeBps || feeBps > p.maxFeeBps) return 0;
        if (dueAmount == 0 || m.dueCaptured + dueAmount > p.due) return 0;
        uint256 worth;
        if (p.currency == p.token) worth = dueAmount;
        else if (w.answer != 0) worth = between(m.dueCaptured, dueAmount, 1e8, w.answer * w.usdPerUnit);
        else if (w.timestamp + 1 days >= p.captureBy) worth = between(m.dueCaptured, dueAmount, p.fallbackAmount, p.due);
        if (!w.isMerchant) {
            if (!(p.autoCapture || w.isPayer) || dueAmount != p.due || feeBps != p.minFeeBps) return 0;
            if (worth > m.held && worth - m.held > worth * w.toleranceBps / 10_000) return 0;
        }
        amount = worth < m.held ? worth : m.held;
    }

    function isFinal(Modeled memory m, uint256 dueAmount, bool asked) internal pure returns (bool) {
        return asked || m.dueCaptured + dueAmount == m.terms.due;
    }

    /// @dev What a part of the due adds to the worth of all captured before it, each rounded down.
    function between(uint256 before, uint256 part, uint256 numerator, uint256 denominator)
        private
        pure
        returns (uint256)
    {
        return (before + part) * numerator / denominator - before * numerator / denominator;
    }
}
