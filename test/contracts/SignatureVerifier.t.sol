// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {SignatureVerifier} from "../../contracts/src/SignatureVerifier.sol";
import {Test} from "./base/Test.sol";
import {OwnedWallet, WalletFactory, wrap6492} from "./base/Wallets.sol";

/// isValid
///   given an account with a key → its signature, whatever code it has (EIP-7702)
///   given a contract wallet → what the wallet accepts (ERC-1271)
///   given a wallet not deployed yet → deployed by a known factory, then asked (ERC-6492)
///   given an ERC-6492 signature of a deployed wallet → asked, no factory called
///   given an unknown factory, or a wrapping that cannot be read → reverts
contract SignatureVerifierTest is Test {
    bytes32 internal constant DIGEST = keccak256("digest");

    SignatureVerifier internal verifier;
    WalletFactory internal factory;
    address internal owner;
    uint256 internal ownerKey;

    function setUp() public {
        (owner, ownerKey) = makeAccount("owner");
        verifier = new SignatureVerifier(address(new MatiAccess(address(this))));
        factory = new WalletFactory();
        verifier.setFactory(address(factory), true);
    }

    function test_Key() public {
        assertTrue(verifier.isValid(owner, DIGEST, signature(ownerKey, DIGEST)), "its own");
        assertEq(verifier.isValid(address(this), DIGEST, signature(ownerKey, DIGEST)), false, "another's");
        assertEq(verifier.isValid(owner, keccak256("other"), signature(ownerKey, DIGEST)), false, "another digest");
    }

    function test_WalletsCode() public {
        OwnedWallet wallet = new OwnedWallet(owner, IERC20(address(0)), address(0));
        assertTrue(verifier.isValid(address(wallet), DIGEST, walletSignature()), "its own");
        assertEq(verifier.isValid(address(wallet), DIGEST, signature(ownerKey, DIGEST)), false, "its owner's alone");
        assertEq(verifier.isValid(address(wallet), keccak256("other"), walletSignature()), false, "another digest");
    }

    function test_NobodySignsForAnAccountWithoutKeyOrCode() public {
        assertEq(verifier.isValid(address(0), DIGEST, new bytes(65)), false, "zero");
        assertEq(verifier.isValid(address(0xdead), DIGEST, ""), false, "empty");
        assertEq(verifier.isValid(address(verifier), DIGEST, walletSignature()), false, "code without ERC-1271");
    }

    /// @dev The identity precompile echoes even the selector that stands for yes, but with the digest behind it.
    function test_ThePrecompileThatEchoesSignsNothing() public {
        assertEq(verifier.isValid(address(4), DIGEST, signature(ownerKey, DIGEST)), false, "a key's signature");
        assertEq(verifier.isValid(address(4), DIGEST, ""), false, "nothing");
    }

    /// @dev The malleable twin of a signature is refused.
    function test_HighSIsNoSignature() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, DIGEST);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory twin = abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27));
        assertEq(verifier.isValid(owner, DIGEST, twin), false, "twin");
    }

    /// @dev EIP-7702: the account has code and a key, and either speaks for it.
    /// forge-config: default.evm_version = "prague"
    function test_DelegatedAccountByKeyAndByCode() public {
        (address account, uint256 key) = makeAccount("delegated account");
        OwnedWallet code = new OwnedWallet(owner, IERC20(address(0)), address(0));
        vm.etch(account, abi.encodePacked(hex"ef0100", address(code)));

        assertTrue(verifier.isValid(account, DIGEST, signature(key, DIGEST)), "by key");
        assertTrue(verifier.isValid(account, DIGEST, walletSignature()), "by code");
        assertEq(verifier.isValid(account, DIGEST, signature(ownerKey, DIGEST)), false, "by neither");
    }

    /// @dev A delegated account exists: no factory is called, known or not.
    function test_DelegatedAccountNeedsNoFactory() public {
        (address account, uint256 key) = makeAccount("delegated account");
        vm.etch(account, abi.encodePacked(hex"ef0100", address(factory)));
        bytes memory wrapped = wrap6492(address(0xdead), "anything", signature(key, DIGEST));
        assertTrue(verifier.isValid(account, DIGEST, wrapped), "by key");
    }

    function test_DeploysTheWalletByAKnownFactory() public {
        address wallet = factory.addressOf(owner, IERC20(address(0)), address(0));
        assertTrue(verifier.isValid(wallet, DIGEST, wrapped6492(walletSignature())), "valid");
        assertTrue(wallet.code.length != 0, "deployed");

        assertTrue(verifier.isValid(wallet, DIGEST, wrapped6492(walletSignature())), "again");
        assertEq(factory.made(), 1, "once");
    }

    /// @dev A signature that is none is none, also if it deploys the wallet.
    function test_WrongSignatureOfAWalletNotDeployed() public {
        address wallet = factory.addressOf(owner, IERC20(address(0)), address(0));
        assertEq(verifier.isValid(wallet, DIGEST, wrapped6492(signature(ownerKey, DIGEST))), false, "wrong");
        assertEq(verifier.isValid(address(0xdead), DIGEST, wrapped6492(walletSignature())), false, "another wallet");
    }

    function test_FactoryThatFailsDeploysNothing() public {
        bytes memory wrapped = wrap6492(address(factory), "no such function", walletSignature());
        assertEq(verifier.isValid(address(0xdead), DIGEST, wrapped), false, "nobody to ask");
    }

    function test_RevertWhen_FactoryIsUnknown() public {
        WalletFactory unknown = new WalletFactory();
        address wallet = unknown.addressOf(owner, IERC20(address(0)), address(0));
        bytes memory call = abi.encodeCall(unknown.deploy, (owner, IERC20(address(0)), address(0)));
        bytes memory wrapped = wrap6492(address(unknown), call, walletSignature());
        bytes memory err =
            abi.encodeWithSelector(SignatureVerifier.SignatureVerifier_UnknownFactory.selector, address(unknown));
        vm.expectRevert(err);
        verifier.isValid(wallet, DIGEST, wrapped);
        vm.expectRevert(err);
        verifier.unwrap(wallet, wrapped);

        unknown.deploy(owner, IERC20(address(0)), address(0));
        assertTrue(verifier.isValid(wallet, DIGEST, wrapped), "deployed by somebody: nothing to call");
    }

    function test_RevertWhen_WrappingCannotBeRead() public {
        bytes memory magic = hex"6492649264926492649264926492649264926492649264926492649264926492";
        vm.expectRevert();
        verifier.isValid(owner, DIGEST, magic);
        vm.expectRevert();
        verifier.isValid(owner, DIGEST, bytes.concat(signature(ownerKey, DIGEST), magic));
        vm.expectRevert();
        verifier.unwrap(owner, bytes.concat(abi.encode(address(factory), uint256(1 << 255), uint256(96)), magic));
    }

    function testFuzz_WhatIsNotWrappedStaysAsItIs(bytes calldata any) public {
        if (any.length > 31) {
            bytes32 tail = bytes32(any[any.length - 32:]);
            if (tail == 0x6492649264926492649264926492649264926492649264926492649264926492) return;
        }
        assertEq(verifier.unwrap(owner, any), any, "unwrapped");
    }

    function test_Unwrap_GivesWhatIsInside() public {
        address wallet = factory.addressOf(owner, IERC20(address(0)), address(0));
        assertEq(verifier.unwrap(wallet, wrapped6492("inside")), "inside", "inner");
        assertTrue(wallet.code.length != 0, "deployed");
    }

    function test_FactoriesAreConfigured() public {
        vm.expectEmit(address(verifier));
        emit SignatureVerifier.FactorySet(address(factory), false);
        verifier.setFactory(address(factory), false);
        assertEq(verifier.isFactory(address(factory)), false, "no longer");

        address stranger = makeAddress("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        verifier.setFactory(stranger, true);
    }

    function walletSignature() internal view returns (bytes memory) {
        return bytes.concat(signature(ownerKey, DIGEST), hex"00");
    }

    function wrapped6492(bytes memory inner) internal view returns (bytes memory) {
        bytes memory call = abi.encodeCall(factory.deploy, (owner, IERC20(address(0)), address(0)));
        return wrap6492(address(factory), call, inner);
    }
}
