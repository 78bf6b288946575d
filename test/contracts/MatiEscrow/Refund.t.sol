// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Funding, Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {REFUND, ChainPayout, Operator, Payout, Registration} from "../../../contracts/src/types/Payout.sol";
import {PickyToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// refund: a token amount, which counts by its share of what was captured, rounded up
/// refundDue: a part of the due, paid at today's rate, rounded down, within the caller's bound
/// both
///   → in every status after something was captured: held, captured, voided, reclaimed, ruled on
///   → never above the captured part of the due (invariant 6), whatever mix of both
///   given the merchant's ledger → only the merchant or an operator that may refund
///   given the caller's allowance → anyone
///   given refundTo refuses the transfer → its ledger balance
contract RefundTest is EscrowTest {
    function test_FromTheLedgerByTheMerchant() public {
        (Payment memory p, bytes32 id) = captured();
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Refunded(id, merchant, merchant, 0.005e18, 12.5e18);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Debited(merchant, address(weth), refundTo, 0.005e18, 0.005e18);

        vm.prank(merchant);
        uint256 dueAmount = escrow.refund(p, 0.005e18, Funding.Ledger);

        assertEq(dueAmount, 12.5e18, "a quarter of the due");
        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 12.5e18);
        assertEq(weth.balanceOf(refundTo), 0.015e18, "surplus and refund");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0148e18, "the merchant bears the fee too");
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 0.0002e18, "fee receiver keeps the fee");
    }

    function test_FromTheCallersAllowanceByAnyone() public {
        (Payment memory p, bytes32 id) = captured();
        fund(stranger);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Refunded(id, merchant, stranger, 0.02e18, 50e18);

        vm.prank(stranger);
        escrow.refund(p, 0.02e18, Funding.Caller);

        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 50e18);
        assertEq(weth.balanceOf(refundTo), 0.03e18, "all that was paid");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0198e18, "untouched");
        assertEq(weth.balanceOf(address(escrow)), 0.02e18, "escrow");
    }

    function test_DueAtTheRateOfNow() public {
        (Payment memory p, bytes32 id) = captured();
        ethFeed.updateAnswer(4000e8);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.RateUsed(id, 4000e18, 2, 0, uint40(block.timestamp));
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Refunded(id, merchant, merchant, 0.005e18, 20e18);

        vm.prank(merchant);
        uint256 amount = escrow.refundDue(p, 20e18, 0.005e18, Funding.Ledger);

        assertEq(amount, 0.005e18, "20 USD at 4,000");
        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 20e18);
        assertEq(weth.balanceOf(refundTo), 0.015e18, "surplus and refund");
    }

    function test_DueIsRoundedDownInTheToken() public {
        (Payment memory p, bytes32 id) = captured();
        ethFeed.updateAnswer(3000e8);

        vm.prank(merchant);
        uint256 amount = escrow.refundDue(p, 10e18, 1e18, Funding.Ledger);

        assertEq(amount, 0.003333333333333333e18, "10 / 3,000 USD, down");
        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 10e18);
    }

    function test_AmountCountsRoundedUp() public {
        (Payment memory p, bytes32 id) = capturedCoarsely();

        vm.prank(merchant);
        uint256 dueAmount = escrow.refund(p, 1, Funding.Ledger);

        assertEq(dueAmount, 1, "a unit of the due, though worth less than one");
        assertRefunded(id, PaymentStatus.Captured, 0, 0.03e18, 1);
    }

    /// @dev Each odd part counts up to a unit of the due too much, so the parts give back no more than one refund would.
    function test_OddPartsGiveBackLessThanAll() public {
        (Payment memory p,) = capturedCoarsely();
        vm.startPrank(merchant);
        escrow.refund(p, 1, Funding.Ledger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_RefundExceeded.selector, 3, 2));
        escrow.refund(p, 0.03e18 - 1, Funding.Ledger);
        assertEq(escrow.refund(p, 0.02e18, Funding.Ledger), 2, "what was left");
        vm.stopPrank();
    }

    function test_DueInTheTokenItselfTouchesNoOracle() public {
        Payment memory p = usdcTerms();
        bytes32 id = authorize(p);
        vm.warp(block.timestamp + 2 days); // every feed is stale
        vm.startPrank(merchant);
        escrow.capture(p, 50e6, 100, true);

        uint256 amount = escrow.refundDue(p, 12e6, 12e6, Funding.Ledger);
        vm.stopPrank();

        assertEq(amount, 12e6, "amount");
        assertRefunded(id, PaymentStatus.Captured, 0, 50e6, 12e6);
    }

    function test_AllAtOnceAndNoMore() public {
        (Payment memory p, bytes32 id) = captured();
        fund(merchant);
        vm.startPrank(merchant);
        escrow.refund(p, 0.02e18, Funding.Caller);
        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 50e18);
        expectExceeded(1e18, 0);
        escrow.refundDue(p, 1e18, 1e18, Funding.Caller);
        expectExceeded(2500, 0);
        escrow.refund(p, 1, Funding.Caller);
        vm.stopPrank();
    }

    function test_MixOfBothStaysWithinTheDue() public {
        (Payment memory p,) = captured();
        fund(merchant);
        vm.startPrank(merchant);
        escrow.refundDue(p, 30e18, 1e18, Funding.Ledger);
        expectExceeded(22.5e18, 20e18);
        escrow.refund(p, 0.009e18, Funding.Ledger);
        assertEq(escrow.refund(p, 0.008e18, Funding.Caller), 20e18, "the rest");
        vm.stopPrank();
    }

    /// @dev 20 of 50 USD were captured: that is all there is to give back, whatever ended the hold.
    function test_PartlyCapturedInEveryStatus() public {
        PaymentStatus[4] memory statuses =
            [PaymentStatus.Authorized, PaymentStatus.Captured, PaymentStatus.Voided, PaymentStatus.Reclaimed];
        for (uint256 i = 0; i < statuses.length; ++i) {
            Payment memory p = terms();
            p.invoice = bytes32(i);
            bytes32 id = authorize(p);
            fund(merchant);
            vm.startPrank(merchant);
            escrow.capture(p, 20e18, 100, statuses[i] == PaymentStatus.Captured);
            if (statuses[i] == PaymentStatus.Voided) escrow.void(p);
            if (statuses[i] == PaymentStatus.Reclaimed) {
                vm.warp(uint256(p.captureBy) + 1);
                escrow.reclaim(p);
            }
            uint256 held = statuses[i] == PaymentStatus.Authorized ? 0.022e18 : 0;

            assertEq(escrow.refund(p, 0.002e18, Funding.Ledger), 5e18, "5 of 20");
            assertRefunded(id, statuses[i], held, 0.008e18, 5e18);
            expectExceeded(20e18, 15e18);
            escrow.refund(p, 0.008e18, Funding.Caller);
            assertEq(escrow.refund(p, 0.006e18, Funding.Caller), 15e18, "15 of 20");
            assertRefunded(id, statuses[i], held, 0.008e18, 20e18);
            vm.stopPrank();
        }
    }

    /// @dev Details hold what was refunded while the hold goes on; what is captured later adds to what may be refunded.
    function test_BetweenTwoCaptures() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, 20e18, 100, false);
        escrow.refund(p, 0.004e18, Funding.Ledger);
        escrow.capture(p, 30e18, 100, false);
        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 10e18);

        escrow.refund(p, 0.015e18, Funding.Ledger);
        vm.stopPrank();

        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 47.5e18);
        assertEq(escrow.capturedDue(p), 50e18, "captured due");
    }

    function test_RevertWhen_NothingWasCaptured() public {
        Payment memory p = terms();
        fund(merchant);
        vm.startPrank(merchant);
        for (uint256 i = 0; i < 3; ++i) {
            if (i == 1) {
                vm.stopPrank();
                authorize(p);
                vm.startPrank(merchant);
            }
            if (i == 2) escrow.void(p);
            expectExceeded(1, 0);
            escrow.refund(p, 1, Funding.Caller);
            expectExceeded(1e18, 0);
            escrow.refundDue(p, 1e18, 1e18, Funding.Caller);
        }
        vm.stopPrank();
    }

    function test_RevertWhen_MoreThanWasCaptured() public {
        (Payment memory p,) = captured();
        fund(stranger);
        vm.startPrank(stranger);
        expectExceeded(0.02e18 + 1, 0.02e18);
        escrow.refund(p, 0.02e18 + 1, Funding.Caller);
        expectExceeded(50e18 + 1, 50e18);
        escrow.refundDue(p, 50e18 + 1, 1e18, Funding.Caller);
        vm.stopPrank();
    }

    function test_RevertWhen_NothingIsRefunded() public {
        (Payment memory p,) = captured();
        vm.startPrank(merchant);
        expectExceeded(0, 0.02e18);
        escrow.refund(p, 0, Funding.Ledger);
        expectExceeded(0, 1e18);
        escrow.refundDue(p, 0, 1e18, Funding.Ledger);
        expectExceeded(0, 1e18);
        escrow.refundDue(p, 2499, 1e18, Funding.Ledger); // worth less than a unit
        assertEq(escrow.refundDue(p, 2500, 1e18, Funding.Ledger), 1, "a unit");
        vm.stopPrank();
    }

    function test_RevertWhen_DueIsWorthMoreThanTheCallersBound() public {
        (Payment memory p,) = captured();
        vm.prank(merchant);
        expectExceeded(0.02e18, 0.02e18 - 1);
        escrow.refundDue(p, 50e18, 0.02e18 - 1, Funding.Ledger);
    }

    function test_RevertWhen_ThereIsNoRateForTheDue() public {
        (Payment memory p,) = captured();
        uint256 updatedAt = block.timestamp;
        vm.warp(updatedAt + MAX_AGE + 1);
        bytes memory reason =
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_Stale.selector, updatedAt, MAX_AGE, block.timestamp);
        vm.startPrank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, address(weth), reason));
        escrow.refundDue(p, 10e18, 1e18, Funding.Ledger);
        escrow.refund(p, 0.004e18, Funding.Ledger);
        vm.stopPrank();
    }

    function test_RevertWhen_LedgerIsNotTheCallersToGive() public {
        (Payment memory p,) = captured();
        address[4] memory callers = [payer, stranger, refundTo, operator]; // the operator may capture and void only
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory err = abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, callers[i], merchant);
            vm.startPrank(callers[i]);
            vm.expectRevert(err);
            escrow.refund(p, 1e15, Funding.Ledger);
            vm.expectRevert(err);
            escrow.refundDue(p, 1e18, 1e18, Funding.Ledger);
            vm.stopPrank();
        }
    }

    function test_OperatorThatMayRefund() public {
        address shop = makeAddress("shop");
        Operator[] memory operators = new Operator[](1);
        operators[0] = Operator({account: operator, actions: REFUND, until: 0});
        Payout memory payout = Payout({asset: address(usdc), eid: LOCAL_EID, cycle: 0, tier: 0, toleranceBps: 0});
        vm.prank(shop);
        registry.register(Registration(shop, 1, payout, operators, new ChainPayout[](0)), "");
        Payment memory p = terms();
        p.merchant = shop;
        bytes32 id = authorize(p);
        vm.prank(shop);
        escrow.capture(p, 50e18, 100, true);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Refunded(id, shop, shop, 0.01e18, 25e18);

        vm.prank(operator);
        escrow.refund(p, 0.01e18, Funding.Ledger);

        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 25e18);
    }

    function test_RevertWhen_LedgerIsShort() public {
        (Payment memory p,) = captured();
        vm.startPrank(merchant);
        escrow.withdraw(address(weth), 0.0198e18, merchant);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_InsufficientLedger.selector, merchant, address(weth), 1, 0)
        );
        escrow.refund(p, 1, Funding.Ledger);
        vm.stopPrank();
    }

    function test_RevertWhen_AllowanceIsShort() public {
        (Payment memory p,) = captured();
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 1));
        escrow.refund(p, 1, Funding.Caller);
    }

    function test_RefusedRecipientGetsALedgerBalance() public {
        PickyToken token = new PickyToken(true);
        Payment memory p = usdcTerms();
        (p.token, p.currency) = (address(token), address(token));
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 50e6);
        vm.prank(payer);
        token.approve(address(escrow), 50e6);
        bytes32 id = authorize(p);
        token.setRefused(refundTo, true);
        vm.startPrank(merchant);
        escrow.capture(p, 50e6, 100, true);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(refundTo, address(token), id, address(0), 10e6, 10e6);

        escrow.refund(p, 10e6, Funding.Ledger);
        vm.stopPrank();

        assertRefunded(id, PaymentStatus.Captured, 0, 50e6, 10e6);
        vm.prank(refundTo);
        escrow.withdraw(address(token), 10e6, stranger);
        assertEq(token.balanceOf(stranger), 10e6, "withdrawn elsewhere");
    }

    function test_MerchantIsItsOwnRefundTo() public {
        Payment memory p = usdcTerms();
        p.refundTo = merchant;
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, 50e6, 100, true);
        escrow.refund(p, 49.5e6, Funding.Ledger);
        vm.stopPrank();

        assertRefunded(id, PaymentStatus.Captured, 0, 50e6, 49.5e6);
        assertEq(usdc.balanceOf(merchant), 49.5e6, "paid out");
        assertEq(escrow.balanceOf(merchant, address(usdc)), 0, "ledger");
        assertEq(usdc.balanceOf(address(escrow)), 0.5e6, "the fee");
    }

    /// @dev Invariant 15, and long after every deadline.
    function test_WhilePausedAndDelisted() public {
        (Payment memory p, bytes32 id) = captured();
        escrow.setIntakePaused(true);
        escrow.setTokenAllowed(address(weth), false);
        vm.warp(block.timestamp + 400 days);

        vm.prank(merchant);
        escrow.refund(p, 0.01e18, Funding.Ledger);

        assertRefunded(id, PaymentStatus.Captured, 0, 0.02e18, 25e18);
    }

    /// @dev Invariant 6: however an amount is cut into refunds, no more than was captured goes back.
    function testFuzz_PartsNeverExceedWhatWasCaptured(uint256 due, uint256 answer, uint256[8] memory parts) public {
        Payment memory p = terms();
        p.due = uint112(bound(due, 100_000, 70e18));
        bytes32 id = authorize(p);
        ethFeed.updateAnswer(int256(bound(answer, 2450e8, 100_000e8)));
        fund(merchant);
        vm.startPrank(merchant);
        escrow.capture(p, p.due > 50e18 ? 50e18 : p.due, 100, true);
        uint256 all = escrow.paymentState(id).captured;
        uint256 refunded;
        for (uint256 i = 0; i < parts.length; ++i) {
            uint256 part = bound(parts[i], 1, all);
            try escrow.refund(p, part, Funding.Caller) {
                refunded += part;
            } catch {}
        }
        vm.stopPrank();

        assertLe(refunded, all, "refunds");
        assertLe(escrow.paymentState(id).refundedDue, escrow.capturedDue(p), "of the due");
    }

    /// @dev 50 USD captured as 0.02 WETH.
    function captured() internal returns (Payment memory p, bytes32 id) {
        p = terms();
        id = authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 50e18, 100, true);
    }

    /// @dev A due of 3 units, which nobody will ever sign, captured as all that is held; and the ledger has enough.
    function capturedCoarsely() internal returns (Payment memory p, bytes32 id) {
        PickyToken currency = new PickyToken(true);
        p = terms();
        p.currency = address(currency);
        (p.due, p.fallbackAmount) = (3, p.maxAmount);
        id = authorize(p);
        vm.warp(p.captureBy);
        vm.prank(merchant);
        escrow.capture(p, 3, 100, true);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(merchant, 1e18);
        vm.prank(payer);
        escrow.deposit(address(weth), credits, "");
    }

    function fund(address account) internal {
        weth.mint(account, 1e18);
        vm.prank(account);
        weth.approve(address(escrow), type(uint256).max);
    }

    function expectExceeded(uint256 amount, uint256 max) internal {
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_RefundExceeded.selector, amount, max));
    }

    function assertRefunded(bytes32 id, PaymentStatus status, uint256 held, uint256 amount, uint256 dueAmount)
        internal
        view
    {
        PaymentState memory state = escrow.paymentState(id);
        assertState(id, status, held, amount);
        assertEq(state.refundedDue, dueAmount, "refunded due");
        assertEq(state.frozenUntil, 0, "never frozen");
    }
}
