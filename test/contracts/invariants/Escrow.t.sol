// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Test} from "../base/Test.sol";
import {EscrowHandler} from "./EscrowHandler.sol";
import {EscrowModel} from "./EscrowModel.sol";

/// @notice The escrow's invariants after any sequence of calls, valid or not. That each call succeeds exactly when the
/// model says so, and leaves what the model says, is asserted inside the handler, whose own revert is a failure here.
/// forge-config: default.invariant.fail-on-revert = true
contract EscrowInvariants is Test {
    EscrowHandler internal handler;
    IMatiEscrow internal escrow;

    function setUp() public {
        handler = new EscrowHandler();
        escrow = IMatiEscrow(handler.escrowAddress());
    }

    /// @dev forge asks for these: what it calls, at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[24] memory weighted = [
            handler.doAuthorize.selector,
            handler.doAuthorize.selector,
            handler.doAuthorize.selector,
            handler.doCharge.selector,
            handler.doCapture.selector,
            handler.doCapture.selector,
            handler.doVoid.selector,
            handler.doReclaim.selector,
            handler.doDispute.selector,
            handler.doDispute.selector,
            handler.doResolve.selector,
            handler.doResolveByDefault.selector,
            handler.doRefund.selector,
            handler.doRefundDue.selector,
            handler.doFreeze.selector,
            handler.doCaptureMany.selector,
            handler.doBatch.selector,
            handler.doWithdraw.selector,
            handler.doDeposit.selector,
            handler.doDebit.selector,
            handler.warp.selector,
            handler.updateRate.selector,
            handler.pause.selector,
            handler.refuse.selector
        ];
        bytes4[] memory selectors = new bytes4[](25);
        for (uint256 i = 0; i < weighted.length; ++i) {
            selectors[i] = weighted[i];
        }
        selectors[24] = handler.donate.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev Invariant 1: per token, balance ≥ all holds + all ledger balances.
    function invariant_Solvency() external view {
        address[] memory tokens = handler.tokenList();
        address[] memory actors = handler.actorList();
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 owed;
            for (uint256 i = 0; i < handler.count(); ++i) {
                bytes32 id = handler.ids(i);
                if (handler.get(id).terms.token == tokens[t]) owed += escrow.paymentState(id).held;
            }
            for (uint256 i = 0; i < actors.length; ++i) {
                owed += escrow.balanceOf(actors[i], tokens[t]);
            }
            assertGe(IERC20(tokens[t]).balanceOf(address(escrow)), owed, "balance covers what is owed");
        }
    }

    /// @dev Invariants 2 and 3: authorized = held + captured + returned per payment, and only an open one holds.
    function invariant_EveryPaymentAddsUp() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            EscrowModel.Modeled memory m = handler.get(id);
            PaymentState memory state = escrow.paymentState(id);
            assertEq(uint256(state.held) + state.captured + m.returned, m.authorized, "held + captured + returned");
            assertTrue(state.status != PaymentStatus.None, "never forgotten");
            assertTrue(isOpen(state.status) || state.held == 0, "an ended hold is empty");
        }
    }

    /// @dev Invariant 6: refunds stay within what was captured of the due, fees within the signed bounds, to the unit.
    function invariant_RefundsAndFeesStayWithinTheTerms() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            EscrowModel.Modeled memory m = handler.get(handler.ids(i));
            uint256 capturedDue = escrow.capturedDue(m.terms);
            assertLe(escrow.paymentState(handler.ids(i)).refundedDue, capturedDue, "refunded due");
            assertLe(capturedDue, m.terms.due, "captured due");
            assertLe(m.feePaid, m.captured * m.terms.maxFeeBps / 10_000, "fee above its bound");
            assertGe(m.feePaid, m.captured * m.terms.minFeeBps / 10_000, "fee below its bound");
        }
    }

    /// @dev Invariants 4 and 16: after captureBy, or resolveBy of a disputed one, any hold reaches its owners by a
    /// stranger's call, however things stand.
    function invariant_EveryHoldReachesItsOwners() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            EscrowModel.Modeled memory m = handler.get(id);
            if (!isOpen(m.status)) continue;
            bool isDisputed = m.status == PaymentStatus.Disputed;
            uint256 deadline = isDisputed ? m.terms.resolveBy : m.terms.captureBy;
            if (block.timestamp <= deadline) vm.warp(deadline + 1);
            uint256 share = isDisputed ? m.held * m.terms.defaultMerchantBps / 10_000 : 0;
            uint256 before = reachable(m.terms.refundTo, m.terms.token);
            // Who is paid both parts may get either as a ledger balance.
            bool isBoth = m.terms.refundTo == m.terms.merchant;
            uint256 others = isDisputed ? received(m, isBoth) : 0;
            vm.prank(address(0xBEEF));
            if (isDisputed) escrow.resolveByDefault(m.terms);
            else escrow.reclaim(m.terms);
            if (isDisputed) {
                assertEq(received(m, isBoth) - others, isBoth ? m.held : share, "reached the merchant's side");
            }
            if (isBoth) continue;
            assertEq(reachable(m.terms.refundTo, m.terms.token) - before, m.held - share, "reached its owner");
        }
        vm.revertToState(snapshot);
    }

    /// @dev Invariant 5: every ledger balance can be withdrawn raw by its owner, all of them one after the other.
    function invariant_EveryBalanceCanBeWithdrawn() external {
        uint256 snapshot = vm.snapshotState();
        address[] memory tokens = handler.tokenList();
        address[] memory actors = handler.actorList();
        for (uint256 t = 0; t < tokens.length; ++t) {
            for (uint256 i = 0; i < actors.length; ++i) {
                uint256 balance = escrow.balanceOf(actors[i], tokens[t]);
                vm.prank(actors[i]);
                escrow.withdraw(tokens[t], balance, address(0xCAFE));
            }
        }
        vm.revertToState(snapshot);
    }

    /// @dev The campaign is worth something only if every action both succeeds and fails in it.
    function test_HandlerReachesBothOutcomesOfEveryAction() external {
        for (uint256 i = 0; i < 600; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.doAuthorize(seed, i);
            handler.doDispute(seed);
            handler.doFreeze(seed >> 1);
            handler.doCapture(seed, seed >> 7, seed >> 9, i % 3 == 0);
            handler.doCharge(seed >> 2, i, seed);
            handler.doCaptureMany(seed >> 4, seed >> 7, seed >> 9);
            handler.doRefund(seed, seed >> 5, i % 2 == 0);
            handler.doRefundDue(seed >> 6, seed >> 5, seed >> 8, i % 2 == 0);
            if (i % 6 == 0) handler.doResolve(seed, seed >> 5);
            handler.doBatch(seed, seed >> 5);
            handler.doDeposit(seed, seed >> 5);
            handler.doWithdraw(seed, seed >> 3);
            handler.doDebit(seed, seed >> 3);
            if (i % 5 == 0) handler.doVoid(seed);
            if (i % 5 == 1) handler.doReclaim(seed);
            if (i % 3 == 0) handler.doResolveByDefault(seed);
            if (i % 7 == 0) handler.warp(seed);
            if (i % 11 == 0) handler.updateRate(seed);
        }
        // What is disputed still, once every arbiter's time is over.
        for (uint256 i = 0; i < 10; ++i) {
            handler.warp(1 days);
        }
        for (uint256 i = 0; i < 1_000; ++i) {
            handler.doResolveByDefault(uint256(keccak256(abi.encode("default", i))));
        }
        string[16] memory actions = [
            "authorize",
            "charge",
            "capture",
            "in captureMany",
            "in batch",
            "void",
            "reclaim",
            "dispute",
            "resolve",
            "resolveByDefault",
            "refund",
            "refundDue",
            "freeze",
            "withdraw",
            "deposit",
            "debit"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            assertGe(handler.succeeded(actions[i]), 3, string.concat(actions[i], " succeeds"));
            assertGe(handler.failed(actions[i]), 3, string.concat(actions[i], " fails"));
        }
    }

    function isOpen(PaymentStatus status) internal pure returns (bool) {
        return status == PaymentStatus.Authorized || status == PaymentStatus.Disputed;
    }

    /// @dev All that the merchant and the fee receiver were ever credited.
    /// @dev What the merchant's side was ever credited, and, where `refundTo` is the merchant, what lies in its wallet.
    function received(EscrowModel.Modeled memory m, bool withWallet) internal view returns (uint256 sum) {
        if (withWallet) sum = IERC20(m.terms.token).balanceOf(m.terms.merchant);
        sum += escrow.ledger(m.terms.merchant, m.terms.token).credited;
        if (m.terms.feeReceiver != m.terms.merchant) sum += escrow.ledger(m.terms.feeReceiver, m.terms.token).credited;
    }

    function reachable(address account, address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(account) + escrow.balanceOf(account, token);
    }
}
