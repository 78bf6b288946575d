// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WETH9} from "@chainlink/contracts/src/v0.8/vendor/canonical-weth/WETH9.sol";

import {Collector} from "../../../contracts/src/collectors/Collector.sol";
import {IWrapped, NativeCollector} from "../../../contracts/src/collectors/NativeCollector.sol";
import {IIntakeGuard} from "../../../contracts/src/interfaces/IIntakeGuard.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {INativeCollector} from "../../../contracts/src/interfaces/INativeCollector.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {CollectorTest} from "./CollectorTest.sol";

/// when the payer sends exactly maxAmount → it is wrapped and held
///   given auto-capture, by charge → captured at once, the surplus at refundTo, wrapped
/// given another value, caller or token → reverts
/// given the escrow refuses → reverts, and the payer keeps its coins
/// when anyone has the escrow collect, outside the payer's call or within it → reverts
/// given coins or tokens somebody left with the collector → they open nothing
contract NativeCollectorTest is CollectorTest {
    NativeCollector internal collector;

    function setUp() public override {
        super.setUp();
        address wrapped = address(new WETH9());
        escrow.setTokenAllowed(wrapped, true);
        oracle.setSource(wrapped, source(address(ethFeed), 100e8, 100_000e8));
        collector = new NativeCollector(escrow, IWrapped(wrapped));
        escrow.setCollector(address(collector), true);
        vm.deal(payer, 10e18);
    }

    function test_HoldsWhatThePayerSends() public {
        Payment memory p = nativeTerms();

        vm.prank(payer);
        bytes32 id = collector.authorize{value: p.maxAmount}(p);

        assertEq(id, escrow.paymentId(p), "id");
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
        assertEq(collector.WRAPPED().balanceOf(address(escrow)), p.maxAmount, "escrow");
        assertEq(payer.balance, 10e18 - p.maxAmount, "payer");
        assertHoldsNothing(address(collector), p.token);
        assertEq(address(collector).balance, 0, "collector's coins");
    }

    function test_TwoPaymentsInOneTransaction() public {
        Payment memory p = nativeTerms();
        vm.startPrank(payer);
        collector.authorize{value: p.maxAmount}(p);
        p.invoice = "another";
        assertState(collector.authorize{value: p.maxAmount}(p), PaymentStatus.Authorized, p.maxAmount, 0);
        vm.stopPrank();
    }

    function test_ChargesWithAutoCapture() public {
        Payment memory p = nativeTerms();
        p.autoCapture = true;

        vm.prank(payer);
        (bytes32 id, uint256 amount) = collector.charge{value: p.maxAmount}(p);

        assertEq(amount, 0.02e18, "50 USD at 2,500");
        assertState(id, PaymentStatus.Captured, 0, amount);
        assertEq(collector.WRAPPED().balanceOf(refundTo), p.maxAmount - amount, "surplus, wrapped");
        assertHoldsNothing(address(collector), p.token);
    }

    function test_RevertWhen_ChargedWithoutAutoCapture() public {
        Payment memory p = nativeTerms();
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, address(collector), merchant));
        collector.charge{value: p.maxAmount}(p);
    }

    function testFuzz_RevertWhen_ValueIsNotMaxAmount(uint256 value) public {
        Payment memory p = nativeTerms();
        value = bound(value, 0, 10e18);
        if (value == p.maxAmount) value += 1;
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(INativeCollector.NativeCollector_ValueMismatch.selector, value, p.maxAmount)
        );
        collector.authorize{value: value}(p);
    }

    function test_RevertWhen_NotPayer() public {
        Payment memory p = nativeTerms();
        vm.deal(stranger, 1e18);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INativeCollector.NativeCollector_NotPayer.selector, stranger, payer));
        collector.authorize{value: p.maxAmount}(p);
    }

    function test_RevertWhen_TokenIsAnother() public {
        Payment memory p = terms();
        address wrapped = address(collector.WRAPPED());
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(INativeCollector.NativeCollector_WrongToken.selector, address(weth), wrapped)
        );
        collector.authorize{value: p.maxAmount}(p);
    }

    function test_RevertWhen_OpenedTwice() public {
        Payment memory p = nativeTerms();
        vm.startPrank(payer);
        bytes32 id = collector.authorize{value: p.maxAmount}(p);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        collector.authorize{value: p.maxAmount}(p);
        vm.stopPrank();
        assertEq(payer.balance, 10e18 - p.maxAmount, "kept");
    }

    function test_RevertWhen_IntakePaused() public {
        escrow.setIntakePaused(true);
        Payment memory p = nativeTerms();
        vm.prank(payer);
        vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
        collector.authorize{value: p.maxAmount}(p);
    }

    /// @dev Tokens left with the collector, say by a mistaken transfer, are nobody's.
    function test_RevertWhen_TheEscrowIsCalledDirectly() public {
        Payment memory p = nativeTerms();
        leaveTokens(p.maxAmount);
        bytes32 id = escrow.paymentId(p);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(INativeCollector.NativeCollector_NotOpening.selector, id, bytes32(0)));
        escrow.authorize(p, address(collector), "");
    }

    /// @dev Whoever gets control while a payment is being opened (here the guard) opens no other with its money.
    function test_RevertWhen_AnotherPaymentIsOpenedWithin() public {
        Payment memory p = nativeTerms();
        Payment memory other = nativeTerms();
        other.invoice = "another";
        Intruder intruder = new Intruder(collector);
        vm.deal(address(intruder), p.maxAmount);
        other.payer = address(intruder);
        intruder.arm(other);
        escrow.setIntakeGuard(intruder);

        bytes memory expected = abi.encodeWithSelector(
            INativeCollector.NativeCollector_NotOpening.selector, escrow.paymentId(other), escrow.paymentId(p)
        );
        vm.prank(payer);
        vm.expectRevert(expected);
        collector.authorize{value: p.maxAmount}(p);
    }

    function test_RevertWhen_AnotherEscrowCollects() public {
        Payment memory p = nativeTerms();
        leaveTokens(p.maxAmount);
        IMatiEscrow another = anotherEscrow();
        another.setTokenAllowed(p.token, true);
        another.setCollector(address(collector), true);
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(Collector.Collector_NotEscrow.selector, address(another), address(escrow))
        );
        another.authorize(p, address(collector), "");
    }

    function test_RevertWhen_CalledByAStranger() public {
        expectNotEscrow(collector, nativeTerms(), "");
    }

    function test_RevertWhen_CoinsAreSentPlainly() public {
        vm.prank(payer);
        (bool success,) = address(collector).call{value: 1}("");
        assertEq(success, false, "refused");
    }

    function leaveTokens(uint256 amount) internal {
        IWrapped wrapped = collector.WRAPPED();
        vm.startPrank(payer);
        wrapped.deposit{value: amount}();
        wrapped.transfer(address(collector), amount);
        vm.stopPrank();
    }

    function nativeTerms() internal view returns (Payment memory p) {
        p = terms();
        p.token = address(collector.WRAPPED());
    }
}

/// @notice A guard that tries to open a payment of its own within another's.
contract Intruder is IIntakeGuard {
    NativeCollector internal immutable COLLECTOR;
    Payment internal _payment;

    constructor(NativeCollector collector) {
        COLLECTOR = collector;
    }

    function arm(Payment calldata payment) external {
        _payment = payment;
    }

    function onAuthorize(Payment calldata, bytes32, address) external {
        COLLECTOR.authorize{value: _payment.maxAmount}(_payment);
    }
}
