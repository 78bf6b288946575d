// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";

/// @title Signatures of contract wallets, deployed or not.
/// @notice Holds nothing and has no rights anywhere, so that what ERC-6492 has it call can do no harm; still it calls
/// known factories only.
contract SignatureVerifier is ISignatureVerifier, AccessManaged {
    event FactorySet(address indexed factory, bool allowed);

    /// An ERC-6492 signature names a factory that is not known here.
    error SignatureVerifier_UnknownFactory(address factory);

    /// @dev What an ERC-6492 signature ends with (https://eips.ethereum.org/EIPS/eip-6492).
    bytes32 private constant MAGIC = 0x6492649264926492649264926492649264926492649264926492649264926492;

    /// @notice The factories that may be called to deploy a wallet.
    mapping(address factory => bool) public isFactory;

    constructor(address access) AccessManaged(access) {}

    /// @notice Allows a wallet factory, or no longer. Restricted.
    function setFactory(address factory, bool allowed) external restricted {
        isFactory[factory] = allowed;
        emit FactorySet(factory, allowed);
    }

    /// @inheritdoc ISignatureVerifier
    function isValid(address signer, bytes32 digest, bytes calldata signature) external returns (bool) {
        bytes memory inner = unwrap(signer, signature);
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, inner);
        return (failure == ECDSA.RecoverError.NoError && recovered == signer)
            || SignatureChecker.isValidERC1271SignatureNow(signer, digest, inner);
    }

    /// @inheritdoc ISignatureVerifier
    function unwrap(address signer, bytes calldata signature) public returns (bytes memory) {
        if (signature.length < 32 || bytes32(signature[signature.length - 32:]) != MAGIC) return signature;
        (address factory, bytes memory prepareCall, bytes memory inner) =
            abi.decode(signature[:signature.length - 32], (address, bytes, bytes));
        if (signer.code.length == 0) {
            require(isFactory[factory], SignatureVerifier_UnknownFactory(factory));
            // Whether it deployed the wallet shows in what is asked of the wallet next.
            (bool success,) = factory.call(prepareCall);
            success;
        }
        return inner;
    }
}
