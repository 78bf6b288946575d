// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DepositAccount} from "../../../contracts/src/collectors/DepositAccount.sol";
import {DepositAddresses} from "../../../contracts/src/collectors/DepositAddresses.sol";
import {IDepositAddresses} from "../../../contracts/src/interfaces/IDepositAddresses.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {FeeOnTransferToken, ITransferHook, RegisteredHookToken} from "../base/Tokens.sol";
import {CollectorTest} from "./CollectorTest.sol";

/// given at least maxAmount at the address by authorizeBy → anyone opens it; the surplus goes to refundTo at once
///   given refundTo is blocked → it opens all the same, and the surplus waits at the address
/// given less → cannot be opened, waits to be topped up until authorizeBy, then goes to refundTo
/// given it was not opened by authorizeBy, for whatever reason → all of it goes to refundTo
/// given the payment was opened, here or by another way in → what lies there goes to refundTo at once
/// given another token, or coins → go to refundTo at once
/// given refundTo refuses → stays, and can be tried again
/// given other terms, another chain, another escrow → another address
/// when a stranger calls the collector or the account → reverts
contract DepositAddressesTest is CollectorTest {
    DepositAddresses internal deposits;

    function setUp() public override {
        super.setUp();
        deposits = new DepositAddresses(escrow);
        escrow.setCollector(address(deposits), true);
    }

    function test_AnyoneOpensWithTheExactAmount() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(deposits), "");

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertLies(p, 0, 50e6, 0);
        assertEq(usdc.balanceOf(payer), 1_000_000e6, "nothing of the named payer's");
    }

    function test_SurplusGoesBackInTheSameTransaction() public {
        Payment memory p = usdcTerms();
        send(p, 53e6);
        vm.expectEmit(address(deposits));
        emit IDepositAddresses.Returned(escrow.paymentId(p), address(usdc), refundTo, 3e6);
        escrow.authorize(p, address(deposits), "");
        assertLies(p, 0, 50e6, 3e6);
    }

    function test_ChargesWhereTheEscrowLets() public {
        Payment memory p = usdcTerms();
        p.autoCapture = true;
        send(p, 50e6);
        vm.prank(stranger);
        (bytes32 id,) = escrow.charge(p, address(deposits), "", 100);
        assertState(id, PaymentStatus.Captured, 0, 50e6);
    }

    function test_UnderpaymentWaitsToBeToppedUp() public {
        Payment memory p = usdcTerms();
        send(p, 50e6 - 1);
        bytes32 id = escrow.paymentId(p);
        vm.expectRevert(
            abi.encodeWithSelector(IDepositAddresses.DepositAddresses_Underpaid.selector, id, 50e6 - 1, 50e6)
        );
        escrow.authorize(p, address(deposits), "");

        vm.warp(p.authorizeBy);
        expectStillOpen(p);
        send(p, 1);
        escrow.authorize(p, address(deposits), "");
        assertLies(p, 0, 50e6, 0);
    }

    function test_UnderpaymentGoesBackAfterAuthorizeBy() public {
        Payment memory p = usdcTerms();
        send(p, 20e6);
        vm.warp(p.authorizeBy + 1);

        vm.prank(stranger);
        uint256 amount = deposits.returnRest(p, address(usdc));

        assertEq(amount, 20e6, "amount");
        assertLies(p, 0, 0, 20e6);
    }

    function test_LatePaymentGoesBack() public {
        Payment memory p = usdcTerms();
        vm.warp(p.authorizeBy + 1);
        send(p, 50e6);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_AuthorizeExpired.selector, p.authorizeBy + 1, p.authorizeBy)
        );
        escrow.authorize(p, address(deposits), "");
        deposits.returnRest(p, address(usdc));
        assertLies(p, 0, 0, 50e6);
    }

    function test_WhatComesAfterOpeningGoesBackAtOnce() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);
        escrow.authorize(p, address(deposits), "");
        send(p, 50e6);
        deposits.returnRest(p, address(usdc));
        send(p, 1);
        deposits.returnRest(p, address(usdc));
        assertLies(p, 0, 50e6, 50e6 + 1);
    }

    function test_OpenedByAnotherWayIn() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);
        bytes32 id = authorize(p);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.authorize(p, address(deposits), "");
        deposits.returnRest(p, address(usdc));
        assertLies(p, 0, 50e6, 50e6);
    }

    function test_OtherTokensAndCoinsGoBackAtOnce() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);
        weth.mint(deposits.addressOf(p), 5);
        vm.deal(deposits.addressOf(p), 7);

        deposits.returnRest(p, address(weth));
        deposits.returnRest(p, address(0));

        assertEq(weth.balanceOf(refundTo), 5, "tokens");
        assertEq(refundTo.balance, 7, "coins");
        escrow.authorize(p, address(deposits), "");
        assertLies(p, 0, 50e6, 0);
    }

    function test_BlockedRefundToKeepsNothingFromOpening() public {
        Payment memory p = usdcTerms();
        send(p, 53e6);
        usdc.setBlacklisted(refundTo, true);
        escrow.authorize(p, address(deposits), "");
        assertLies(p, 3e6, 50e6, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDepositAddresses.DepositAddresses_NotSent.selector, address(usdc), refundTo, uint256(3e6)
            )
        );
        deposits.returnRest(p, address(usdc));

        usdc.setBlacklisted(refundTo, false);
        deposits.returnRest(p, address(usdc));
        assertLies(p, 0, 50e6, 3e6);
    }

    function test_RevertWhen_RefundToRefusesCoins() public {
        Payment memory p = usdcTerms();
        p.refundTo = address(usdc);
        vm.deal(deposits.addressOf(p), 7);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDepositAddresses.DepositAddresses_NotSent.selector, address(0), address(usdc), uint256(7)
            )
        );
        deposits.returnRest(p, address(0));
        assertEq(deposits.addressOf(p).balance, 7, "stays");
    }

    /// @dev Intake paused, token or collector not allowed: waits, and after authorizeBy it is refundTo's.
    function test_WhatTheEscrowRefusesWaitsThenGoesBack() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);
        escrow.setIntakePaused(true);
        vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
        escrow.authorize(p, address(deposits), "");
        escrow.setIntakePaused(false);
        escrow.setTokenAllowed(address(usdc), false);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_TokenNotAllowed.selector, address(usdc)));
        escrow.authorize(p, address(deposits), "");
        escrow.setTokenAllowed(address(usdc), true);
        escrow.setCollector(address(deposits), false);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_CollectorNotAllowed.selector, address(deposits)));
        escrow.authorize(p, address(deposits), "");
        expectStillOpen(p);

        escrow.setIntakePaused(true);
        vm.warp(p.authorizeBy + 1);
        deposits.returnRest(p, address(usdc));
        assertLies(p, 0, 0, 50e6);
    }

    function test_FeeOnTransferGoesBack() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        escrow.setTokenAllowed(address(token), true);
        Payment memory p = terms();
        p.token = address(token);
        token.mint(deposits.addressOf(p), p.maxAmount);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_TransferMismatch.selector, address(token), 0.0297e18, uint256(p.maxAmount)
            )
        );
        escrow.authorize(p, address(deposits), "");

        vm.warp(p.authorizeBy + 1);
        deposits.returnRest(p, address(token));
        assertEq(token.balanceOf(refundTo), 0.0297e18, "less its fee");
        assertEq(token.balanceOf(deposits.addressOf(p)), 0, "nothing left");
    }

    /// @dev A hook of refundTo runs while the payment is being opened: it gets its surplus once, the rest is out of reach.
    function test_ReenteringHookGetsNothingMore() public {
        RegisteredHookToken token = new RegisteredHookToken();
        escrow.setTokenAllowed(address(token), true);
        Payment memory p = terms();
        p.token = address(token);
        Reenterer reenterer = new Reenterer(deposits, escrow);
        p.refundTo = address(reenterer);
        reenterer.arm(p);
        token.mint(deposits.addressOf(p), p.maxAmount + 5);

        bytes32 id = escrow.authorize(p, address(deposits), "");

        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
        assertEq(token.balanceOf(address(reenterer)), 5, "surplus");
        assertEq(token.balanceOf(address(escrow)), p.maxAmount, "held");
        assertEq(reenterer.succeeded(), false, "within");
    }

    function test_AddressCommitsToTermsChainAndEscrow() public {
        Payment memory p = usdcTerms();
        address here = deposits.addressOf(p);
        IMatiEscrow another = anotherEscrow();
        assertTrue(new DepositAddresses(another).addressOf(p) != here, "escrow");
        p.refundTo = stranger;
        assertTrue(deposits.addressOf(p) != here, "terms");
        p = usdcTerms();
        vm.chainId(90902);
        assertTrue(deposits.addressOf(p) != here, "chain");
    }

    /// @dev Invariant 10: what lies at one payment's address opens no other.
    function test_RevertWhen_TermsAreOther() public {
        send(usdcTerms(), 50e6);
        Payment memory p = usdcTerms();
        p.refundTo = stranger;
        bytes32 id = escrow.paymentId(p);
        vm.expectRevert(abi.encodeWithSelector(IDepositAddresses.DepositAddresses_Underpaid.selector, id, 0, 50e6));
        escrow.authorize(p, address(deposits), "");
        vm.warp(p.authorizeBy + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IDepositAddresses.DepositAddresses_NothingToReturn.selector, id, address(usdc))
        );
        deposits.returnRest(p, address(usdc));
    }

    function test_RevertWhen_CalledByAStranger() public {
        Payment memory p = usdcTerms();
        send(p, 50e6);
        expectNotEscrow(deposits, p, "");
        escrow.authorize(p, address(deposits), "");
        DepositAccount account = DepositAccount(payable(deposits.addressOf(p)));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(DepositAccount.DepositAccount_NotFactory.selector, stranger));
        account.send(address(usdc), stranger, 1);
    }

    /// @dev Any deposits, at any times, with attempts to open and to return after each: a small model says where every
    /// unit is, and at the end nothing lies at the address.
    function testFuzz_EveryUnitHasOneOutcome(uint64[4] memory amounts, uint16[4] memory waits) public {
        Payment memory p = usdcTerms();
        uint256 lies;
        uint256 held;
        uint256 returned;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 amount = bound(amounts[i], 0, 70e6);
            vm.warp(vm.getBlockTimestamp() + bound(waits[i], 0, 40 minutes));
            bool isInTime = vm.getBlockTimestamp() <= p.authorizeBy;
            send(p, amount);
            lies += amount;

            bool mayReturn = lies != 0 && (held != 0 || !isInTime);
            if (waits[i] % 2 == 0) {
                assertEq(tryReturn(p), mayReturn, "return before opening");
                if (mayReturn) (returned, lies) = (returned + lies, 0);
            }
            bool mayOpen = held == 0 && isInTime && lies >= 50e6;
            assertEq(tryOpen(p), mayOpen, "open");
            if (mayOpen) (held, returned, lies) = (50e6, returned + lies - 50e6, 0);
            assertLies(p, lies, held, returned);
        }

        vm.warp(uint256(p.authorizeBy) + 1);
        assertEq(tryReturn(p), lies != 0, "return at last");
        assertLies(p, 0, held, returned + lies);
    }

    function tryOpen(Payment memory p) internal returns (bool success) {
        (success,) = address(escrow).call(abi.encodeCall(escrow.authorize, (p, address(deposits), "")));
    }

    function tryReturn(Payment memory p) internal returns (bool success) {
        (success,) = address(deposits).call(abi.encodeCall(deposits.returnRest, (p, address(usdc))));
    }

    function send(Payment memory p, uint256 amount) internal {
        usdc.mint(deposits.addressOf(p), amount);
    }

    /// @dev Where the money of a payment in USDC is; the factory has none of it (invariant 9).
    function assertLies(Payment memory p, uint256 atAddress, uint256 atEscrow, uint256 atRefundTo) internal view {
        assertEq(usdc.balanceOf(deposits.addressOf(p)), atAddress, "at the address");
        assertEq(usdc.balanceOf(address(escrow)), atEscrow, "at the escrow");
        assertEq(usdc.balanceOf(refundTo), atRefundTo, "at refundTo");
        assertHoldsNothing(address(deposits), address(usdc));
    }

    function expectStillOpen(Payment memory p) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IDepositAddresses.DepositAddresses_StillOpen.selector, vm.getBlockTimestamp(), p.authorizeBy
            )
        );
        deposits.returnRest(p, address(usdc));
    }
}

/// @notice Tries everything that moves the deposit again once it is paid.
contract Reenterer is ITransferHook {
    DepositAddresses internal immutable DEPOSITS;
    IMatiEscrow internal immutable ESCROW;
    Payment internal _payment;
    bool public succeeded;

    constructor(DepositAddresses deposits, IMatiEscrow escrow) {
        DEPOSITS = deposits;
        ESCROW = escrow;
    }

    function arm(Payment calldata payment) external {
        _payment = payment;
        RegisteredHookToken(payment.token).register();
    }

    function onTransfer(address, uint256) external {
        (bool a,) = address(DEPOSITS).call(abi.encodeCall(DEPOSITS.returnRest, (_payment, _payment.token)));
        (bool b,) = address(ESCROW).call(abi.encodeCall(ESCROW.authorize, (_payment, address(DEPOSITS), "")));
        succeeded = a || b;
    }
}
