// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CaptureOrder, Payment} from "../types/Payment.sol";

/// @title How the orders of a batch travel: each as what differs from the one before.
/// @notice Big-endian. Two bytes: how many orders. Then for each: one byte, how many of its words change, and for each
/// of these its number (one byte) and the word itself (32 bytes). Before the first order all words are zero. The words of
/// an order are its ABI encoding: 0 to 18 are the payment's terms, 19 `dueAmount`, 20 `feeBps`, 21 `isFinal` (0 or 1). Payments of one merchant share most terms, so that this takes a fifth of the calldata.
/// @dev Two encodings of the same orders mean the same: nothing is signed but the terms themselves.
library CaptureOrders {
    /// Not orders in this encoding, or not these alone.
    error CaptureOrders_Malformed();

    /// @dev Where the first order begins.
    uint256 internal constant START = 2;
    uint256 private constant CHANGE = 33;
    uint256 private constant DUE_AMOUNT = 19;
    uint256 private constant FEE_BPS = 20;
    uint256 private constant IS_FINAL = 21;

    /// @notice How many orders there are, if the rest is well-formed.
    function count(bytes calldata orders) internal pure returns (uint256) {
        require(orders.length >= START, CaptureOrders_Malformed());
        return uint16(bytes2(orders));
    }

    /// @notice Turns `order` into the one that follows it.
    /// @dev Terms are written as they come, dirty high bits and all: they mean something only if their hash was authorized.
    /// @param cursor Where it begins: `START`, or what the last call returned.
    /// @return Where the next one begins; `end` wants to see it after the last.
    function next(bytes calldata orders, uint256 cursor, CaptureOrder memory order) internal pure returns (uint256) {
        require(cursor < orders.length, CaptureOrders_Malformed());
        Payment memory terms = order.payment;
        unchecked {
            uint256 stop = cursor + 1 + uint8(orders[cursor]) * CHANGE;
            require(stop <= orders.length, CaptureOrders_Malformed());
            for (++cursor; cursor < stop; cursor += CHANGE) {
                uint256 field;
                uint256 word;
                // Both are before `stop`, so inside.
                assembly ("memory-safe") {
                    let change := add(orders.offset, cursor)
                    field := byte(0, calldataload(change))
                    word := calldataload(add(change, 1))
                }
                if (field < DUE_AMOUNT) {
                    // One of the words of `Payment`, which are as many.
                    assembly ("memory-safe") {
                        mstore(add(terms, shl(5, field)), word)
                    }
                } else if (field == DUE_AMOUNT) {
                    order.dueAmount = word;
                } else if (field == FEE_BPS) {
                    order.feeBps = word;
                } else {
                    require(field == IS_FINAL && word < 2, CaptureOrders_Malformed());
                    order.isFinal = word != 0;
                }
            }
            return stop;
        }
    }

    /// @notice Reverts unless the last order ended where `orders` do.
    function end(bytes calldata orders, uint256 cursor) internal pure {
        require(cursor == orders.length, CaptureOrders_Malformed());
    }
}
