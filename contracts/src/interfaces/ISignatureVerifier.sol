// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Signatures of contract wallets, deployed or not.
/// @notice ERC-1271, and ERC-6492 for wallets that a known factory can deploy.
interface ISignatureVerifier {
    /// @notice Whether `signature` is the wallet's, by its key (EIP-7702 accounts have code and a key), by ERC-1271, or
    /// by ERC-6492. Deploys the wallet in the last case.
    function isValid(address signer, bytes32 digest, bytes calldata signature) external returns (bool);

    /// @notice What an ERC-6492 signature wraps, once the wallet exists; any other signature as it is.
    function unwrap(address signer, bytes calldata signature) external returns (bytes memory);
}
