// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using {load, save} for Ledger global;

/// @notice What one account has in one token: one slot.
/// @dev Both counters only grow, and credits are consumed first in, first out. So the credit that took `credited`
/// from x to y is the range [x, y), a debit that took `debited` from u to v consumed the range [u, v), and where
/// the two overlap is what that debit took of that credit: events alone give each payment's share of a payout.
struct Ledger {
    /// All that was ever credited, in units of the token.
    uint112 credited;
    /// All that was ever debited; `credited - debited` is the balance.
    uint112 debited;
    /// The balance's mean time of arrival, Unix seconds, weighted by amount, to the nearest second: dust does
    /// not move it, and a large fresh credit makes the whole balance fresh.
    uint32 since;
}

/// @notice One account's part in a batch of credits or debits.
struct LedgerEntry {
    address account;
    uint112 amount;
}

/// @dev Reads the slot once, in the layout of the compiler, which itself would copy it to memory member by member.
function load(Ledger storage ledger) view returns (uint256 credited, uint256 debited, uint256 since) {
    uint256 word;
    assembly ("memory-safe") {
        word := sload(ledger.slot)
    }
    return (uint112(word), uint112(word >> 112), word >> 224);
}

/// @dev Writes the slot once. The counters are below 2^112, the time below 2^32.
function save(Ledger storage ledger, uint256 credited, uint256 debited, uint256 since) {
    uint256 word = credited | debited << 112 | since << 224;
    assembly ("memory-safe") {
        sstore(ledger.slot, word)
    }
}
