// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// charge: authorize, then the whole due captured at once, in one transaction
///   given the merchant or an operator that may capture → at any fee within the terms
///   given the payer itself → at the lowest signed fee, within the merchant's tolerance
///   given anyone else → only where the terms say auto-capture, likewise
///   whatever fails, nothing is held afterwards
contract ChargeTest is EscrowTest {
    function test_ByThePayer() public {
        Payment memory p = terms();
        bytes32 expectedId = escrow.paymentId(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Authorized(expectedId, payer, merchant, p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.RateUsed(expectedId, 2500e18, 1, 0, uint40(block.timestamp));
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(expectedId, merchant, 50e18, 0.02e18, 0.0002e18, 0.01e18, true, 0.0198e18, 0.0002e18);

        vm.prank(payer);
        (bytes32 id, uint256 amount) = escrow.charge(p, address(0), "", 100);

        assertEq(id, expectedId, "id");
        assertEq(amount, 0.02e18, "amount");
        assertState(id, PaymentStatus.Captured, 0, 0.02e18);
        assertEq(escrow.capturedDue(p), 50e18, "captured due");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0198e18, "merchant's ledger");
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 0.0002e18, "fee receiver's ledger");
        assertEq(weth.balanceOf(refundTo), 0.01e18, "surplus");
        assertEq(weth.balanceOf(address(escrow)), 0.02e18, "escrow");
    }

    function test_ByTheMerchantWithThePayersSignature() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);

        vm.prank(merchant);
        (bytes32 id,) = escrow.charge(p, address(escrow), sig, 200);

        assertState(id, PaymentStatus.Captured, 0, 50e6);
        assertEq(escrow.balanceOf(merchant, address(usdc)), 49e6, "at the highest fee");
    }

    function test_ByAnOperatorThatMayCapture() public {
        Payment memory p = terms();
        bytes memory sig = signature(payerKey, escrow.paymentId(p));

        vm.prank(operator);
        (bytes32 id,) = escrow.charge(p, address(0), sig, 150);

        assertState(id, PaymentStatus.Captured, 0, 0.02e18);
    }

    function test_ByAStrangerWhereTheTermsSayAutoCapture() public {
        Payment memory p = terms();
        p.autoCapture = true;
        bytes memory sig = signature(payerKey, escrow.paymentId(p));

        vm.prank(stranger);
        (bytes32 id,) = escrow.charge(p, address(0), sig, 100);

        assertState(id, PaymentStatus.Captured, 0, 0.02e18);
    }

    function test_RevertWhen_AStrangerChargesWithoutAutoCapture() public {
        Payment memory p = terms();
        bytes memory sig = signature(payerKey, escrow.paymentId(p));

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, stranger, merchant));
        escrow.charge(p, address(0), sig, 100);

        assertState(escrow.paymentId(p), PaymentStatus.None, 0, 0);
        assertEq(weth.balanceOf(payer), 1000e18, "payer");
    }

    /// @dev The merchant may charge, but not without the payer's consent.
    function test_RevertWhen_ThePayerDidNotConsent() public {
        Payment memory p = terms();
        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotPayer.selector, merchant, payer));
        escrow.charge(p, address(0), "", 100);
    }

    function test_RevertWhen_PayerOrStrangerTakesAHigherFee() public {
        Payment memory p = terms();
        p.autoCapture = true;
        bytes memory sig = signature(payerKey, escrow.paymentId(p));
        address[2] memory callers = [payer, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 101, 100, 100));
            escrow.charge(p, address(0), sig, 101);
        }
    }

    function test_RevertWhen_FeeIsOutOfBounds() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        vm.startPrank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 99, 100, 200));
        escrow.charge(p, address(escrow), sig, 99);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 201, 100, 200));
        escrow.charge(p, address(escrow), sig, 201);
        vm.stopPrank();
    }

    /// @dev 50 USD are worth more than is held: 5% short is within the merchant's tolerance, a little more is not.
    function test_PayerFallsShortWithinTheTolerance() public {
        Payment memory p = terms();
        (p.maxAmount, p.fallbackAmount) = (0.019e18, 0);
        uint256 snapshot = vm.snapshotState();
        vm.prank(payer);
        (bytes32 id,) = escrow.charge(p, address(0), "", 100);
        assertState(id, PaymentStatus.Captured, 0, 0.019e18);
        vm.revertToState(snapshot);

        p.maxAmount -= 1;
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_ShortfallExceeded.selector, 0.02e18, 0.019e18 - 1, 500)
        );
        escrow.charge(p, address(0), "", 100);
    }

    function test_MerchantMayChargeShort() public {
        Payment memory p = terms();
        (p.maxAmount, p.fallbackAmount) = (0.01e18, 0);
        bytes memory sig = signature(payerKey, escrow.paymentId(p));

        vm.prank(merchant);
        (bytes32 id,) = escrow.charge(p, address(0), sig, 100);

        assertState(id, PaymentStatus.Captured, 0, 0.01e18);
    }

    function test_FirstSecondOfCaptureAfter() public {
        Payment memory p = terms();
        p.captureAfter = uint40(block.timestamp + 10);
        vm.startPrank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_CaptureTooEarly.selector, block.timestamp, p.captureAfter)
        );
        escrow.charge(p, address(0), "", 100);
        vm.warp(p.captureAfter);
        (bytes32 id,) = escrow.charge(p, address(0), "", 100);
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, 0.02e18);
    }

    function test_LastSecondOfAuthorizeBy() public {
        Payment memory p = usdcTerms();
        p.authorizeBy = p.captureBy;
        vm.startPrank(payer);
        vm.warp(uint256(p.authorizeBy) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_AuthorizeExpired.selector, uint256(p.authorizeBy) + 1, p.authorizeBy
            )
        );
        escrow.charge(p, address(0), "", 100);
        vm.warp(p.authorizeBy);
        (bytes32 id,) = escrow.charge(p, address(0), "", 100);
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, 50e6);
    }

    /// @dev Invariant 7: in the last day, and nowhere else, for what the payer signed.
    function test_FallbackStandsInOnTheLastDay() public {
        Payment memory p = terms();
        p.captureBy = uint40(block.timestamp + 2 days);
        p.authorizeBy = p.captureBy;
        vm.warp(p.captureBy - 1 days - 1); // every feed is stale
        vm.startPrank(payer);
        vm.expectRevert();
        escrow.charge(p, address(0), "", 100);
        vm.warp(p.captureBy - 1 days);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.FallbackUsed(escrow.paymentId(p));
        (bytes32 id,) = escrow.charge(p, address(0), "", 100);
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, 0.021e18);
    }

    function test_RevertWhen_OpenedBefore() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.charge(p, address(0), "", 100);
        p.invoice = "another";
        (id,) = escrow.charge(p, address(0), "", 100);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Captured));
        escrow.charge(p, address(0), "", 100);
        vm.stopPrank();
    }

    function test_RevertWhen_IntakePaused() public {
        escrow.setIntakePaused(true);
        vm.prank(payer);
        vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
        escrow.charge(terms(), address(0), "", 100);
    }

    function test_RevertWhen_TokenNotAllowed() public {
        escrow.setTokenAllowed(address(weth), false);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_TokenNotAllowed.selector, address(weth)));
        escrow.charge(terms(), address(0), "", 100);
    }

    /// @dev Two credits to one account: the counters tell them apart, the fee's being the later.
    function test_FeeReceiverIsTheMerchant() public {
        Payment memory p = usdcTerms();
        p.feeReceiver = merchant;
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(escrow.paymentId(p), merchant, 50e6, 50e6, 0.5e6, 0, true, 49.5e6, 50e6);

        vm.prank(payer);
        escrow.charge(p, address(0), "", 100);

        assertEq(escrow.balanceOf(merchant, address(usdc)), 50e6, "both");
    }

    function test_FeeOfAllLeavesTheMerchantNothing() public {
        Payment memory p = usdcTerms();
        (p.minFeeBps, p.maxFeeBps) = (10_000, 10_000);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(escrow.paymentId(p), merchant, 50e6, 50e6, 50e6, 0, true, 0, 50e6);

        vm.prank(payer);
        escrow.charge(p, address(0), "", 10_000);

        assertEq(escrow.balanceOf(merchant, address(usdc)), 0, "merchant's ledger");
        assertEq(escrow.balanceOf(feeReceiver, address(usdc)), 50e6, "fee receiver's ledger");
    }

    function test_MerchantIsItsOwnRefundTo() public {
        Payment memory p = terms();
        p.refundTo = merchant;
        vm.prank(payer);
        escrow.charge(p, address(0), "", 100);
        assertEq(weth.balanceOf(merchant), 0.01e18, "surplus, paid out");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0198e18, "capture, credited");
    }
}
