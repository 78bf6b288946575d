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
    }

    struct World {
        uint256 timestamp;
        address escrow;
        bool paused;
        bool tokenAllowed;
        bool payerCanPay;
        bool isMerchant;
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
        return status == PaymentStatus.None && !w.paused && w.tokenAllowed && w.payerCanPay && timely && amounts && fees
            && parties;
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
        if (feeBps < p.minFeeBps || feeBps > p.maxFeeBps) return 0;
        if (dueAmount == 0 || m.dueCaptured + dueAmount > p.due) return 0;
        uint256 worth;
        if (p.currency == p.token) worth = dueAmount;
        else if (w.answer != 0) worth = between(m.dueCaptured, dueAmount, 1e8, w.answer * w.usdPerUnit);
        else if (w.timestamp + 1 days >= p.captureBy) worth = between(m.dueCaptured, dueAmount, p.fallbackAmount, p.due);
        if (!w.isMerchant) {
            if (!p.autoCapture || dueAmount != p.due || feeBps != p.minFeeBps) return 0;
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
