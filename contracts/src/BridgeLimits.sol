// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IMatiToken} from "./interfaces/IMatiToken.sol";
import {PathwayPause} from "./types/PathwayPause.sol";
import {Bucket, PathwayLimits, RateLimit} from "./types/RateLimit.sol";

/// @title What may pass the pathways of one chain: the limits and pauses of `MatiToken`.
abstract contract BridgeLimits is IMatiToken, Ownable {
    /// @dev The buckets of `PathwayLimits`.
    struct Buckets {
        Bucket outbound;
        Bucket inbound;
        Bucket gatewayOutbound;
        Bucket gatewayInbound;
    }

    /// @inheritdoc IMatiToken
    uint256 public constant MAX_PAUSE = 7 days;

    mapping(uint32 eid => Buckets) private _buckets;
    mapping(uint32 eid => PathwayPause) private _pauses;

    /// @inheritdoc IMatiToken
    function setLimits(uint32 eid, PathwayLimits calldata newLimits) external onlyOwner {
        Buckets storage buckets = _buckets[eid];
        _setLimit(buckets.outbound, newLimits.outbound);
        _setLimit(buckets.inbound, newLimits.inbound);
        _setLimit(buckets.gatewayOutbound, newLimits.gatewayOutbound);
        _setLimit(buckets.gatewayInbound, newLimits.gatewayInbound);
        emit LimitsSet(eid, newLimits);
    }

    /// @inheritdoc IMatiToken
    function pauseInbound(uint32 eid, uint48 until) external onlyOwner {
        PathwayPause storage pause = _pauses[eid];
        // Casts: 48 bits last for millions of years.
        if (until <= block.timestamp) {
            pause.inboundUntil = uint48(Math.min(pause.inboundUntil, block.timestamp));
        } else {
            uint256 latest = block.timestamp + MAX_PAUSE;
            require(until <= latest, Token_PauseTooLong(until, latest));
            uint256 from = inboundPausableFrom(eid);
            require(block.timestamp >= from, Token_PausedTooRecently(block.timestamp, from));

            (pause.inboundFrom, pause.inboundUntil) = (uint48(block.timestamp), until);
        }
        emit InboundPaused(eid, pause.inboundUntil);
    }

    /// @inheritdoc IMatiToken
    function setOutboundPaused(uint32 eid, bool isPaused) external onlyOwner {
        _pauses[eid].isOutboundPaused = isPaused;
        emit OutboundPausedSet(eid, isPaused);
    }

    /// @inheritdoc IMatiToken
    function limits(uint32 eid) external view returns (PathwayLimits memory) {
        Buckets storage buckets = _buckets[eid];
        return PathwayLimits(
            _limitOf(buckets.outbound),
            _limitOf(buckets.inbound),
            _limitOf(buckets.gatewayOutbound),
            _limitOf(buckets.gatewayInbound)
        );
    }

    /// @inheritdoc IMatiToken
    function available(uint32 eid)
        external
        view
        returns (uint256 outbound, uint256 inbound, uint256 gatewayOutbound, uint256 gatewayInbound)
    {
        (outbound, inbound) = (_availableOutbound(eid, false), _availableInbound(eid, false));
        (gatewayOutbound, gatewayInbound) = (_availableOutbound(eid, true), _availableInbound(eid, true));
    }

    /// @inheritdoc IMatiToken
    function inboundPausedUntil(uint32 eid) external view returns (uint48) {
        return _pauses[eid].inboundUntil;
    }

    /// @inheritdoc IMatiToken
    function isOutboundPaused(uint32 eid) external view returns (bool) {
        return _pauses[eid].isOutboundPaused;
    }

    /// @inheritdoc IMatiToken
    function inboundPausableFrom(uint32 eid) public view returns (uint256) {
        return _pauses[eid].inboundPausableFrom();
    }

    /// @dev Uses an outbound allowance, which `_requireOutbound` has looked at.
    function _useOutbound(uint32 eid, bool isGateway, uint256 amount) internal {
        _use(_outbound(eid, isGateway), amount);
    }

    /// @dev Uses an inbound allowance for what arrives, unless it has to wait.
    function _tryInbound(uint32 eid, bool isGateway, uint256 amount) internal returns (bool isUsed) {
        Bucket storage bucket = _inbound(eid, isGateway);
        isUsed = !_pauses[eid].isInboundPausedAt(block.timestamp) && bucket.admits(amount, block.timestamp);
        if (isUsed) _use(bucket, amount);
    }

    /// @dev Uses an inbound allowance for what has waited since `since`, Unix seconds.
    function _useInbound(uint32 eid, bool isGateway, uint256 amount, uint256 since) internal {
        PathwayPause memory pause = _pauses[eid];
        require(!pause.isInboundPausedAt(block.timestamp), Token_InboundPaused(eid, pause.inboundUntil));
        Bucket storage bucket = _inbound(eid, isGateway);
        require(
            bucket.admits(amount, block.timestamp) || bucket.admitsShare(amount, since, block.timestamp),
            Token_OverLimit(eid, amount, bucket.availableAt(block.timestamp))
        );

        _use(bucket, amount);
    }

    function _requireOutbound(uint32 eid, bool isGateway, uint256 amount) internal view {
        require(!_pauses[eid].isOutboundPaused, Token_OutboundPaused(eid));
        Bucket memory bucket = _outbound(eid, isGateway);
        require(
            bucket.admits(amount, block.timestamp), Token_OverLimit(eid, amount, bucket.availableAt(block.timestamp))
        );
    }

    function _availableOutbound(uint32 eid, bool isGateway) internal view returns (uint256) {
        return _pauses[eid].isOutboundPaused ? 0 : _outbound(eid, isGateway).availableAt(block.timestamp);
    }

    function _availableInbound(uint32 eid, bool isGateway) internal view returns (uint256) {
        if (_pauses[eid].isInboundPausedAt(block.timestamp)) return 0;
        return _inbound(eid, isGateway).availableAt(block.timestamp);
    }

    function _setLimit(Bucket storage bucket, RateLimit calldata limit) private {
        require(
            (limit.capacity == 0) == (limit.windowSeconds == 0), Token_BadLimit(limit.capacity, limit.windowSeconds)
        );
        Bucket memory changed = bucket.withLimit(limit, block.timestamp);
        (bucket.capacity, bucket.windowSeconds, bucket.fullAt) =
        (changed.capacity, changed.windowSeconds, changed.fullAt);
    }

    function _use(Bucket storage bucket, uint256 amount) private {
        bucket.fullAt = bucket.fullAfter(amount, block.timestamp);
    }

    function _outbound(uint32 eid, bool isGateway) private view returns (Bucket storage) {
        return isGateway ? _buckets[eid].gatewayOutbound : _buckets[eid].outbound;
    }

    function _inbound(uint32 eid, bool isGateway) private view returns (Bucket storage) {
        return isGateway ? _buckets[eid].gatewayInbound : _buckets[eid].inbound;
    }

    function _limitOf(Bucket storage bucket) private view returns (RateLimit memory) {
        return RateLimit(bucket.capacity, bucket.windowSeconds);
    }
}
