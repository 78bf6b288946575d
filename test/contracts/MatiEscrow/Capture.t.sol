// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {Ledger} from "../../../contracts/src/types/Ledger.sol";
import {Funding, Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PickyToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given the merchant or its operator
///   → captures what the due is worth now, never more than is held, fee within the terms, surplus to refundTo
///   → parts add up to the whole: of the due, of the hold, of the fee
/// given anyone else → only where the terms say auto-capture: whole due, lowest fee, shortfall within the tolerance
/// given no valid rate → nothing, but in the last day the signed fallback (invariant 7), whatever the gas
contract CaptureTest is EscrowTest {
    /// 50 USD at 2,500 USD per WETH.
    uint256 internal constant WORTH = 0.02e18;

    function test_CapturesTheWholeDueAtTheRateOfNow() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        ethFeed.updateAnswer(2000e8);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.RateUsed(id, 2000e18, 2, 0, uint40(block.timestamp));
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(id, merchant, 50e18, 0.025e18, 0.00025e18, 0.005e18, true, 0.02475e18, 0.00025e18);

        vm.prank(merchant);
        uint256 amount = escrow.capture(p, 50e18, 100, false);

        assertEq(amount, 0.025e18, "amount");
        assertState(id, PaymentStatus.Captured, 0, 0.025e18);
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.02475e18, "merchant's ledger");
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 0.00025e18, "fee receiver's ledger");
        assertEq(weth.balanceOf(refundTo), 0.005e18, "surplus");
        assertEq(weth.balanceOf(address(escrow)), 0.025e18, "escrow");
        assertEq(escrow.capturedDue(p), 50e18, "captured due");
    }

    function test_OperatorCaptures() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.prank(operator);
        escrow.capture(p, 50e18, 100, false);
        assertState(id, PaymentStatus.Captured, 0, WORTH);
    }

    function test_SameCurrencyTouchesNoOracle() public {
        Payment memory p = usdcTerms();
        bytes32 id = authorize(p);
        vm.warp(block.timestamp + 2 days); // every feed is stale
        vm.prank(merchant);
        escrow.capture(p, 50e6, 200, true);
        assertState(id, PaymentStatus.Captured, 0, 50e6);
        assertEq(escrow.balanceOf(merchant, address(usdc)), 49e6, "merchant's ledger");
    }

    function test_NeverMoreThanIsHeld() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        ethFeed.updateAnswer(1000e8); // the due is worth 0.05 WETH, 0.03 is held
        vm.prank(merchant);
        assertEq(escrow.capture(p, 50e18, 100, true), 0.03e18, "amount");
        assertState(id, PaymentStatus.Captured, 0, 0.03e18);
        assertEq(weth.balanceOf(refundTo), 0, "no surplus");
    }

    function test_PartsAddUpToTheWhole() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, 20e18, 100, false);
        assertState(id, PaymentStatus.Authorized, 0.022e18, 0.008e18);
        assertEq(escrow.capturedDue(p), 20e18, "due so far");
        escrow.capture(p, 10e18, 200, false);
        assertState(id, PaymentStatus.Authorized, 0.018e18, 0.012e18);
        escrow.capture(p, 20e18, 100, false); // all that was left of the due: final by itself
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, WORTH);
        assertEq(escrow.capturedDue(p), 50e18, "due so far");
        assertEq(weth.balanceOf(refundTo), 0.01e18, "surplus");
    }

    function test_FinalPartReturnsTheRest() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 20e18, 100, true);
        assertState(id, PaymentStatus.Captured, 0, 0.008e18);
        assertEq(escrow.capturedDue(p), 20e18, "captured part of the due, for refunds");
        assertEq(weth.balanceOf(refundTo), 0.022e18, "surplus");
    }

    function test_RevertWhen_CapturedAgain() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        escrow.capture(p, 20e18, 100, true);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Captured));
        escrow.capture(p, 20e18, 100, true);
        vm.stopPrank();
    }

    function test_RevertWhen_NeverAuthorized() public {
        Payment memory p = terms();
        vm.prank(merchant);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, escrow.paymentId(p), PaymentStatus.None)
        );
        escrow.capture(p, 50e18, 100, true);
    }

    function test_RevertWhen_MoreDueThanIsLeft() public {
        Payment memory p = terms();
        authorize(p);
        vm.startPrank(merchant);
        expectRevert(p, 0, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_DueExceeded.selector, 0, 50e18));
        expectRevert(
            p, 50e18 + 1, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_DueExceeded.selector, 50e18 + 1, 50e18)
        );
        escrow.capture(p, 20e18, 100, false);
        expectRevert(
            p, 30e18 + 1, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_DueExceeded.selector, 30e18 + 1, 30e18)
        );
        vm.stopPrank();
    }

    function test_RevertWhen_FeeOutOfBounds() public {
        Payment memory p = terms();
        authorize(p);
        vm.startPrank(merchant);
        expectRevert(p, 50e18, 99, abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 99, 100, 200));
        expectRevert(p, 50e18, 201, abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 201, 100, 200));
        vm.stopPrank();
    }

    function test_RevertWhen_TooEarlyOrTooLate() public {
        Payment memory p = terms();
        p.captureAfter += 1 hours;
        bytes32 id = authorize(p);
        vm.startPrank(merchant);
        vm.warp(p.captureAfter - 1);
        expectRevert(
            p,
            50e18,
            100,
            abi.encodeWithSelector(IMatiEscrow.Escrow_CaptureTooEarly.selector, p.captureAfter - 1, p.captureAfter)
        );
        vm.warp(p.captureBy + 1);
        expectRevert(
            p,
            50e18,
            100,
            abi.encodeWithSelector(IMatiEscrow.Escrow_CaptureExpired.selector, p.captureBy + 1, p.captureBy)
        );
        vm.warp(p.captureBy);
        ethFeed.updateAnswer(2500e8);
        escrow.capture(p, 50e18, 100, true);
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, WORTH);
    }

    function test_FirstSecondOfCaptureAfter() public {
        Payment memory p = terms();
        p.captureAfter += 10 minutes;
        bytes32 id = authorize(p);
        vm.warp(p.captureAfter);
        vm.prank(merchant);
        escrow.capture(p, 50e18, 100, true);
        assertState(id, PaymentStatus.Captured, 0, WORTH);
    }

    function test_RevertWhen_WorthNothing() public {
        Payment memory p = terms();
        authorize(p);
        vm.prank(merchant);
        expectRevert(p, 1, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_NothingToCapture.selector));
    }

    // ------------------------------------------------------------------------------------- by anyone

    function test_AnyoneCapturesWhereTheTermsSaySo() public {
        Payment memory p = terms();
        p.autoCapture = true;
        bytes32 id = authorize(p);
        vm.prank(stranger);
        escrow.capture(p, 50e18, 100, false);
        assertState(id, PaymentStatus.Captured, 0, WORTH);
    }

    function test_RevertWhen_StrangerCaptures() public {
        Payment memory p = terms();
        authorize(p);
        vm.prank(stranger);
        expectRevert(p, 50e18, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, stranger, merchant));
    }

    function test_RevertWhen_StrangerCapturesAPartOrAHigherFee() public {
        Payment memory p = terms();
        p.autoCapture = true;
        authorize(p);
        vm.prank(stranger);
        expectRevert(p, 49e18, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_DueExceeded.selector, 49e18, 50e18));
        vm.prank(stranger);
        expectRevert(p, 50e18, 101, abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 101, 100, 100));
        vm.prank(merchant);
        escrow.capture(p, 20e18, 100, false);
        vm.prank(stranger); // the merchant began to capture in parts: the rest is its own decision
        expectRevert(p, 30e18, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_DueExceeded.selector, 30e18, 50e18));
    }

    function test_StrangerCapturesWithinTheMerchantsTolerance() public {
        Payment memory p = terms();
        p.autoCapture = true;
        p.maxAmount = 0.019e18; // 5% short of 0.02: just within 500 bps
        p.fallbackAmount = 0;
        bytes32 id = authorize(p);
        vm.prank(stranger);
        escrow.capture(p, 50e18, 100, false);
        assertState(id, PaymentStatus.Captured, 0, 0.019e18);

        p.maxAmount = 0.019e18 - 1;
        authorize(p);
        bytes memory err =
            abi.encodeWithSelector(IMatiEscrow.Escrow_ShortfallExceeded.selector, WORTH, uint256(p.maxAmount), 500);
        vm.prank(stranger);
        expectRevert(p, 50e18, 100, err);
        vm.prank(merchant); // the merchant itself may accept it
        escrow.capture(p, 50e18, 100, false);
    }

    /// @dev As the merchant: an operator is no stranger to a shortfall.
    function test_OperatorMayCaptureShort() public {
        Payment memory p = terms();
        (p.maxAmount, p.fallbackAmount) = (0.01e18, 0);
        bytes32 id = authorize(p);
        vm.prank(operator);
        escrow.capture(p, 50e18, 200, true);
        assertState(id, PaymentStatus.Captured, 0, 0.01e18);
    }

    /// @dev After a fall of the price a part took all that was held; the hold still ends, with nothing to return.
    function test_NothingIsLeftToHold() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        ethFeed.updateAnswer(500e8); // 20 USD are worth 0.04 WETH, 0.03 is held
        vm.startPrank(merchant);
        assertEq(escrow.capture(p, 20e18, 100, false), 0.03e18, "all");
        assertState(id, PaymentStatus.Authorized, 0, 0.03e18);
        expectRevert(p, 30e18, 100, abi.encodeWithSelector(IMatiEscrow.Escrow_NothingToCapture.selector));
        assertEq(escrow.refund(p, 0.015e18, Funding.Ledger), 10e18, "half of what was captured");
        assertEq(escrow.void(p), 0, "nothing to let go");
        vm.stopPrank();
        assertState(id, PaymentStatus.Voided, 0, 0.03e18);
        assertEq(escrow.paymentState(id).refundedDue, 10e18, "refunded due");
    }

    // --------------------------------------------------------------------- without a valid rate (invariant 7)

    function test_RevertWhen_RateIsStale() public {
        Payment memory p = terms();
        authorize(p);
        vm.warp(block.timestamp + MAX_AGE + 1);
        vm.prank(merchant);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        escrow.capture(p, 50e18, 100, true);
    }

    /// @dev As when a token's `decimals` comes to fail: nothing says why, and that is no leave to capture nothing.
    function test_RevertWhen_RateFailsWithoutAReason() public {
        Payment memory p = terms();
        p.autoCapture = true;
        bytes32 id = authorize(p);
        vm.mockCallRevert(address(oracle), abi.encodeCall(IRateOracle.rate, (p.token, p.currency)), "");
        address[2] memory callers = [merchant, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(bytes(""));
            escrow.capture(p, 50e18, 100, true);
        }
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
    }

    function test_FallbackStandsInOnTheLastDay() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.warp(p.captureBy - 1 days - 1);
        vm.prank(merchant);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        escrow.capture(p, 50e18, 100, true);

        vm.warp(p.captureBy - 1 days);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.FallbackUsed(id);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(id, merchant, 50e18, 0.021e18, 0.00021e18, 0.009e18, true, 0.02079e18, 0.00021e18);
        vm.prank(merchant);
        escrow.capture(p, 50e18, 100, true);
        assertState(id, PaymentStatus.Captured, 0, 0.021e18);
    }

    function test_FallbackStandsInForItsPartOfTheDue() public {
        Payment memory p = terms();
        authorize(p);
        vm.warp(p.captureBy);
        vm.prank(merchant);
        assertEq(escrow.capture(p, 10e18, 100, true), 0.0042e18, "a fifth of the fallback");
    }

    function test_ValidRateBeatsTheFallback() public {
        Payment memory p = terms();
        authorize(p);
        vm.warp(p.captureBy);
        ethFeed.updateAnswer(2500e8);
        vm.prank(merchant);
        assertEq(escrow.capture(p, 50e18, 100, true), WORTH, "at the rate");
    }

    function test_RevertWhen_NoFallbackWasSigned() public {
        Payment memory p = terms();
        p.fallbackAmount = 0;
        authorize(p);
        vm.warp(p.captureBy);
        vm.prank(merchant);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        escrow.capture(p, 50e18, 100, true);
    }

    /// @dev With a healthy oracle no amount of gas makes the fallback apply: enough to succeed, or nothing happens.
    function testFuzz_GasChoosesNothing(uint256 gasLimit) public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        vm.warp(p.captureBy);
        ethFeed.updateAnswer(2500e8);
        gasLimit = bound(gasLimit, 30_000, 700_000);
        vm.prank(merchant);
        try escrow.capture{gas: gasLimit}(p, 50e18, 100, true) returns (uint256 amount) {
            assertEq(amount, WORTH, "at the rate");
        } catch {
            assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
        }
    }

    /// @dev The error tells what was left before the oracle was asked, and so what another call has to be given.
    function test_FallbackStandsInFromTheGasOfARateOn() public {
        Payment memory p = terms();
        authorize(p);
        vm.warp(p.captureBy);
        uint256 required = escrow.RATE_GAS();
        vm.prank(merchant);
        (, bytes memory answer) =
            address(escrow).call{gas: required}(abi.encodeCall(IMatiEscrow.capture, (p, 50e18, 100, true)));
        uint256 spent = required - firstWord(answer);

        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_InsufficientGas.selector, required - 1, required));
        escrow.capture{gas: required + spent - 1}(p, 50e18, 100, true);

        vm.prank(merchant);
        assertEq(escrow.capture{gas: required + spent}(p, 50e18, 100, true), 0.021e18, "the fallback");
    }

    // ------------------------------------------------------------------------------------------- surplus

    function test_SurplusOfOneUnitIsReturned() public {
        Payment memory p = usdcTerms();
        p.maxAmount = 50e6 + 1;
        bytes32 id = authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 50e6, 100, true);
        assertState(id, PaymentStatus.Captured, 0, 50e6);
        assertEq(usdc.balanceOf(refundTo), 1, "surplus");
        assertEq(usdc.balanceOf(address(escrow)), 50e6, "escrow");
    }

    function test_SurplusOfARefusedRecipientIsItsLedgerBalance() public {
        for (uint256 reverts = 0; reverts < 2; ++reverts) {
            PickyToken token = new PickyToken(reverts == 1);
            Payment memory p = pickyTerms(token);
            bytes32 id = authorize(p);
            token.setRefused(refundTo, true);

            vm.prank(merchant);
            escrow.capture(p, 10e18, 100, true);

            assertState(id, PaymentStatus.Captured, 0, 10e18);
            assertEq(escrow.balanceOf(refundTo, address(token)), 20e18, "surplus");
            assertEq(token.balanceOf(address(escrow)), 30e18, "all still here");
        }
    }

    /// @dev Too little gas for the transfer must never turn a payable surplus into a ledger balance.
    function testFuzz_GasDecidesNoTransfer(uint256 gasLimit) public {
        PickyToken token = new PickyToken(true);
        Payment memory p = pickyTerms(token);
        bytes32 id = authorize(p);
        gasLimit = bound(gasLimit, 30_000, 700_000);
        vm.prank(merchant);
        try escrow.capture{gas: gasLimit}(p, 10e18, 100, true) {
            assertEq(token.balanceOf(refundTo), 20e18, "paid out");
        } catch {
            assertState(id, PaymentStatus.Authorized, 30e18, 0);
        }
    }

    // ------------------------------------------------------------------------------------- sums, whatever the parts

    /// @dev Invariant 2: authorized = held + captured + returned. Invariant 6: n captures pay one capture's fee, to the
    /// unit, and never more than the signed share.
    function testFuzz_ManyCapturesPayTheFeeOfOne(uint256 seed, uint256 count) public {
        count = bound(count, 1, 12);
        Payment memory p = usdcTerms();
        p.minFeeBps = uint16(bound(seed, 0, 10_000));
        p.maxFeeBps = 10_000;
        bytes32 id = authorize(p);
        uint256 sum;
        for (uint256 i = 0; i < count && sum < p.due; ++i) {
            uint256 part = bound(uint256(keccak256(abi.encode(seed, i))), 1, i % 2 == 0 ? 7 : (p.due - sum));
            vm.prank(merchant);
            escrow.capture(p, part > p.due - sum ? p.due - sum : part, p.minFeeBps, false);
            sum += part > p.due - sum ? p.due - sum : part;
        }

        PaymentState memory state = escrow.paymentState(id);
        assertEq(state.captured, sum, "captured");
        assertEq(state.held, p.maxAmount - sum, "held");
        assertEq(escrow.balanceOf(feeReceiver, address(usdc)), sum * p.minFeeBps / 10_000, "fee of one capture");
        assertEq(
            escrow.balanceOf(merchant, address(usdc)), sum - sum * p.minFeeBps / 10_000, "the rest is the merchant's"
        );
    }

    /// @dev Against the rate written out with other operators: due / rate, rounded down, at most the hold.
    function testFuzz_WorthIsDueOverRate(uint256 answer, uint256 dueAmount) public {
        Payment memory p = terms();
        authorize(p);
        answer = bound(answer, 100e8, 100_000e8);
        dueAmount = bound(dueAmount, 1e12, 50e18);
        ethFeed.updateAnswer(int256(answer));
        vm.prank(merchant);
        uint256 amount = escrow.capture(p, dueAmount, 100, true);
        uint256 worth = dueAmount * 1e8 / answer;
        assertEq(amount, worth < p.maxAmount ? worth : p.maxAmount, "amount");
    }

    function test_BalanceAgesByAmount() public {
        uint256 start = block.timestamp;
        Payment memory p = usdcTerms();
        p.minFeeBps = 0;
        authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 10e6, 0, false);
        assertSince(start);
        vm.warp(start + 1000);
        vm.prank(merchant);
        escrow.capture(p, 30e6, 0, false);
        assertSince(start + 750);
        vm.prank(merchant);
        escrow.withdraw(address(usdc), 40e6, merchant);
        vm.warp(start + 5000);
        vm.prank(merchant);
        escrow.capture(p, 1, 0, false);
        assertSince(start + 5000); // an emptied balance starts afresh
        vm.warp(start + 5001);
        vm.prank(merchant);
        escrow.capture(p, 1, 0, false);
        assertSince(start + 5001); // 5000.5, rounded up
    }

    function assertSince(uint256 expected) internal view {
        Ledger memory entry = escrow.ledger(merchant, address(usdc));
        assertEq(entry.since, expected, "since");
    }

    /// @dev 10 due of the token itself, 30 held.
    function pickyTerms(PickyToken token) internal returns (Payment memory p) {
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 30e18);
        vm.prank(payer);
        token.approve(address(escrow), 30e18);
        p = terms();
        p.token = address(token);
        p.currency = address(token);
        p.maxAmount = 30e18;
        p.due = 10e18;
        p.fallbackAmount = 0;
    }

    /// @dev The first value of an error.
    function firstWord(bytes memory answer) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(answer, 0x24))
        }
    }

    function expectRevert(Payment memory p, uint256 dueAmount, uint256 feeBps, bytes memory err) internal {
        vm.expectRevert(err);
        escrow.capture(p, dueAmount, feeBps, true);
    }
}
