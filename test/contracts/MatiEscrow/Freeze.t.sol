// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Funding, Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// freezeCapture: a guardian keeps one payment from being captured, for two days, once
///   given less than three days before captureBy → reverts: the last day, with its fallback, is the merchant's
///   given a frozen payment → captures wait; void, refund, dispute and reclaim go on (invariants 4, 15)
contract FreezeTest is EscrowTest {
    address internal guardian = makeAddress("guardian");

    function setUp() public override {
        super.setUp();
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = escrow.freezeCapture.selector;
        access.grantRole(access.GUARDIAN_ROLE(), guardian, 0);
        access.setTargetFunctionRole(address(escrow), selectors, access.GUARDIAN_ROLE());
    }

    function test_FreezesForTwoDays() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        uint256 until = block.timestamp + 2 days;
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CaptureFrozen(id, until);

        freeze(p);

        assertEq(escrow.FREEZE_TIME(), 2 days, "time");
        assertFrozen(id, PaymentStatus.Authorized, 0.03e18, 0, 0, until);
        assertEq(escrow.capturedDue(p), 0, "captured due");
    }

    function test_CapturesFromTheLastSecondOn() public {
        Payment memory p = usdcTerms();
        bytes32 id = authorize(p);
        freeze(p);
        uint256 until = block.timestamp + 2 days;
        vm.startPrank(merchant);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_CaptureIsFrozen.selector, id, until));
        escrow.capture(p, 50e6, 100, true);
        vm.warp(until);
        escrow.capture(p, 50e6, 100, true);
        vm.stopPrank();
        assertFrozen(id, PaymentStatus.Captured, 0, 50e6, 0, until);
        assertEq(escrow.capturedDue(p), 50e6, "captured due");
    }

    /// @dev Details made by the freeze, a part, a refund, the rest, another refund: none forgets another.
    function test_PartsAndRefundsAfterAFreeze() public {
        Payment memory p = usdcTerms();
        bytes32 id = authorize(p);
        freeze(p);
        uint256 until = block.timestamp + 2 days;
        vm.warp(until);
        vm.startPrank(merchant);
        escrow.capture(p, 20e6, 100, false);
        escrow.refund(p, 5e6, Funding.Ledger);
        assertFrozen(id, PaymentStatus.Authorized, 30e6, 20e6, 5e6, until);
        escrow.capture(p, 30e6, 100, false);
        escrow.refund(p, 10e6, Funding.Ledger);
        vm.stopPrank();
        assertFrozen(id, PaymentStatus.Captured, 0, 50e6, 15e6, until);
        assertEq(escrow.capturedDue(p), 50e6, "captured due");
    }

    function test_FreezesAfterAPartAndARefund() public {
        Payment memory p = usdcTerms();
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, 20e6, 100, false);
        escrow.refund(p, 5e6, Funding.Ledger);
        vm.stopPrank();
        freeze(p);
        uint256 until = block.timestamp + 2 days;
        assertFrozen(id, PaymentStatus.Authorized, 30e6, 20e6, 5e6, until);
        assertEq(escrow.capturedDue(p), 20e6, "captured due");

        vm.prank(merchant);
        escrow.refund(p, 14e6, Funding.Ledger);
        assertFrozen(id, PaymentStatus.Authorized, 30e6, 20e6, 19e6, until);
    }

    /// @dev Invariant 15: nothing but capture waits.
    function test_VoidDisputeAndReclaimGoOn() public {
        Payment memory p = terms();
        p.captureAfter = p.captureBy;
        (p.arbiter, p.resolveBy) = (stranger, p.captureBy);
        bytes32 id = authorize(p);
        freeze(p);
        uint256 until = block.timestamp + 2 days;
        uint256 snapshot = vm.snapshotState();

        vm.prank(merchant);
        escrow.void(p);
        assertFrozen(id, PaymentStatus.Voided, 0, 0, 0, until);
        vm.revertToState(snapshot);

        vm.prank(payer);
        escrow.dispute(p);
        assertFrozen(id, PaymentStatus.Disputed, 0.03e18, 0, 0, until);
        vm.revertToState(snapshot);

        vm.warp(uint256(p.captureBy) + 1);
        escrow.reclaim(p);
        assertFrozen(id, PaymentStatus.Reclaimed, 0, 0, 0, until);
        assertEq(weth.balanceOf(refundTo), 0.03e18, "refundTo");
    }

    function test_RevertWhen_FrozenBefore() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        freeze(p);
        uint256 until = block.timestamp + 2 days;
        vm.warp(until + 1);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_FrozenBefore.selector, id, until));
        escrow.freezeCapture(p);
    }

    /// @dev The merchant keeps the last day, in which its fallback holds.
    function test_LastSecondToFreeze() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.warp(uint256(p.captureBy) - 3 days + 1);
        vm.prank(guardian);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_FreezeTooLate.selector, uint256(p.captureBy) - 1 days + 1, p.captureBy
            )
        );
        escrow.freezeCapture(p);

        vm.warp(uint256(p.captureBy) - 3 days);
        freeze(p);
        vm.warp(uint256(p.captureBy) - 1 days);
        vm.prank(merchant);
        escrow.capture(p, 50e18, 100, true);
        assertFrozen(id, PaymentStatus.Captured, 0, 0.021e18, 0, uint256(p.captureBy) - 1 days);
    }

    function test_RevertWhen_ThereIsNoHoldToFreeze() public {
        Payment memory p = terms();
        bytes32 id = escrow.paymentId(p);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.None));
        escrow.freezeCapture(p);

        authorize(p);
        vm.prank(merchant);
        escrow.void(p);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Voided));
        escrow.freezeCapture(p);
    }

    function test_RevertWhen_AnotherThanAGuardianFreezes() public {
        Payment memory p = terms();
        authorize(p);
        address[3] memory callers = [payer, merchant, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[i]));
            escrow.freezeCapture(p);
        }
    }

    function freeze(Payment memory p) internal {
        vm.prank(guardian);
        escrow.freezeCapture(p);
    }

    function assertFrozen(
        bytes32 id,
        PaymentStatus status,
        uint256 held,
        uint256 amount,
        uint256 refundedDue,
        uint256 until
    ) internal view {
        PaymentState memory state = escrow.paymentState(id);
        assertState(id, status, held, amount);
        assertEq(state.refundedDue, refundedDue, "refunded due");
        assertEq(state.frozenUntil, until, "frozen until");
    }
}
