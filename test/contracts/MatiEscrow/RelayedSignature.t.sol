// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {SignatureVerifier} from "../../../contracts/src/SignatureVerifier.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {OwnedWallet, WalletFactory, wrap6492} from "../base/Wallets.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given the payer's allowance and its EIP-712 signature of the payment → anyone authorizes it, at no cost to the payer
///   by key, by ERC-1271, by ERC-6492; the latter also for ERC-3009
///   but only exactly these terms, once, here (invariant 10)
contract RelayedSignatureTest is EscrowTest {
    function test_ByKey() public {
        Payment memory p = terms();
        bytes memory sig = sign(p);
        bytes32 expectedId = escrow.paymentId(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Authorized(expectedId, payer, merchant, p);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(0), sig);

        assertEq(id, expectedId, "id");
        assertState(id, PaymentStatus.Authorized, 0.03e18, 0);
        assertEq(weth.balanceOf(payer), 1000e18 - 0.03e18, "payer");
    }

    function test_ByContractWallet() public {
        OwnedWallet wallet = new OwnedWallet(payer, weth, address(escrow));
        weth.mint(address(wallet), 0.03e18);
        Payment memory p = terms();
        p.payer = address(wallet);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(0), bytes.concat(sign(p), hex"00"));

        assertState(id, PaymentStatus.Authorized, 0.03e18, 0);
        assertEq(weth.balanceOf(address(wallet)), 0, "wallet");
    }

    function test_ByWalletNotDeployedYet() public {
        (Payment memory p, WalletFactory factory, bytes memory call) = walletToBe();
        knows(factory);
        bytes memory sig = wrap6492(address(factory), call, bytes.concat(sign(p), hex"00"));

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(0), sig);

        assertState(id, PaymentStatus.Authorized, 0.03e18, 0);
        assertEq(weth.balanceOf(p.payer), 0, "wallet");
    }

    function test_RevertWhen_WalletsFactoryIsUnknown() public {
        (Payment memory p, WalletFactory factory, bytes memory call) = walletToBe();
        bytes memory sig = wrap6492(address(factory), call, bytes.concat(sign(p), hex"00"));

        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(SignatureVerifier.SignatureVerifier_UnknownFactory.selector, address(factory))
        );
        escrow.authorize(p, address(0), sig);
    }

    function test_Erc3009ByWalletNotDeployedYet() public {
        WalletFactory factory = new WalletFactory();
        knows(factory);
        Payment memory p = usdcTerms();
        p.payer = factory.addressOf(payer, usdc, address(0xdead));
        usdc.mint(p.payer, 50e6);
        bytes memory call = abi.encodeCall(factory.deploy, (payer, usdc, address(0xdead)));
        bytes memory sig = wrap6492(address(factory), call, bytes.concat(sign3009(p), hex"00"));

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(escrow), sig);

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.balanceOf(p.payer), 0, "wallet");
    }

    function test_LastSecond() public {
        Payment memory p = terms();
        bytes memory sig = sign(p);
        vm.warp(uint256(p.authorizeBy) + 1);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_AuthorizeExpired.selector, uint256(p.authorizeBy) + 1, p.authorizeBy
            )
        );
        escrow.authorize(p, address(0), sig);

        vm.warp(p.authorizeBy);
        vm.prank(stranger);
        assertState(escrow.authorize(p, address(0), sig), PaymentStatus.Authorized, 0.03e18, 0);
    }

    function test_RevertWhen_SignedForOtherTerms() public {
        bytes memory sig = sign(terms());
        for (uint256 field = 0; field < 17; ++field) {
            Payment memory p = terms();
            if (field == 0) p.merchant = stranger;
            if (field == 1) p.maxAmount += 1;
            if (field == 2) p.due -= 1;
            if (field == 3) p.currency = address(usdc);
            if (field == 4) p.fallbackAmount += 1;
            if (field == 5) p.minFeeBps -= 1;
            if (field == 6) p.maxFeeBps += 1;
            if (field == 7) p.feeReceiver = stranger;
            if (field == 8) p.authorizeBy += 1;
            if (field == 9) p.captureAfter -= 1;
            if (field == 10) p.captureBy += 1;
            if (field == 11) p.autoCapture = true;
            if (field == 12) (p.arbiter, p.resolveBy) = (stranger, p.captureBy);
            if (field == 13) (p.arbiter, p.resolveBy, p.defaultMerchantBps) = (stranger, p.captureBy, 1);
            if (field == 14) p.refundTo = stranger;
            if (field == 15) p.invoice = "another";
            if (field == 16) (p.token, p.maxAmount, p.fallbackAmount) = (address(usdc), 50e6, 0);
            expectNotPayer(p, sig, payer);
        }
    }

    /// @dev The payer is in the hash: a wallet with the same owner has not signed (ERC-1271 replay).
    function test_RevertWhen_SignedForAnotherPayer() public {
        OwnedWallet wallet = new OwnedWallet(payer, weth, address(escrow));
        weth.mint(address(wallet), 0.03e18);
        Payment memory p = terms();
        bytes memory sig = bytes.concat(sign(p), hex"00");
        p.payer = address(wallet);
        expectNotPayer(p, sig, address(wallet));
    }

    function test_RevertWhen_NobodySigned() public {
        Payment memory p = terms();
        expectNotPayer(p, "", payer);
        expectNotPayer(p, new bytes(65), payer);
        expectNotPayer(p, hex"00", payer);
        (, uint256 key) = makeAccount("another");
        expectNotPayer(p, signature(key, escrow.paymentId(p)), payer);
    }

    /// @dev Invariant 10: whatever became of the payment.
    function test_RevertWhen_SignatureIsUsedTwice() public {
        Payment memory p = terms();
        bytes memory sig = sign(p);
        bytes32 id = escrow.authorize(p, address(0), sig);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.authorize(p, address(0), sig);

        vm.prank(merchant);
        escrow.void(p);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Voided));
        escrow.authorize(p, address(0), sig);
    }

    /// @dev Invariant 10: on another chain, and in another escrow, it is the signature of nothing.
    function test_RevertWhen_SignedForAnotherChain() public {
        Payment memory p = terms();
        bytes memory sig = sign(p);
        vm.chainId(90902);
        expectNotPayer(p, sig, payer);
    }

    function test_RevertWhen_AllowanceIsShort() public {
        Payment memory p = terms();
        bytes memory sig = sign(p);
        vm.prank(payer);
        weth.approve(address(escrow), 0.03e18 - 1);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0.03e18 - 1, 0.03e18
            )
        );
        escrow.authorize(p, address(0), sig);
    }

    function sign(Payment memory p) internal view returns (bytes memory) {
        return signature(payerKey, escrow.paymentId(p));
    }

    function expectNotPayer(Payment memory p, bytes memory sig, address expected) internal {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotPayer.selector, stranger, expected));
        escrow.authorize(p, address(0), sig);
    }

    function walletToBe() internal returns (Payment memory p, WalletFactory factory, bytes memory call) {
        factory = new WalletFactory();
        p = terms();
        p.payer = factory.addressOf(payer, weth, address(escrow));
        weth.mint(p.payer, 0.03e18);
        call = abi.encodeCall(factory.deploy, (payer, weth, address(escrow)));
    }

    function knows(WalletFactory factory) internal {
        SignatureVerifier(address(escrow.VERIFIER())).setFactory(address(factory), true);
    }
}
