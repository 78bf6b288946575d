// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PickyToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// dispute: the payer, before captureAfter, where the terms name an arbiter → the hold waits
/// resolve: the arbiter, until resolveBy → its split; a captured part at the lowest signed fee, the rest to refundTo
/// resolveByDefault: anyone, after resolveBy → the signed split (invariants 4, 16)
/// nothing else moves a disputed hold; only that payment's moves (invariant 16)
contract DisputeTest is EscrowTest {
    address internal arbiter = makeAddress("arbiter");

    function test_PayerDisputes() public {
        Payment memory p = disputableTerms();
        bytes32 id = authorize(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Disputed(id, payer, arbiter);

        vm.prank(payer);
        escrow.dispute(p);

        assertState(id, PaymentStatus.Disputed, 0.03e18, 0);
    }

    function test_LastSecondToDispute() public {
        Payment memory p = disputableTerms();
        bytes32 id = authorize(p);
        vm.warp(p.captureAfter);
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_DisputeTooLate.selector, p.captureAfter, p.captureAfter)
        );
        escrow.dispute(p);

        vm.warp(p.captureAfter - 1);
        vm.prank(payer);
        escrow.dispute(p);
        assertState(id, PaymentStatus.Disputed, 0.03e18, 0);
    }

    function test_RevertWhen_AnotherThanThePayerDisputes() public {
        Payment memory p = disputableTerms();
        authorize(p);
        address[4] memory callers = [merchant, arbiter, refundTo, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotPayer.selector, callers[i], payer));
            escrow.dispute(p);
        }
    }

    function test_RevertWhen_TermsNameNoArbiter() public {
        Payment memory p = terms();
        p.captureAfter = p.captureBy;
        authorize(p);
        vm.prank(payer);
        vm.expectRevert(IMatiEscrow.Escrow_NoArbiter.selector);
        escrow.dispute(p);
    }

    function test_ArbiterSplits() public {
        (Payment memory p, bytes32 id) = disputed();
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Resolved(id, merchant, arbiter, 20e18, 0.012e18, 0.00012e18, 0.018e18, 0.01188e18, 0.00012e18);

        vm.prank(arbiter);
        escrow.resolve(p, 0.012e18);

        assertState(id, PaymentStatus.Resolved, 0, 0.012e18);
        assertEq(escrow.capturedDue(p), 20e18, "two fifths of the due");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.01188e18, "merchant's ledger");
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 0.00012e18, "fee receiver's ledger");
        assertEq(weth.balanceOf(refundTo), 0.018e18, "refundTo");
        assertEq(weth.balanceOf(address(escrow)), 0.012e18, "escrow");
    }

    function test_ArbiterGivesAllToThePayer() public {
        (Payment memory p, bytes32 id) = disputed();
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Resolved(id, merchant, arbiter, 0, 0, 0, 0.03e18, 0, 0);

        vm.prank(arbiter);
        escrow.resolve(p, 0);

        assertState(id, PaymentStatus.Resolved, 0, 0);
        assertEq(escrow.capturedDue(p), 0, "captured due");
        assertEq(weth.balanceOf(refundTo), 0.03e18, "refundTo");
    }

    /// @dev All of the hold, also what is held beyond the worth of the due: the arbiter splits the hold.
    function test_ArbiterGivesAllToTheMerchant() public {
        (Payment memory p, bytes32 id) = disputed();
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Resolved(id, merchant, arbiter, 50e18, 0.03e18, 0.0003e18, 0, 0.0297e18, 0.0003e18);

        vm.prank(arbiter);
        escrow.resolve(p, 0.03e18);

        assertState(id, PaymentStatus.Resolved, 0, 0.03e18);
        assertEq(escrow.capturedDue(p), 50e18, "captured due");
        assertEq(weth.balanceOf(refundTo), 0, "refundTo");
    }

    function test_RevertWhen_RulingExceedsTheHold() public {
        (Payment memory p,) = disputed();
        authorizeAnother();
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_RulingExceedsHold.selector, 0.03e18 + 1, 0.03e18));
        escrow.resolve(p, 0.03e18 + 1);
    }

    function test_RevertWhen_AnotherThanTheArbiterRules() public {
        (Payment memory p,) = disputed();
        address[4] memory callers = [payer, merchant, operator, address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotArbiter.selector, callers[i], arbiter));
            escrow.resolve(p, 0);
        }
    }

    function test_LastSecondToRule() public {
        (Payment memory p, bytes32 id) = disputed();
        vm.warp(uint256(p.resolveBy) + 1);
        vm.prank(arbiter);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_RulingTooLate.selector, uint256(p.resolveBy) + 1, p.resolveBy)
        );
        escrow.resolve(p, 0);

        vm.warp(p.resolveBy);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_DefaultTooEarly.selector, p.resolveBy, p.resolveBy));
        escrow.resolveByDefault(p);
        vm.prank(arbiter);
        escrow.resolve(p, 0.01e18);
        assertState(id, PaymentStatus.Resolved, 0, 0.01e18);
    }

    /// @dev Invariant 4: whatever is paused, stale or blocked.
    function test_AnyoneAppliesTheDefaultSplit() public {
        (Payment memory p, bytes32 id) = disputed();
        escrow.setIntakePaused(true);
        escrow.setTokenAllowed(address(weth), false);
        vm.warp(uint256(p.resolveBy) + 1);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Resolved(id, merchant, stranger, 15e18, 0.009e18, 0.00009e18, 0.021e18, 0.00891e18, 0.00009e18);

        vm.prank(stranger);
        escrow.resolveByDefault(p);

        assertState(id, PaymentStatus.Resolved, 0, 0.009e18);
        assertEq(weth.balanceOf(refundTo), 0.021e18, "refundTo");
    }

    function test_DefaultSplitIsRoundedDownForTheMerchant() public {
        Payment memory p = disputableTerms();
        (p.maxAmount, p.fallbackAmount) = (3, 3);
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        vm.warp(uint256(p.resolveBy) + 1);

        escrow.resolveByDefault(p);

        assertState(id, PaymentStatus.Resolved, 0, 0); // 30% of 3
        assertEq(weth.balanceOf(refundTo), 3, "refundTo");
    }

    /// @dev Invariant 4, of the largest hold there can be.
    function test_DefaultSplitOfTheLargestHold() public {
        Payment memory p = disputableTerms();
        p.maxAmount = type(uint112).max;
        p.defaultMerchantBps = 9_999;
        weth.mint(payer, uint256(type(uint112).max) - weth.balanceOf(payer));
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        vm.warp(p.resolveBy + 1);
        uint256 share = uint256(type(uint112).max) * 9_999 / 10_000;

        vm.prank(stranger);
        escrow.resolveByDefault(p);

        assertState(id, PaymentStatus.Resolved, 0, share);
        assertEq(weth.balanceOf(refundTo), type(uint112).max - share, "the payer's part");
    }

    function test_DefaultSplitsAtTheirBounds() public {
        uint16[2] memory shares = [0, 10_000];
        for (uint256 i = 0; i < shares.length; ++i) {
            Payment memory p = disputableTerms();
            p.defaultMerchantBps = shares[i];
            bytes32 id = authorize(p);
            vm.prank(payer);
            escrow.dispute(p);
            uint256 snapshot = vm.snapshotState();
            vm.warp(uint256(p.resolveBy) + 1);
            escrow.resolveByDefault(p);
            assertState(id, PaymentStatus.Resolved, 0, i == 0 ? 0 : 0.03e18);
            vm.revertToState(snapshot);
        }
    }

    /// @dev However little the merchant is given, it counts as some of the due: else nobody could refund it.
    function test_SmallestRulingCanBeRefunded() public {
        Payment memory p = disputableTerms();
        p.due = 1;
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        vm.prank(arbiter);
        escrow.resolve(p, 0.01e18);
        assertEq(escrow.capturedDue(p), 1, "rounded up");

        vm.prank(merchant);
        escrow.refund(p, 0.0099e18, Funding.Ledger);

        assertState(id, PaymentStatus.Resolved, 0, 0.01e18);
        assertEq(escrow.paymentState(id).refundedDue, 1, "refunded due");
        assertEq(weth.balanceOf(refundTo), 0.0299e18, "ruling and refund");
    }

    function test_RefundsAfterARuling() public {
        uint256[2] memory rulings = [uint256(0.012e18), 0.03e18]; // with and without a second slot
        for (uint256 i = 0; i < rulings.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            (Payment memory p, bytes32 id) = disputed();
            vm.prank(arbiter);
            escrow.resolve(p, rulings[i]);
            uint256 due = escrow.capturedDue(p);
            vm.startPrank(merchant);
            assertEq(escrow.refund(p, rulings[i] / 2, Funding.Ledger), due / 2, "half");
            vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_RefundExceeded.selector, due, due - due / 2));
            escrow.refund(p, rulings[i], Funding.Ledger);
            vm.stopPrank();
            assertState(id, PaymentStatus.Resolved, 0, rulings[i]);
            assertEq(escrow.paymentState(id).refundedDue, due / 2, "refunded due");
            vm.revertToState(snapshot);
        }
    }

    function test_FrozenPaymentIsDisputedAndRuledOn() public {
        Payment memory p = disputableTerms();
        bytes32 id = authorize(p);
        escrow.freezeCapture(p);
        vm.prank(payer);
        escrow.dispute(p);
        uint256 snapshot = vm.snapshotState();
        vm.startPrank(arbiter);
        escrow.resolve(p, 0.03e18);
        assertState(id, PaymentStatus.Resolved, 0, 0.03e18);
        assertEq(escrow.capturedDue(p), 50e18, "all of the due");
        vm.revertToState(snapshot);
        escrow.resolve(p, 0);
        vm.stopPrank();
        assertState(id, PaymentStatus.Resolved, 0, 0);
        assertEq(escrow.capturedDue(p), 0, "none of the due");
    }

    function test_RulingForARefusedRecipientIsItsLedgerBalance() public {
        PickyToken token = new PickyToken(false);
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 0.03e18);
        vm.prank(payer);
        token.approve(address(escrow), 0.03e18);
        token.setRefused(refundTo, true);
        Payment memory p = disputableTerms();
        p.token = address(token);
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(refundTo, address(token), id, address(0), 0.02e18, 0.02e18);

        vm.prank(arbiter);
        escrow.resolve(p, 0.01e18);

        assertEq(escrow.balanceOf(refundTo, address(token)), 0.02e18, "ledger balance");
    }

    /// @dev Invariant 16: only this payment's money, only by ruling or time-out.
    function test_NothingElseMovesADisputedHold() public {
        (Payment memory p, bytes32 id) = disputed();
        bytes32 other = authorizeAnother();
        bytes memory err = abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Disputed);
        vm.warp(p.captureAfter);
        vm.startPrank(merchant);
        vm.expectRevert(err);
        escrow.capture(p, 50e18, 100, true);
        vm.expectRevert(err);
        escrow.void(p);
        vm.warp(uint256(p.captureBy) + 1);
        vm.expectRevert(err);
        escrow.reclaim(p);
        vm.stopPrank();
        vm.expectRevert(err);
        escrow.freezeCapture(p);

        vm.prank(arbiter);
        escrow.resolve(p, 0.03e18);

        assertState(other, PaymentStatus.Authorized, 0.03e18, 0);
        assertEq(weth.balanceOf(address(escrow)), 0.06e18, "escrow");
    }

    function test_RevertWhen_TermsOfADisputeContradictThemselves() public {
        Payment memory p = disputableTerms();
        p.resolveBy = p.captureBy - 1;
        expectBadTerms(p, "resolveBy");
        p = disputableTerms();
        p.defaultMerchantBps = 10_001;
        expectBadTerms(p, "defaultMerchantBps");
        p = terms();
        p.resolveBy = p.captureBy;
        expectBadTerms(p, "resolveBy");
        p = terms();
        p.defaultMerchantBps = 1;
        expectBadTerms(p, "defaultMerchantBps");
    }

    /// @dev Invariant 3: every action in every status. A row is a status, a column what is tried.
    function test_StatusesAndActions() public {
        string[7] memory table = [
            // capture void reclaim dispute resolve default freeze refund authorize
            "........a", // none
            "cvrd..f..", // authorized
            ".......r.", // captured
            ".........", // voided
            ".........", // reclaimed
            "....rd...", // disputed
            ".......r." // resolved
        ];
        for (uint256 status = 0; status < 7; ++status) {
            for (uint256 action = 0; action < 9; ++action) {
                uint256 snapshot = vm.snapshotState();
                (Payment memory p, bytes32 id) = bring(PaymentStatus(status));
                bool success = attempt(p, action);
                string memory what = string.concat("status ", vm.toString(status), " action ", vm.toString(action));
                assertEq(success, bytes(table[status])[action] != ".", what);
                if (!success) assertEq(uint256(escrow.paymentState(id).status), status, what);
                vm.revertToState(snapshot);
            }
        }
    }

    function bring(PaymentStatus status) internal returns (Payment memory p, bytes32 id) {
        p = disputableTerms();
        id = escrow.paymentId(p);
        if (status == PaymentStatus.None) return (p, id);
        authorize(p);
        if (status == PaymentStatus.Captured) {
            vm.warp(p.captureAfter);
            ethFeed.updateAnswer(2500e8);
            vm.prank(merchant);
            escrow.capture(p, 50e18, 100, true);
        }
        if (status == PaymentStatus.Voided) {
            vm.prank(merchant);
            escrow.void(p);
        }
        if (status == PaymentStatus.Reclaimed) {
            vm.warp(uint256(p.captureBy) + 1);
            escrow.reclaim(p);
        }
        if (status >= PaymentStatus.Disputed) {
            vm.prank(payer);
            escrow.dispute(p);
        }
        if (status == PaymentStatus.Resolved) {
            vm.prank(arbiter);
            escrow.resolve(p, 0.01e18);
        }
    }

    /// @dev Each by who may, when it may.
    function attempt(Payment memory p, uint256 action) internal returns (bool success) {
        uint256 start = p.authorizeBy - 1 hours;
        vm.warp(action == 0 ? p.captureAfter : action == 2 ? uint256(p.captureBy) + 1 : start);
        if (action == 5) vm.warp(uint256(p.resolveBy) + 1);
        ethFeed.updateAnswer(2500e8);
        bytes[9] memory calls = [
            abi.encodeCall(escrow.capture, (p, 50e18, 100, true)),
            abi.encodeCall(escrow.void, (p)),
            abi.encodeCall(escrow.reclaim, (p)),
            abi.encodeCall(escrow.dispute, (p)),
            abi.encodeCall(escrow.resolve, (p, 0.01e18)),
            abi.encodeCall(escrow.resolveByDefault, (p)),
            abi.encodeCall(escrow.freezeCapture, (p)),
            abi.encodeCall(escrow.refund, (p, 0.001e18, Funding.Ledger)),
            abi.encodeCall(escrow.authorize, (p, address(0), ""))
        ];
        address[9] memory callers =
            [merchant, merchant, stranger, payer, arbiter, stranger, address(this), merchant, payer];
        vm.prank(callers[action]);
        (success,) = address(escrow).call(calls[action]);
    }

    /// @dev Capturable from tomorrow; the arbiter has until a day after `captureBy`; by default 30% are the merchant's.
    function disputableTerms() internal view returns (Payment memory p) {
        p = terms();
        p.captureAfter = uint40(block.timestamp + 1 days);
        p.arbiter = arbiter;
        p.resolveBy = p.captureBy + 1 days;
        p.defaultMerchantBps = 3000;
    }

    function disputed() internal returns (Payment memory p, bytes32 id) {
        p = disputableTerms();
        id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
    }

    function authorizeAnother() internal returns (bytes32) {
        Payment memory p = disputableTerms();
        p.invoice = "another";
        return authorize(p);
    }

    function expectBadTerms(Payment memory p, bytes32 term) internal {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadTerms.selector, term));
        escrow.authorize(p, address(0), "");
    }
}
