// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";

/// @title The EIP-712 hash of a payment's terms, without a domain.
library PaymentHash {
    /// @dev EIP-712's encodeType; also a part of the witness type that Permit2 is told.
    string internal constant TYPE =
        "Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address arbiter,uint40 resolveBy,uint16 defaultMerchantBps,address refundTo,bytes32 invoice)";
    /// @dev The hash of `TYPE`, as a literal: the compiler would hash the constant at every use.
    bytes32 internal constant TYPEHASH = 0xfb2384ceb18b8a87da7b96ee8e26358d0aad617da262cc20c2223d564e4b74fb;
    /// @dev `Payment` is 19 static fields.
    uint256 internal constant SIZE = 19 * 32;

    /// @notice Copies the terms into `terms` and returns their hash.
    /// @dev All fields are static, so their calldata is their EIP-712 encoding, word by word, and their layout in memory.
    /// A field with dirty high bits cannot give a payment a second id: `MatiEscrow.authorize` reads every field of the
    /// calldata into its event, and that reverts on it. What is copied is unchecked: it means something only if its hash
    /// was authorized.
    /// @param terms Where to: made by the caller, once for many payments.
    function load(Payment calldata payment, Payment memory terms) internal pure returns (bytes32) {
        uint256 size = SIZE;
        assembly ("memory-safe") {
            calldatacopy(terms, payment, size)
        }
        return hashOf(terms);
    }

    /// @notice The hash of terms in memory, as they stand there: see `load`.
    function hashOf(Payment memory terms) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        uint256 size = SIZE;
        // Memory-safe: the word before `terms`, which the type's hash takes for a moment, is put back.
        assembly ("memory-safe") {
            let data := sub(terms, 0x20)
            let kept := mload(data)
            mstore(data, typehash)
            hash := keccak256(data, add(size, 0x20))
            mstore(data, kept)
        }
    }

    /// @notice The hash alone.
    function structHash(Payment calldata payment) internal pure returns (bytes32 hash) {
        Payment memory terms;
        hash = load(payment, terms);
    }
}
