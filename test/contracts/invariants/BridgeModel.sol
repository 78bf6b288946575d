// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What may pass one end of a pathway and what has, in shared units of money: a bucket is what it lacks, where
/// the contracts keep a time at which it is full.
/// @dev Rates are powers of two per second and capacities whole windows of them: so what the contracts round, to units
/// of 2^-64 seconds, comes out even, and both must agree to the last unit. Rounding itself is tried in
/// `arithmetic/RateLimit.t.sol`.
library BridgeModel {
    struct Bucket {
        uint256 rate;
        uint256 capacity;
        uint256 lacking;
        /// When it lacked that, Unix seconds.
        uint256 atTime;
    }

    struct End {
        /// Outbound, inbound, gateways' outbound, gateways' inbound.
        Bucket[4] buckets;
        bool isOutboundPaused;
        uint256 pausedFrom;
        uint256 pausedUntil;
        uint256 supply;
        uint256 sent;
        uint256 received;
    }

    uint256 internal constant MAX_PAUSE = 7 days;

    function outbound(End storage end, bool isGateway) internal view returns (Bucket storage) {
        return end.buckets[isGateway ? 2 : 0];
    }

    function inbound(End storage end, bool isGateway) internal view returns (Bucket storage) {
        return end.buckets[isGateway ? 3 : 1];
    }

    function isPausedIn(End storage end) internal view returns (bool) {
        return block.timestamp < end.pausedUntil;
    }

    function mayLeave(End storage end, bool isGateway, uint256 units) internal view returns (bool) {
        return !end.isOutboundPaused && units <= available(outbound(end, isGateway));
    }

    function mayArrive(End storage end, bool isGateway, uint256 units) internal view returns (bool) {
        return !isPausedIn(end) && units <= available(inbound(end, isGateway));
    }

    /// @dev What waited since `since` may besides come as a whole, once the bucket is full and it has earned its share.
    function mayBeReleased(End storage end, bool isGateway, uint256 units, uint256 since) internal view returns (bool) {
        if (mayArrive(end, isGateway, units)) return true;
        Bucket storage bucket = inbound(end, isGateway);
        bool hasEarned = units <= bucket.rate * (block.timestamp - since);
        return !isPausedIn(end) && units > bucket.capacity && bucket.capacity != 0 && lacks(bucket) == 0 && hasEarned;
    }

    /// @dev From when on, if nothing else passes; only of a bucket that is open.
    function releasableFrom(End storage end, bool isGateway, uint256 units, uint256 since)
        internal
        view
        returns (uint256 time)
    {
        Bucket storage bucket = inbound(end, isGateway);
        uint256 room = units < bucket.capacity ? bucket.capacity - units : 0;
        uint256 missing = lacks(bucket) > room ? lacks(bucket) - room : 0;
        time = block.timestamp + (missing + bucket.rate - 1) / bucket.rate;
        uint256 share = units > bucket.capacity ? since + (units + bucket.rate - 1) / bucket.rate : 0;
        if (share > time) time = share;
        if (end.pausedUntil > time) time = end.pausedUntil;
    }

    function mayPauseIn(End storage end, uint256 until) internal view returns (bool) {
        if (until <= block.timestamp) return true;
        uint256 paused = end.pausedUntil - end.pausedFrom;
        return until - block.timestamp <= MAX_PAUSE && block.timestamp >= end.pausedUntil + paused;
    }

    function pauseIn(End storage end, uint256 until) internal {
        if (until > block.timestamp) (end.pausedFrom, end.pausedUntil) = (block.timestamp, until);
        else if (isPausedIn(end)) end.pausedUntil = block.timestamp;
    }

    function depart(End storage end, bool isGateway, uint256 units) internal {
        use(outbound(end, isGateway), units);
        end.sent += units;
        end.supply -= units;
    }

    function arrive(End storage end, bool isGateway, uint256 units) internal {
        use(inbound(end, isGateway), units);
        end.received += units;
        end.supply += units;
    }

    /// @dev What was used stays used, unless it was closed or is.
    function limit(Bucket storage bucket, uint256 rate, uint256 windowSeconds) internal {
        bool isKept = bucket.capacity != 0 && windowSeconds != 0;
        (bucket.lacking, bucket.atTime) = (isKept ? lacks(bucket) : 0, block.timestamp);
        (bucket.rate, bucket.capacity) = (rate, rate * windowSeconds);
    }

    function lacks(Bucket storage bucket) internal view returns (uint256) {
        uint256 refilled = bucket.rate * (block.timestamp - bucket.atTime);
        return bucket.lacking > refilled ? bucket.lacking - refilled : 0;
    }

    function available(Bucket storage bucket) internal view returns (uint256) {
        uint256 lacking = lacks(bucket);
        return lacking > bucket.capacity ? 0 : bucket.capacity - lacking;
    }

    function use(Bucket storage bucket, uint256 units) private {
        (bucket.lacking, bucket.atTime) = (lacks(bucket) + units, block.timestamp);
    }
}
