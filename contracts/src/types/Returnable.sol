// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What arrived at the gateway and could not be credited: three slots, empty once it was given back.
struct Returnable {
    /// Where it came from, by LayerZero endpoint id: the only chain it can go back to.
    uint32 srcEid;
    /// In units of the gateway's token.
    uint112 amount;
    /// Who sent it there, left-padded: the only account it can go back to.
    bytes32 from;
    /// Hash of the payload it goes back with, so that a gateway there can credit it; of nothing for a plain return.
    bytes32 payloadHash;
}
