// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Funding, Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given the largest of everything → each stored word is, bit by bit, what `PaymentSlot` and `Ledger` say
/// given any word → each view reads its own bits of it and no others
contract LayoutTest is EscrowTest {
    uint112 internal constant MAX = type(uint112).max;
    /// @dev A fee unit (1/10,000) less than one: the largest remainder there is.
    uint256 internal constant REMAINDER = 9_999;
    uint256 internal constant HAS_DETAILS = 1 << 248;

    function setUp() public override {
        super.setUp();
        weth.mint(payer, 4 * uint256(MAX));
    }

    // ------------------------------------------------------------------------------------------- payments

    function test_Payment_HeldWhole() public {
        bytes32 id = authorize(largest("held"));
        assertWords(id, 1 | uint256(MAX) << 8, 0);

        vm.warp(uint256(largest("held").captureBy) + 1);
        escrow.reclaim(largest("held"));
        assertWords(id, 4, 0);
    }

    /// @dev One slot tells of all: captured, refunded, and the remainder of the fee, which a refund must not touch.
    function test_Payment_CapturedAtOnceAndRefunded() public {
        Payment memory p = largest("at once");
        bytes32 id = authorize(p);
        uint256 remainder = uint256(MAX) % 10_000;
        vm.prank(merchant);
        escrow.capture(p, MAX, 1, true);
        assertWords(id, 2 | uint256(MAX) << 120 | remainder << 232, 0);

        vm.prank(payer);
        escrow.refund(p, MAX, Funding.Caller);
        assertWords(id, 2 | uint256(MAX) << 8 | uint256(MAX) << 120 | remainder << 232, 0);
        assertPayment(id, PaymentStatus.Captured, 0, MAX, MAX, 0);
    }

    function test_Payment_CapturedInPartsFrozenAndRefunded() public {
        Payment memory p = largest("parts");
        bytes32 id = authorize(p);
        vm.prank(merchant);
        escrow.capture(p, REMAINDER, 1, false); // a fee of 0.9999 units
        uint256 slot = 1 | (MAX - REMAINDER) << 8 | REMAINDER << 120 | REMAINDER << 232 | HAS_DETAILS;
        assertWords(id, slot, REMAINDER);
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 0, "no fee yet");

        uint256 until = block.timestamp + 2 days;
        escrow.freezeCapture(p);
        assertWords(id, slot, REMAINDER | until << 224);

        vm.prank(payer);
        escrow.refund(p, REMAINDER, Funding.Caller);
        assertWords(id, slot, REMAINDER | REMAINDER << 112 | until << 224);
        assertPayment(id, PaymentStatus.Authorized, MAX - REMAINDER, REMAINDER, REMAINDER, until);

        vm.warp(until);
        vm.prank(merchant);
        escrow.capture(p, 1, 1, false); // makes the unit full
        slot = 1 | (MAX - REMAINDER - 1) << 8 | (REMAINDER + 1) << 120 | HAS_DETAILS;
        assertWords(id, slot, (REMAINDER + 1) | REMAINDER << 112 | until << 224);
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 1, "one unit");

        vm.prank(merchant);
        escrow.capture(p, MAX - REMAINDER - 1, 0, false);
        vm.prank(payer);
        escrow.refund(p, MAX - REMAINDER, Funding.Caller);
        assertWords(id, 2 | uint256(MAX) << 120 | HAS_DETAILS, uint256(MAX) | uint256(MAX) << 112 | until << 224);
        assertPayment(id, PaymentStatus.Captured, 0, MAX, MAX, until);
    }

    /// @dev The freeze's details go on telling of it.
    function test_Payment_FrozenAndCapturedAtOnce() public {
        Payment memory p = largest("frozen");
        bytes32 id = authorize(p);
        uint256 until = block.timestamp + 2 days;
        escrow.freezeCapture(p);
        vm.warp(until);
        vm.prank(merchant);
        escrow.capture(p, MAX, 0, true);
        assertWords(id, 2 | uint256(MAX) << 120 | HAS_DETAILS, MAX | until << 224);
    }

    function test_Payment_VoidedAfterAPart() public {
        Payment memory p = largest("voided");
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, REMAINDER, 1, false);
        escrow.void(p);
        vm.stopPrank();
        assertWords(id, 3 | REMAINDER << 120 | REMAINDER << 232 | HAS_DETAILS, REMAINDER);
    }

    function test_Payment_DisputedAndRuledOn() public {
        Payment memory p = largest("disputed");
        (p.arbiter, p.resolveBy, p.captureAfter) = (stranger, p.captureBy, p.captureBy);
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        assertWords(id, 5 | uint256(MAX) << 8, 0);

        vm.prank(stranger);
        escrow.resolve(p, MAX - 1);
        assertWords(id, 6 | uint256(MAX - 1) << 120 | HAS_DETAILS, MAX - 1);
    }

    /// @dev Each field alone at its largest, beside zeros; then all at once.
    function test_Payment_ViewsReadTheirOwnBits() public {
        bytes32 id = authorize(largest("views"));
        (bytes32 slot, bytes32 details) = slotsOf(id);
        uint256 max = MAX;

        write(slot, 1 | max << 8, details, 0);
        assertPayment(id, PaymentStatus.Authorized, max, 0, 0, 0);
        write(slot, 5 | max << 120, details, 0);
        assertPayment(id, PaymentStatus.Disputed, 0, max, 0, 0);
        write(slot, 3 | max << 8, details, 0);
        assertPayment(id, PaymentStatus.Voided, 0, 0, max, 0);
        write(slot, 6 | uint256(type(uint16).max) << 232, details, 0);
        assertPayment(id, PaymentStatus.Resolved, 0, 0, 0, 0);
        assertEq(escrow.capturedDue(largest("views")), 0, "nothing captured");
        write(slot, 4 | HAS_DETAILS, details, max);
        assertPayment(id, PaymentStatus.Reclaimed, 0, 0, 0, 0);
        assertEq(escrow.capturedDue(largest("views")), max, "captured due");
        write(slot, 2 | HAS_DETAILS, details, max << 112);
        assertPayment(id, PaymentStatus.Captured, 0, 0, max, 0);
        write(slot, 0, details, uint256(type(uint32).max) << 224);
        assertPayment(id, PaymentStatus.None, 0, 0, 0, type(uint32).max);
        write(slot, type(uint256).max - 0xff | 1, details, type(uint256).max);
        assertPayment(id, PaymentStatus.Authorized, max, max, max, type(uint32).max);
        assertEq(escrow.capturedDue(largest("views")), max, "captured due");
    }

    // -------------------------------------------------------------------------------------------- ledgers

    function test_Ledger_AtItsLargest() public {
        vm.warp(type(uint32).max);
        deposit(MAX);
        assertLedger(MAX, 0, type(uint32).max);
        vm.prank(stranger);
        escrow.withdraw(address(weth), MAX, refundTo);
        assertLedger(MAX, MAX, type(uint32).max);
        assertEq(escrow.balanceOf(stranger, address(weth)), 0, "balance");
    }

    /// @dev Past 2106 the time starts over; what an account has does not.
    function test_Ledger_AfterItsClockRanOut() public {
        deposit(MAX - 1);
        vm.warp(uint256(type(uint40).max));
        deposit(1);
        assertEq(escrow.balanceOf(stranger, address(weth)), MAX, "balance");
        vm.prank(stranger);
        escrow.withdraw(address(weth), MAX, refundTo);
        assertEq(weth.balanceOf(refundTo), MAX, "paid out");
    }

    function test_Ledger_ViewsReadTheirOwnBits() public {
        bytes32 slot = ledgerSlot();
        uint256 max = MAX;
        uint256[4] memory words =
            [max, max | max << 112, uint256(type(uint32).max) << 224, max | (max - 1) << 112 | uint256(1) << 224];
        for (uint256 i = 0; i < words.length; ++i) {
            vm.store(address(escrow), slot, bytes32(words[i]));
            assertLedger(words[i] & max, words[i] >> 112 & max, words[i] >> 224);
            assertEq(escrow.balanceOf(stranger, address(weth)), (words[i] & max) - (words[i] >> 112 & max), "balance");
        }
    }

    // -------------------------------------------------------------------------------------------- helpers

    function largest(bytes32 invoice) internal view returns (Payment memory p) {
        p = terms();
        (p.currency, p.maxAmount, p.due, p.fallbackAmount) = (p.token, MAX, MAX, 0);
        (p.minFeeBps, p.maxFeeBps, p.invoice) = (0, 10_000, invoice);
        (p.authorizeBy, p.captureAfter, p.captureBy) = (1_900_000_000, 0, 1_900_000_000);
    }

    function deposit(uint112 amount) internal {
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(stranger, amount);
        vm.prank(payer);
        escrow.deposit(address(weth), credits, "");
    }

    /// @dev What a view reads of storage says where it is kept, wherever that is.
    function slotsOf(bytes32 id) internal returns (bytes32 slot, bytes32 details) {
        vm.record();
        escrow.paymentState(id);
        (bytes32[] memory reads,) = vm.accesses(address(escrow));
        slot = reads[0];
        for (uint256 i = 0; i < reads.length; ++i) {
            if (reads[i] != slot) details = reads[i];
        }
    }

    function ledgerSlot() internal returns (bytes32) {
        vm.record();
        escrow.ledger(stranger, address(weth));
        (bytes32[] memory reads,) = vm.accesses(address(escrow));
        return reads[0];
    }

    function write(bytes32 slot, uint256 word, bytes32 details, uint256 detailsWord) internal {
        vm.store(address(escrow), slot, bytes32(word));
        vm.store(address(escrow), details, bytes32(detailsWord));
    }

    function assertWords(bytes32 id, uint256 word, uint256 detailsWord) internal {
        (bytes32 slot, bytes32 details) = slotsOf(id);
        assertEq(vm.load(address(escrow), slot), bytes32(word), "slot");
        assertEq(vm.load(address(escrow), details), bytes32(detailsWord), "details");
    }

    function assertPayment(
        bytes32 id,
        PaymentStatus status,
        uint256 held,
        uint256 captured,
        uint256 refundedDue,
        uint256 frozenUntil
    ) internal view {
        PaymentState memory state = escrow.paymentState(id);
        assertState(id, status, held, captured);
        assertEq(state.refundedDue, refundedDue, "refunded due");
        assertEq(state.frozenUntil, frozenUntil, "frozen until");
    }

    function assertLedger(uint256 credited, uint256 debited, uint256 since) internal {
        assertEq(
            vm.load(address(escrow), ledgerSlot()), bytes32(credited | debited << 112 | since << 224), "ledger's word"
        );
        Ledger memory entry = escrow.ledger(stranger, address(weth));
        assertEq(entry.credited, credited, "credited");
        assertEq(entry.debited, debited, "debited");
        assertEq(entry.since, since, "since");
    }
}
