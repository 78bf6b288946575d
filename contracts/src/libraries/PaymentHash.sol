// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";

/// @title The EIP-712 hash of a payment's terms, without a domain.
library PaymentHash {
    /// @dev EIP-712's encodeType; also a part of the witness type that Permit2 is told.
    string internal constant TYPE =
        "Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address arbiter,uint40 resolveBy,uint16 defaultMerchantBps,address refundTo,bytes32 invoice)";
    bytes32 internal constant TYPEHASH = keccak256(bytes(TYPE));
    /// @dev `Payment` is 19 static fields.
    uint256 internal constant SIZE = 19 * 32;

    /// @dev All fields are static, so their calldata is their EIP-712 encoding, word by word. A field with dirty high bits
    /// cannot give a payment a second id: `MatiEscrow.authorize` reads every field into its event, and that reverts on it.
    function structHash(Payment calldata payment) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        uint256 size = SIZE;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            calldatacopy(add(data, 0x20), payment, size)
            hash := keccak256(data, add(size, 0x20))
        }
    }
}
