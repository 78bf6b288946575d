// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a collector uses of Permit2's signature transfers
/// (https://github.com/Uniswap/permit2/blob/main/src/interfaces/ISignatureTransfer.sol).
/// @notice The spender that the owner signed is whoever calls.
interface ISignatureTransfer {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        /// Unordered: bit `nonce % 256` of the owner's bitmap word `nonce / 256`.
        uint256 nonce;
        /// Unix seconds; the last one at which the signature works.
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}
