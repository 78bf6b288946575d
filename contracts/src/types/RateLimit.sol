// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

using {availableAt, admits, admitsShare, fullAfter, withLimit} for Bucket global;

/// @dev One second in `Bucket.fullAt`.
uint256 constant SECOND = 1 << 64;

/// @notice How much may pass: `capacity` at once, and again as it refills, linearly, from empty to full in
/// `windowSeconds`. Both are zero for closed.
struct RateLimit {
    /// In units of the token.
    uint112 capacity;
    uint32 windowSeconds;
}

/// @notice What may pass one pathway at one of its ends. What gateways send each other has allowances of its own.
struct PathwayLimits {
    RateLimit outbound;
    RateLimit inbound;
    RateLimit gatewayOutbound;
    RateLimit gatewayInbound;
}

/// @notice A rate limit and what is used of it: one slot, all 256 bits of it.
/// @dev Its level is kept as the time at which it is full again (the virtual scheduling of GCRA, ITU-T I.371): until
/// then it lacks what flows in from now to then. Farther ahead than `windowSeconds` is debt.
struct Bucket {
    uint112 capacity;
    uint32 windowSeconds;
    /// Unix time in 2^-64 seconds; there are 48 bits for the seconds.
    uint112 fullAt;
}

/// @dev What may pass at `time` (Unix seconds), rounded down: at most the capacity, and 0 if closed or in debt.
function availableAt(Bucket memory bucket, uint256 time) pure returns (uint256) {
    uint256 window = bucket.windowSeconds * SECOND;
    uint256 missing = _missing(bucket, time);
    return missing >= window ? 0 : bucket.capacity * (window - missing) / window;
}

/// @dev Whether `amount` may pass at `time`. Nothing passes a closed bucket, not even 0.
function admits(Bucket memory bucket, uint256 amount, uint256 time) pure returns (bool) {
    return bucket.windowSeconds != 0 && amount <= availableAt(bucket, time);
}

/// @dev Whether an amount above the capacity, which waits since `since`, may pass at `time`: the bucket is full, and
/// as much as the amount would have flowed into it in the meantime.
function admitsShare(Bucket memory bucket, uint256 amount, uint256 since, uint256 time) pure returns (bool) {
    return bucket.windowSeconds != 0 && amount > bucket.capacity && _missing(bucket, time) == 0
        && amount * bucket.windowSeconds <= (time - since) * bucket.capacity;
}

/// @dev `fullAt` once `amount`, which is admitted, has passed at `time`. Rounded up: no more passes than flows in.
function fullAfter(Bucket memory bucket, uint256 amount, uint256 time) pure returns (uint112) {
    uint256 refill = Math.ceilDiv(amount * bucket.windowSeconds * SECOND, bucket.capacity);
    // Cast: what is available refills within a window, and a share within the time that it has waited.
    return uint112(time * SECOND + _missing(bucket, time) + refill);
}

/// @dev The bucket under another limit. It goes on lacking what it lacks, rounded up; one that was closed begins full.
function withLimit(Bucket memory bucket, RateLimit memory limit, uint256 time) pure returns (Bucket memory) {
    if (bucket.windowSeconds == 0 || limit.windowSeconds == 0) return Bucket(limit.capacity, limit.windowSeconds, 0);
    uint256 lacking = Math.ceilDiv(bucket.capacity * _missing(bucket, time), bucket.windowSeconds * SECOND);
    uint256 fullAt = time * SECOND + Math.ceilDiv(lacking * limit.windowSeconds * SECOND, limit.capacity);
    // Cast: where next to nothing is to make up for very much, it ends with the time that can be told.
    return Bucket(limit.capacity, limit.windowSeconds, uint112(Math.min(fullAt, type(uint112).max)));
}

/// @dev How long from `time` until the bucket is full, in 2^-64 seconds.
function _missing(Bucket memory bucket, uint256 time) pure returns (uint256) {
    return Math.saturatingSub(bucket.fullAt, time * SECOND);
}
