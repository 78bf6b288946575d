// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collector} from "../../../contracts/src/collectors/Collector.sol";
import {Permit, PermitCollector} from "../../../contracts/src/collectors/PermitCollector.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Wallet1271} from "../MatiEscrow/Authorize.t.sol";
import {CollectorTest} from "./CollectorTest.sol";

/// given a permit for the collector and the payer's signature of the payment
///   → anyone opens it; nothing is left with the collector
///   given somebody submitted the permit first → it opens all the same
///   given the permit leaves an allowance → only another signed payment of that payer uses it
/// given the payer calls → its call is its consent, no signature is asked
/// given no signature, another's, or one for other terms, another chain or another escrow → reverts
/// given no permit that works and no allowance → reverts, naming both amounts
/// when a stranger calls the collector → reverts
contract PermitCollectorTest is CollectorTest {
    PermitCollector internal collector;

    function setUp() public override {
        super.setUp();
        collector = new PermitCollector(escrow);
        escrow.setCollector(address(collector), true);
    }

    function test_HoldsByPermit() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(collector), data);

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.balanceOf(address(escrow)), 50e6, "escrow");
        assertEq(usdc.allowance(payer, address(collector)), 0, "allowance");
        assertHoldsNothing(address(collector), address(usdc));
    }

    function test_HoldsThoughThePermitWasSubmittedBefore() public {
        Payment memory p = usdcTerms();
        Permit memory permit = permitFor(p.maxAmount, p.authorizeBy);
        bytes memory data = abi.encode(permit, signature(payerKey, escrow.paymentId(p)));
        vm.prank(stranger);
        usdc.permit(payer, address(collector), permit.value, permit.deadline, permit.v, permit.r, permit.s);

        assertState(escrow.authorize(p, address(collector), data), PaymentStatus.Authorized, 50e6, 0);
    }

    function test_LeftoverAllowanceServesOnlySignedPayments() public {
        Payment memory p = usdcTerms();
        escrow.authorize(p, address(collector), dataFor(p, 200e6));
        p.invoice = "another";
        Permit memory none;
        bytes memory unsigned = abi.encode(none, bytes(""));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(PermitCollector.PermitCollector_NotPayer.selector, stranger, payer));
        escrow.authorize(p, address(collector), unsigned);

        bytes memory signed = abi.encode(none, signature(payerKey, escrow.paymentId(p)));
        vm.prank(stranger);
        assertState(escrow.authorize(p, address(collector), signed), PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.allowance(payer, address(collector)), 100e6, "allowance left");
    }

    function test_HoldsWhenThePayerCalls() public {
        Payment memory p = usdcTerms();
        bytes memory data = abi.encode(permitFor(p.maxAmount, p.authorizeBy), bytes(""));
        vm.prank(payer);
        assertState(escrow.authorize(p, address(collector), data), PaymentStatus.Authorized, 50e6, 0);
    }

    function test_HoldsByContractWalletsSignature() public {
        Payment memory p = usdcTerms();
        Wallet1271 wallet = new Wallet1271(payer);
        p.payer = address(wallet);
        usdc.mint(address(wallet), 50e6);
        vm.prank(address(wallet));
        usdc.approve(address(collector), 50e6);
        Permit memory none;
        bytes memory data = abi.encode(none, bytes.concat(signature(payerKey, escrow.paymentId(p)), hex"00"));

        assertState(escrow.authorize(p, address(collector), data), PaymentStatus.Authorized, 50e6, 0);
    }

    function test_ChargesByPermit() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount);
        vm.prank(operator);
        (bytes32 id,) = escrow.charge(p, address(collector), data, 100);
        assertState(id, PaymentStatus.Captured, 0, 50e6);
    }

    function test_RevertWhen_PermitAndAllowanceAreTooSmall() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount - 1);
        vm.expectRevert(
            abi.encodeWithSelector(PermitCollector.PermitCollector_AllowanceTooSmall.selector, 50e6 - 1, 50e6)
        );
        escrow.authorize(p, address(collector), data);

        Permit memory expired = permitFor(p.maxAmount, block.timestamp - 1);
        data = abi.encode(expired, signature(payerKey, escrow.paymentId(p)));
        vm.expectRevert(abi.encodeWithSelector(PermitCollector.PermitCollector_AllowanceTooSmall.selector, 0, 50e6));
        escrow.authorize(p, address(collector), data);
    }

    function test_RevertWhen_SignedForOtherTerms() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount);
        p.merchant = stranger;
        expectNotPayer(p, data);
    }

    /// @dev Invariant 10.
    function test_RevertWhen_SignedForAnotherChain() public {
        Payment memory p = usdcTerms();
        vm.prank(payer);
        usdc.approve(address(collector), type(uint256).max);
        bytes memory data = dataFor(p, p.maxAmount);
        vm.chainId(90902);
        expectNotPayer(p, data);
    }

    /// @dev Invariant 10: neither with the other's collector nor with one of its own.
    function test_RevertWhen_SignedForAnotherEscrow() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount);
        IMatiEscrow another = anotherEscrow();
        another.setCollector(address(collector), true);
        vm.expectRevert(
            abi.encodeWithSelector(Collector.Collector_NotEscrow.selector, address(another), address(escrow))
        );
        another.authorize(p, address(collector), data);

        PermitCollector its = new PermitCollector(another);
        another.setCollector(address(its), true);
        vm.expectRevert(abi.encodeWithSelector(PermitCollector.PermitCollector_NotPayer.selector, address(this), payer));
        another.authorize(p, address(its), data);
    }

    function test_RevertWhen_UsedTwice() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, 100e6);
        bytes32 id = escrow.authorize(p, address(collector), data);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.authorize(p, address(collector), data);
    }

    function test_RevertWhen_CalledByAStranger() public {
        Payment memory p = usdcTerms();
        expectNotEscrow(collector, p, dataFor(p, p.maxAmount));
    }

    function test_RevertWhen_NotAllowed() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, p.maxAmount);
        escrow.setCollector(address(collector), false);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_CollectorNotAllowed.selector, address(collector)));
        escrow.authorize(p, address(collector), data);
    }

    function expectNotPayer(Payment memory p, bytes memory data) internal {
        vm.expectRevert(abi.encodeWithSelector(PermitCollector.PermitCollector_NotPayer.selector, address(this), payer));
        escrow.authorize(p, address(collector), data);
    }

    function dataFor(Payment memory p, uint256 value) internal view returns (bytes memory) {
        return abi.encode(permitFor(value, p.authorizeBy), signature(payerKey, escrow.paymentId(p)));
    }

    /// @dev Built here from the standard's text.
    function permitFor(uint256 value, uint256 deadline) internal view returns (Permit memory permit) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                payer,
                address(collector),
                value,
                usdc.nonces(payer),
                deadline
            )
        );
        permit.value = value;
        permit.deadline = deadline;
        (permit.v, permit.r, permit.s) =
            vm.sign(payerKey, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), structHash)));
    }
}
