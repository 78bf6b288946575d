// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {HookToken, ITransferHook, PickyToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// void: the merchant or its operator, at any time → what is held goes to refundTo
/// reclaim: anyone, after captureBy → what is held goes to refundTo, whatever is paused, stale or blocked (invariant 4)
/// both: once (invariant 3); a recipient whose transfer fails gets a ledger balance; gas decides nothing
contract VoidAndReclaimTest is EscrowTest {
    function test_MerchantVoids() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Voided(id, merchant, p.maxAmount);
        vm.prank(merchant);
        assertEq(escrow.void(p), p.maxAmount, "amount");
        assertState(id, PaymentStatus.Voided, 0, 0);
        assertEq(weth.balanceOf(refundTo), p.maxAmount, "refundTo");
    }

    function test_OperatorVoidsTheRestAfterAPart() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 20e18, 100, false);
        vm.prank(operator);
        assertEq(escrow.void(p), 0.022e18, "amount");
        assertState(id, PaymentStatus.Voided, 0, 0.008e18);
        assertEq(weth.balanceOf(refundTo), 0.022e18, "refundTo");
    }

    function test_RevertWhen_StrangerVoids() public {
        Payment memory p = terms();
        authorize(p);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, payer, merchant));
        escrow.void(p);
    }

    function test_AnyoneReclaimsAfterTheDeadline() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.warp(p.captureBy);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_ReclaimTooEarly.selector, p.captureBy, p.captureBy));
        escrow.reclaim(p);

        vm.warp(p.captureBy + 1);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Reclaimed(id, payer, p.maxAmount);
        vm.prank(stranger);
        assertEq(escrow.reclaim(p), p.maxAmount, "amount");
        assertState(id, PaymentStatus.Reclaimed, 0, 0);
        assertEq(weth.balanceOf(refundTo), p.maxAmount, "refundTo");
    }

    /// @dev Invariant 3: a hold ends once.
    function test_RevertWhen_HoldEndedBefore() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.prank(merchant);
        escrow.void(p);
        vm.warp(p.captureBy + 1);
        bytes memory err = abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Voided);
        vm.expectRevert(err);
        escrow.reclaim(p);
        vm.prank(merchant);
        vm.expectRevert(err);
        escrow.void(p);
    }

    function test_RevertWhen_TermsAreNotThePayments() public {
        Payment memory p = terms();
        authorize(p);
        vm.warp(p.captureBy + 1);
        p.refundTo = stranger;
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, escrow.paymentId(p), PaymentStatus.None)
        );
        escrow.reclaim(p);
    }

    /// @dev Invariant 4, with everything against it: intake paused, token delisted, oracle stale, recipient refused.
    function test_ReclaimsWhateverIsPausedStaleOrBlocked() public {
        PickyToken token = new PickyToken(true);
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 30e18);
        vm.prank(payer);
        token.approve(address(escrow), 30e18);
        Payment memory p = terms();
        p.token = address(token);
        p.maxAmount = 30e18;
        bytes32 id = authorize(p);
        escrow.setIntakePaused(true);
        escrow.setTokenAllowed(address(token), false);
        token.setRefused(refundTo, true);
        vm.warp(p.captureBy + 30 days);

        vm.prank(stranger);
        escrow.reclaim(p);

        assertState(id, PaymentStatus.Reclaimed, 0, 0);
        assertEq(escrow.balanceOf(refundTo, address(token)), 30e18, "ledger balance");
        vm.prank(refundTo);
        escrow.withdraw(address(token), 30e18, stranger);
        assertEq(token.balanceOf(stranger), 30e18, "withdrawn elsewhere");
    }

    /// @dev A recipient that burns all gas it gets cannot keep the hold from ending; nor can a caller with little gas
    /// make a payable refund a ledger balance.
    function test_GasHungryRecipientGetsALedgerBalance() public {
        HookToken token = new HookToken();
        (Payment memory p, GasBurner burner) = hookTerms(token);
        bytes32 id = authorize(p);
        vm.warp(p.captureBy + 1);
        escrow.reclaim{gas: 400_000}(p);
        assertState(id, PaymentStatus.Reclaimed, 0, 0);
        assertEq(escrow.balanceOf(address(burner), address(token)), 30e18, "ledger balance");
    }

    function test_RevertWhen_TooLittleGasToKnow() public {
        HookToken token = new HookToken();
        (Payment memory p,) = hookTerms(token);
        bytes32 id = authorize(p);
        vm.warp(p.captureBy + 1);
        (bool success,) = address(escrow).call{gas: 320_000}(abi.encodeCall(escrow.reclaim, (p)));
        assertEq(success, false, "reverts");
        assertState(id, PaymentStatus.Authorized, 30e18, 0);
    }

    function testFuzz_GasDecidesNoRefund(uint256 gasLimit) public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.warp(p.captureBy + 1);
        gasLimit = bound(gasLimit, 25_000, 600_000);
        try escrow.reclaim{gas: gasLimit}(p) {
            assertEq(weth.balanceOf(refundTo), p.maxAmount, "paid out");
        } catch {
            assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
        }
    }

    function test_RevertWhen_RecipientReenters() public {
        HookToken token = new HookToken();
        (Payment memory p,) = hookTerms(token);
        Reenterer reenterer = new Reenterer();
        p.refundTo = address(reenterer);
        bytes32 id = authorize(p);
        reenterer.prepare(address(escrow), abi.encodeCall(escrow.reclaim, (p)));
        vm.warp(p.captureBy + 1);
        escrow.reclaim(p);
        assertState(id, PaymentStatus.Reclaimed, 0, 0);
        assertEq(reenterer.succeeded(), false, "the second reclaim failed");
        assertEq(token.balanceOf(address(reenterer)), 30e18, "paid once");
        assertEq(token.balanceOf(address(escrow)), 0, "nothing left");
    }

    function hookTerms(HookToken token) internal returns (Payment memory p, GasBurner burner) {
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 30e18);
        vm.prank(payer);
        token.approve(address(escrow), 30e18);
        burner = new GasBurner();
        p = terms();
        p.token = address(token);
        p.maxAmount = 30e18;
        p.refundTo = address(burner);
    }
}

contract GasBurner is ITransferHook {
    function onTransfer(address, uint256) external pure {
        while (true) {}
    }
}

contract Reenterer is ITransferHook {
    address internal _target;
    bytes internal _call;
    bool public succeeded;

    function prepare(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function onTransfer(address, uint256) external {
        (succeeded,) = _target.call(_call);
    }
}
