// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using {isInboundPausedAt, inboundPausableFrom} for PathwayPause global;

/// @notice What of one pathway is paused: one slot (13 of 32 bytes).
struct PathwayPause {
    /// When the last pause of arrivals began and ends or ended, Unix seconds.
    uint48 inboundFrom;
    uint48 inboundUntil;
    bool isOutboundPaused;
}

function isInboundPausedAt(PathwayPause memory pause, uint256 time) pure returns (bool) {
    return time < pause.inboundUntil;
}

/// @dev From when arrivals may be paused again: they stay open for as long as they were paused, Unix seconds.
function inboundPausableFrom(PathwayPause memory pause) pure returns (uint256) {
    return 2 * uint256(pause.inboundUntil) - pause.inboundFrom;
}
