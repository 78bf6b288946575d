// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PathwayLimits, RateLimit} from "../../../contracts/src/types/RateLimit.sol";
import {BridgeEnd, BridgeTest} from "../base/Bridge.sol";
import {BridgeModel} from "./BridgeModel.sol";

/// @notice What is drawn from and held against: the messages between two chains, and what the model knows of both.
abstract contract BridgeWorld is BridgeTest {
    using BridgeModel for BridgeModel.End;
    using BridgeModel for BridgeModel.Bucket;

    /// @dev What the model knows of a packet; its index is that of `packets`.
    struct Sent {
        bool isFromA;
        uint256 amount;
        address to;
        bytes32 guid;
        uint64 nonce;
        /// Whether it goes to the gateway, and if so whether that must credit it, in how many equal parts.
        bool isComposed;
        bool isReadable;
        uint256 count;
        bool isVerified;
        bool isDelivered;
        /// Of what is delivered: whether it waits, and since when it did.
        bool isWaiting;
        uint256 since;
        uint256 composeIndex;
        /// Whether a gateway sent it, and so takes back only what comes with its payload.
        bool isFromGateway;
        bool isProcessed;
        bytes returnPayload;
        bool isGivenBack;
    }

    uint256 internal constant START = 1_800_000_000;
    address internal constant STRANGER = address(0xBAD);

    Sent[] internal model;
    /// @dev Per direction (true: from A), the packets in the order they were sent.
    mapping(bool isFromA => uint256[]) internal route;
    mapping(bool isOnA => BridgeModel.End) internal modelEnd;
    mapping(bool isOnA => uint256) internal modelCredited;
    mapping(bool isOnA => mapping(address account => uint256)) internal modelLedger;

    mapping(string action => uint256) public succeeded;
    mapping(string action => uint256) public failed;

    error Diverged(string what, bool success, bool expected);

    /// @dev Half of everything starts on B, so that both directions have something to send.
    function setUp() public virtual override {
        vm.warp(START);
        super.setUp();
        modelEnd[true].supply = GENESIS / UNIT;
        limitAll(a, true);
        limitAll(b, false);
        sendToken(a.token, sendParam(EID_B, padded(address(this)), GENESIS / 2, ""));
        deliverLast();
        Sent storage first = push(true, address(this), GENESIS / 2, false);
        first.isVerified = first.isDelivered = true;
        modelEnd[false].arrive(false, GENESIS / 2 / UNIT);
        a.token.approve(address(a.gateway), type(uint256).max);
        b.token.approve(address(b.gateway), type(uint256).max);
    }

    /// @dev Closed first, so that nothing is used up.
    function limitAll(BridgeEnd storage end, bool isOnA) private {
        uint32 eid = isOnA ? EID_B : EID_A;
        PathwayLimits memory closed;
        setLimits(end, eid, closed);
        setLimits(end, eid, evenLimits(limitOf(2 ** 33, 1 days)));
        for (uint256 i = 0; i < 4; ++i) {
            modelEnd[isOnA].buckets[i].limit(2 ** 33, 1 days);
        }
    }

    function limitOf(uint256 rate, uint256 windowSeconds) internal pure returns (RateLimit memory) {
        return RateLimit(uint112(rate * windowSeconds * UNIT), uint32(windowSeconds));
    }

    function ends(bool isFromA) internal view returns (BridgeEnd storage from, BridgeEnd storage to) {
        return isFromA ? (a, b) : (b, a);
    }

    /// @dev Any packet; but three times out of four, where there is one, a packet for which the action is due.
    function pick(uint256 seed, function(Sent storage) internal view returns (bool) isDue)
        internal
        view
        returns (uint256 index)
    {
        if (seed % 4 != 0) {
            for (uint256 i = 0; i < model.length; ++i) {
                index = (seed / 4 + i) % model.length;
                if (isDue(model[index])) return index;
            }
        }
        return seed % model.length;
    }

    function isUnverified(Sent storage sent) internal view returns (bool) {
        return !sent.isVerified;
    }

    function isUndelivered(Sent storage sent) internal view returns (bool) {
        return sent.isVerified && !sent.isDelivered;
    }

    function isWaiting(Sent storage sent) internal view returns (bool) {
        return sent.isWaiting;
    }

    function isUnprocessed(Sent storage sent) internal view returns (bool) {
        return sent.isComposed && hasArrived(sent) && !sent.isProcessed;
    }

    function isKept(Sent storage sent) internal view returns (bool) {
        return sent.isProcessed && !sent.isReadable && !sent.isGivenBack;
    }

    function hasArrived(Sent storage sent) internal view returns (bool) {
        return sent.isDelivered && !sent.isWaiting;
    }

    /// @dev Mostly whole units within reach; sometimes dust, more than there is, just what may leave or a unit more.
    function fold(uint256 raw, uint256 most, uint256 available) internal pure returns (uint256) {
        uint256 amount = raw % (most / 100 + 1);
        if (raw % 5 == 0) return most + raw % 1e18;
        if (raw % 11 == 0) return available;
        if (raw % 13 == 0) return available + UNIT;
        return raw % 7 == 0 ? amount : amount - amount % UNIT;
    }

    /// @dev A packet that just left.
    function push(bool isFromA, address to, uint256 amount, bool isFromGateway) internal returns (Sent storage sent) {
        collect();
        require(packets.length == model.length + 1, NotTrue("one packet each"));
        modelEnd[isFromA].depart(isFromGateway, amount / UNIT);
        route[isFromA].push(model.length);
        sent = model.push();
        (sent.isFromA, sent.to, sent.amount, sent.isFromGateway) = (isFromA, to, amount, isFromGateway);
        sent.guid = relay.guidOf(packets[model.length - 1].packet);
        sent.nonce = uint64(route[isFromA].length);
    }

    /// @dev What `release` takes; also of what does not wait, or not yet.
    function messageOf(uint256 index) internal view returns (bytes memory) {
        Sent storage sent = model[index];
        return waitingMessage(sent.nonce, sent.since, relay.messageOf(packets[index].packet));
    }

    function draw(uint256 seed, string memory what) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }

    function tries(bytes memory call) internal returns (bool success) {
        (success,) = address(this).call(call);
    }

    function relayTries(bytes memory call) internal returns (bool success) {
        (success,) = address(relay).call(call);
    }

    function agree(string memory what, bool success, bool expected) internal {
        require(success == expected, Diverged(what, success, expected));
        note(what, success);
    }

    function note(string memory what, bool success) internal {
        success ? ++succeeded[what] : ++failed[what];
    }
}
