// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerEntry} from "../types/Ledger.sol";

/// @title How payouts travel in a message.
/// @notice One version byte, then 28 bytes per payout: the account (20) and the amount in shared units (8), big-endian.
/// @dev `unit` is one shared unit in the token's own: 10^12 for 18 decimals of which 6 are shared.
library PayoutCodec {
    uint8 internal constant VERSION = 1;
    uint256 private constant ITEM = 28;

    /// @dev Every amount must be a multiple of `unit` and at most `type(uint64).max` of them.
    function encode(LedgerEntry[] calldata payouts, uint256 unit) internal pure returns (bytes memory payload) {
        uint256 length = lengthOf(payouts.length);
        // Items are written as whole words, each over the last four bytes of the one before: the last needs four more.
        payload = new bytes(length + 4);
        payload[0] = bytes1(VERSION);
        for (uint256 i = 0; i < payouts.length; ++i) {
            // Casts: the account to its own width; the amount as demanded above.
            bytes32 item = bytes20(payouts[i].account) | bytes32(uint256(uint64(payouts[i].amount / unit)) << 32);
            uint256 offset = 33 + i * ITEM;
            // Safe: the word ends at most four bytes after `length`, inside what was allocated.
            assembly ("memory-safe") {
                mstore(add(payload, offset), item)
            }
        }
        // Safe: only shortens, by the four bytes that were added for writing.
        assembly ("memory-safe") {
            mstore(payload, length)
        }
    }

    /// @dev Never reverts, whatever it is given.
    /// @return payouts Empty unless the payload is of this version and holds 1 to `max` whole payouts, nothing else.
    function decode(bytes calldata payload, uint256 unit, uint256 max)
        internal
        pure
        returns (LedgerEntry[] memory payouts)
    {
        uint256 count = countIn(payload.length);
        bool isReadable = count <= max && payload.length == lengthOf(count) && uint8(payload[0]) == VERSION;
        if (!isReadable) return payouts;

        payouts = new LedgerEntry[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 item;
            // The four bytes read beyond the item are shifted out below.
            assembly ("memory-safe") {
                item := calldataload(add(payload.offset, add(mul(i, ITEM), 1)))
            }
            LedgerEntry memory payout = payouts[i];
            payout.account = address(bytes20(item));
            // Unchecked, and the cast: 2^64 times a unit of at most 10^12 fits 112 bits.
            unchecked {
                payout.amount = uint112(uint64(uint256(item) >> 32) * unit);
            }
        }
    }

    /// @dev How many whole payouts a payload of that length has room for.
    function countIn(uint256 length) internal pure returns (uint256) {
        return length == 0 ? 0 : (length - 1) / ITEM;
    }

    function lengthOf(uint256 count) internal pure returns (uint256) {
        return 1 + count * ITEM;
    }
}
