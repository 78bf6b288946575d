// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {FeeOnTransferToken, NonReturningToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given terms that contradict themselves, or a token that is not allowed
///   → reverts, naming the term
/// given the intake is paused, the time is over, or the payment was authorized before (whatever became of it)
///   → reverts
/// when the payer calls → holds maxAmount from its allowance
/// when a relayer calls with the payer's ERC-3009 signature → holds maxAmount, at no cost to the payer
///   but only on exactly the signed terms, only once, only on this chain (invariant 10)
contract AuthorizeTest is EscrowTest {
    /// @dev Written out again: the hash must not be asked of what is tested.
    bytes32 internal constant TYPEHASH = keccak256(
        "Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address arbiter,uint40 resolveBy,uint16 defaultMerchantBps,address refundTo,bytes32 invoice)"
    );

    function test_HoldsFromAllowance() public {
        Payment memory p = terms();
        bytes32 expectedId = escrow.paymentId(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Authorized(expectedId, payer, merchant, p);

        bytes32 id = authorize(p);

        assertEq(id, expectedId, "id");
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
        assertEq(weth.balanceOf(address(escrow)), p.maxAmount, "escrow");
        assertEq(weth.balanceOf(payer), 1000e18 - p.maxAmount, "payer");
    }

    function test_HoldsByAuthorization() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(escrow), sig);

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.balanceOf(address(escrow)), 50e6, "escrow");
        assertTrue(usdc.authorizationState(payer, id), "nonce is the payment's id");
    }

    function test_HoldsByContractWalletsAuthorization() public {
        Payment memory p = usdcTerms();
        Wallet1271 wallet = new Wallet1271(payer);
        usdc.mint(address(wallet), 50e6);
        p.payer = address(wallet);
        bytes memory sig = bytes.concat(sign3009(p), hex"00");

        bytes32 id = escrow.authorize(p, address(escrow), sig);

        assertState(id, PaymentStatus.Authorized, 50e6, 0);
        assertEq(usdc.balanceOf(address(wallet)), 0, "wallet");
    }

    function test_LastSecondOfAuthorizeBy() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        vm.warp(p.authorizeBy);
        assertState(escrow.authorize(p, address(escrow), sig), PaymentStatus.Authorized, 50e6, 0);

        p.invoice = "another";
        assertState(authorize(p), PaymentStatus.Authorized, 50e6, 0);
    }

    function test_RevertWhen_AuthorizeExpired() public {
        Payment memory p = terms();
        vm.warp(p.authorizeBy + 1);
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_AuthorizeExpired.selector, p.authorizeBy + 1, p.authorizeBy)
        );
        escrow.authorize(p, address(0), "");
    }

    function test_RevertWhen_NotPayer() public {
        Payment memory p = terms();
        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotPayer.selector, merchant, payer));
        escrow.authorize(p, address(0), "");
    }

    function test_RevertWhen_TokenNotAllowed() public {
        escrow.setTokenAllowed(address(weth), false);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_TokenNotAllowed.selector, address(weth)));
        escrow.authorize(terms(), address(0), "");
    }

    function test_RevertWhen_IntakePaused() public {
        escrow.setIntakePaused(true);
        vm.prank(payer);
        vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
        escrow.authorize(terms(), address(0), "");

        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
        escrow.authorize(p, address(escrow), sig);
    }

    function test_RevertWhen_AuthorizedBefore() public {
        Payment memory p = terms();
        bytes32 id = authorize(p);
        expectWrongStatus(p, id, PaymentStatus.Authorized);

        vm.prank(merchant);
        escrow.void(p);
        expectWrongStatus(p, id, PaymentStatus.Voided);
    }

    function test_RevertWhen_SignedForOtherTerms() public {
        bytes memory sig = sign3009(usdcTerms());
        for (uint256 field = 0; field < 14; ++field) {
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
            vm.expectRevert("FiatTokenV2: invalid signature");
            escrow.authorize(p, address(escrow), sig);
        }
    }

    /// @dev Invariant 10: no signature works twice. The escrow refuses first; the token's nonce stands behind it.
    function test_RevertWhen_SignatureUsedTwice() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        bytes32 id = escrow.authorize(p, address(escrow), sig);

        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Authorized));
        escrow.authorize(p, address(escrow), sig);
    }

    /// @dev Invariant 10: the chain's id is in the payment's id.
    function test_RevertWhen_SignedForAnotherChain() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        bytes32 id = escrow.paymentId(p);
        vm.chainId(90902);

        assertTrue(escrow.paymentId(p) != id, "another id on another chain");
        vm.expectRevert("FiatTokenV2: invalid signature");
        escrow.authorize(p, address(escrow), sig);
    }

    function test_RevertWhen_BadTerms() public {
        Payment memory p = terms();
        p.maxAmount = 0;
        p.fallbackAmount = 0;
        expectBadTerms(p, "maxAmount");
        p = terms();
        p.due = 0;
        expectBadTerms(p, "due");
        p = usdcTerms();
        p.due = p.maxAmount + 1;
        expectBadTerms(p, "due");
        p = terms();
        p.fallbackAmount = p.maxAmount + 1;
        expectBadTerms(p, "fallbackAmount");
        p = terms();
        p.authorizeBy = p.captureBy + 1;
        expectBadTerms(p, "authorizeBy");
        p = terms();
        p.captureAfter = p.captureBy + 1;
        expectBadTerms(p, "captureAfter");
        p = terms();
        p.minFeeBps = p.maxFeeBps + 1;
        expectBadTerms(p, "minFeeBps");
        p = terms();
        p.maxFeeBps = 10_001;
        expectBadTerms(p, "maxFeeBps");
        p = terms();
        p.feeReceiver = address(0);
        expectBadTerms(p, "feeReceiver");
        p.feeReceiver = address(escrow);
        expectBadTerms(p, "feeReceiver");
        p = terms();
        p.merchant = address(0);
        expectBadTerms(p, "merchant");
        p.merchant = address(escrow);
        expectBadTerms(p, "merchant");
        p = terms();
        p.refundTo = address(0);
        expectBadTerms(p, "refundTo");
        p.refundTo = address(escrow);
        expectBadTerms(p, "refundTo");
    }

    function test_AllowsTermsAtTheirBounds() public {
        Payment memory p = terms();
        p.authorizeBy = p.captureBy;
        p.captureAfter = p.captureBy;
        p.fallbackAmount = p.maxAmount;
        p.minFeeBps = 10_000;
        p.maxFeeBps = 10_000;
        assertState(authorize(p), PaymentStatus.Authorized, p.maxAmount, 0);

        p = usdcTerms();
        p.minFeeBps = 0;
        p.maxFeeBps = 0;
        p.feeReceiver = address(0);
        assertState(authorize(p), PaymentStatus.Authorized, p.maxAmount, 0);
    }

    function test_RevertWhen_TokenTakesAFee() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 1e18);
        Payment memory p = terms();
        p.token = address(token);
        vm.startPrank(payer);
        token.approve(address(escrow), type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_TransferMismatch.selector,
                address(token),
                p.maxAmount - p.maxAmount / 100,
                uint256(p.maxAmount)
            )
        );
        escrow.authorize(p, address(0), "");
        vm.stopPrank();
    }

    function test_HoldsATokenThatReturnsNothing() public {
        NonReturningToken token = new NonReturningToken();
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 50e6);
        Payment memory p = usdcTerms();
        p.token = address(token);
        p.currency = address(token);
        vm.startPrank(payer);
        token.approve(address(escrow), 50e6);
        bytes32 id = escrow.authorize(p, address(0), "");
        vm.stopPrank();
        assertState(id, PaymentStatus.Authorized, 50e6, 0);
    }

    /// @dev The assembly that hashes calldata equals EIP-712 written out, whatever the terms.
    function testFuzz_PaymentIdIsTheEip712Hash(Payment calldata p) public view {
        bytes32 structHash = keccak256(
            bytes.concat(
                abi.encode(TYPEHASH, p.payer, p.merchant, p.token, p.maxAmount, p.currency, p.due),
                abi.encode(p.fallbackAmount, p.minFeeBps, p.maxFeeBps, p.feeReceiver, p.authorizeBy, p.captureAfter),
                abi.encode(
                    p.captureBy, p.autoCapture, p.arbiter, p.resolveBy, p.defaultMerchantBps, p.refundTo, p.invoice
                )
            )
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Mati Escrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
        assertEq(escrow.paymentId(p), keccak256(abi.encodePacked("\x19\x01", domain, structHash)), "id");
    }

    /// @dev A second encoding of the same terms must not open a second payment.
    function test_RevertWhen_CalldataHasDirtyBits() public {
        Payment memory p = terms();
        for (uint256 word = 0; word < 18; ++word) {
            bytes memory call = abi.encodeCall(escrow.authorize, (p, address(0), ""));
            call[4 + word * 32] = 0x01;
            vm.prank(payer);
            (bool success,) = address(escrow).call(call);
            assertEq(success, false, "dirty word");
        }
    }

    function test_RevertWhen_ConfiguredByAStranger() public {
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        escrow.setTokenAllowed(address(weth), false);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        escrow.setIntakePaused(true);
        vm.stopPrank();
    }

    function test_ConfigurationEmits() public {
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.TokenAllowed(stranger, true);
        escrow.setTokenAllowed(stranger, true);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.IntakePaused(true);
        escrow.setIntakePaused(true);
        assertTrue(escrow.isTokenAllowed(stranger) && escrow.intakePaused(), "both set");
    }

    function expectWrongStatus(Payment memory p, bytes32 id, PaymentStatus status) internal {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, status));
        escrow.authorize(p, address(0), "");
    }

    function expectBadTerms(Payment memory p, bytes32 term) internal {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadTerms.selector, term));
        escrow.authorize(p, address(0), "");
    }
}

/// @notice A contract wallet that accepts its owner's signature, with one byte more.
contract Wallet1271 {
    address internal immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata sig) external view returns (bytes4) {
        bool valid =
            sig.length == 66 && ecrecover(digest, uint8(sig[64]), bytes32(sig[:32]), bytes32(sig[32:64])) == OWNER;
        return valid ? this.isValidSignature.selector : bytes4(0);
    }
}
