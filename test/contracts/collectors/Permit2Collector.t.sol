// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collector} from "../../../contracts/src/collectors/Collector.sol";
import {Permit2Collector} from "../../../contracts/src/collectors/Permit2Collector.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Wallet1271} from "../MatiEscrow/Authorize.t.sol";
import {Permit2Test} from "./Permit2Test.sol";

/// given the payer approved Permit2 and signed the transfer with the payment as its witness
///   → anyone opens it, straight into the escrow; consecutive nonces share a word of the bitmap
/// given it signed another amount, deadline, spender, other terms, or for another chain → reverts
/// given the nonce or the payment was used → reverts
/// when a stranger calls the collector → reverts
contract Permit2CollectorTest is Permit2Test {
    error InvalidNonce();
    error InvalidSigner();

    function test_PermitsDomainIsOfThisChainAndTheCanonicalOneOnEthereum() public {
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
                keccak256("Permit2"),
                block.chainid,
                address(PERMIT2)
            )
        );
        assertEq(PERMIT2.DOMAIN_SEPARATOR(), expected, "here");
        vm.chainId(1);
        assertEq(
            PERMIT2.DOMAIN_SEPARATOR(),
            0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28,
            "on Ethereum"
        );
    }

    function test_HoldsByPermit2() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, 0);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(collector), data);

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.balanceOf(address(escrow)), 50e6, "escrow");
        assertHoldsNothing(address(collector), address(usdc));
    }

    function test_ConsecutiveNoncesShareAWord() public {
        Payment memory p = terms();
        for (uint256 nonce = 0; nonce < 3; ++nonce) {
            p.invoice = bytes32(nonce);
            escrow.authorize(p, address(collector), dataFor(p, nonce));
        }
        assertEq(PERMIT2.nonceBitmap(payer, 0), 7, "one word");
    }

    function test_HoldsByContractWalletsSignature() public {
        Payment memory p = usdcTerms();
        Wallet1271 wallet = new Wallet1271(payer);
        p.payer = address(wallet);
        usdc.mint(address(wallet), 50e6);
        vm.prank(address(wallet));
        usdc.approve(address(PERMIT2), 50e6);

        bytes32 id = escrow.authorize(p, address(collector), bytes.concat(dataFor(p, 0), hex"00"));

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
    }

    function test_ChargesByPermit2() public {
        Payment memory p = usdcTerms();
        p.autoCapture = true;
        bytes memory data = dataFor(p, 0);
        vm.prank(stranger);
        (bytes32 id,) = escrow.charge(p, address(collector), data, 100);
        assertState(id, PaymentStatus.Captured, 0, 50e6);
    }

    function test_RevertWhen_SignedForOtherTerms() public {
        bytes memory data = dataFor(usdcTerms(), 0);
        for (uint256 field = 0; field < 17; ++field) {
            Payment memory p = usdcTerms();
            if (field == 0) p.merchant = stranger;
            if (field == 1) p.maxAmount += 1;
            if (field == 2) p.due -= 1;
            if (field == 3) p.currency = USD;
            if (field == 4) p.fallbackAmount = 1;
            if (field == 5) p.minFeeBps -= 1;
            if (field == 6) p.maxFeeBps += 1;
            if (field == 7) p.feeReceiver = stranger;
            if (field == 8) p.authorizeBy += 1;
            if (field == 9) p.captureAfter -= 1;
            if (field == 10) p.captureBy += 1;
            if (field == 11) p.autoCapture = true;
            if (field == 12) p.refundTo = stranger;
            if (field == 13) p.invoice = "another";
            if (field == 14) p.token = address(weth);
            if (field >= 15) {
                p.arbiter = stranger;
                p.resolveBy = p.captureBy;
            }
            if (field == 16) p.defaultMerchantBps = 1;
            vm.expectRevert(InvalidSigner.selector);
            escrow.authorize(p, address(collector), data);
        }
    }

    function test_RevertWhen_SignedAnotherAmountDeadlineOrSpender() public {
        Payment memory p = usdcTerms();
        expectInvalidSigner(p, dataFor(p, 0, address(collector), p.maxAmount + 1, p.authorizeBy));
        expectInvalidSigner(p, dataFor(p, 0, address(collector), p.maxAmount, p.authorizeBy + 1));
        expectInvalidSigner(p, dataFor(p, 0, stranger, p.maxAmount, p.authorizeBy));
        expectInvalidSigner(p, dataFor(p, 0, address(escrow), p.maxAmount, p.authorizeBy));
        bytes memory data = dataFor(p, 0);
        data[31] = 0x01;
        expectInvalidSigner(p, data);
    }

    /// @dev Invariant 10.
    function test_RevertWhen_SignedForAnotherChain() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, 0);
        vm.chainId(90902);
        expectInvalidSigner(p, data);
    }

    /// @dev Invariant 10: neither with the other's collector nor with one of its own.
    function test_RevertWhen_SignedForAnotherEscrow() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, 0);
        IMatiEscrow another = anotherEscrow();
        another.setCollector(address(collector), true);
        vm.expectRevert(
            abi.encodeWithSelector(Collector.Collector_NotEscrow.selector, address(another), address(escrow))
        );
        another.authorize(p, address(collector), data);

        Permit2Collector its = new Permit2Collector(another, PERMIT2);
        another.setCollector(address(its), true);
        vm.expectRevert(InvalidSigner.selector);
        another.authorize(p, address(its), data);
    }

    function test_RevertWhen_NonceOrPaymentWasUsed() public {
        Payment memory p = usdcTerms();
        bytes memory data = dataFor(p, 7);
        bytes32 id = escrow.authorize(p, address(collector), data);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.authorize(p, address(collector), data);

        p.invoice = "another";
        data = dataFor(p, 7);
        vm.expectRevert(InvalidNonce.selector);
        escrow.authorize(p, address(collector), data);
    }

    function test_RevertWhen_CalledByAStranger() public {
        Payment memory p = usdcTerms();
        expectNotEscrow(collector, p, dataFor(p, 0));
    }

    function expectInvalidSigner(Payment memory p, bytes memory data) internal {
        vm.expectRevert(InvalidSigner.selector);
        escrow.authorize(p, address(collector), data);
    }
}
