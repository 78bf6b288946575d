// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using {usedIn} for IntakeCounter global;

/// @notice How much may come in within one window, and how much did: one slot.
struct IntakeCounter {
    /// In units of the token; 0 for no limit, and then nothing is counted.
    uint112 limit;
    /// What came in within `window`, in units of the token.
    uint112 used;
    /// Which window it was: the time divided by the window's length. Of any length over a second it fits for centuries.
    uint32 window;
}

/// @dev What came in within a window; nothing yet, if the counter tells of an earlier one.
function usedIn(IntakeCounter memory counter, uint32 window) pure returns (uint112) {
    return counter.window == window ? counter.used : 0;
}
