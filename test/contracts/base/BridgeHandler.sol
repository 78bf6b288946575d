// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {BridgeEnd, BridgeTest} from "./Bridge.sol";

/// @notice Sends, delays, replays, reorders and drops messages between two chains, with whatever gas, and compares
/// what succeeds with a model that knows nothing of the contracts: LayerZero's ordering, and who wrote what.
/// @dev Abstract, and the test itself: a contract that deploys all of Mati is too large to be deployed (EIP-170).
abstract contract BridgeHandler is BridgeTest {
    /// @dev What the model knows of a packet; its index is that of `packets`.
    struct Sent {
        bool isFromA;
        uint256 amount;
        /// Whether it goes to the gateway, and if so whether that must credit it.
        bool isComposed;
        bool isReadable;
        bool isVerified;
        bool isDelivered;
        uint256 composeIndex;
        /// Whether a gateway sent it, and so takes back only what comes with its payload.
        bool isFromGateway;
        bool isProcessed;
        bytes returnPayload;
        bool isGivenBack;
    }

    Sent[] internal model;
    /// @dev Per direction (true: from A), the packets in the order they were sent.
    mapping(bool isFromA => uint256[]) internal route;
    mapping(bool isOnA => uint256) internal modelCredited;

    error Diverged(string what, bool success, bool expected);

    /// @dev Half of everything starts on B, so that both directions have something to send.
    function setUp() public override {
        super.setUp();
        sendToken(a.token, sendParam(EID_B, padded(address(this)), GENESIS / 2, ""));
        deliverLast();
        Sent storage first = push(true, GENESIS / 2);
        first.isVerified = first.isDelivered = true;
        a.token.approve(address(a.gateway), type(uint256).max);
        b.token.approve(address(b.gateway), type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------ actions

    function sendPlain(bool isFromA, uint256 amount, bool toGateway) external {
        (BridgeEnd storage from, BridgeEnd storage to) = ends(isFromA);
        amount = fold(amount, from.token.balanceOf(address(this)));
        bytes32 recipient = padded(toGateway ? address(to.gateway) : address(this));
        bool isAllowed = amount >= UNIT && amount - amount % UNIT <= from.token.balanceOf(address(this)) && !toGateway;
        bool success = tries(abi.encodeCall(this.sendAs, (isFromA, address(this), recipient, amount, bytes(""))));
        agree("sendPlain", success, isAllowed);
        if (success) push(isFromA, amount - amount % UNIT);
    }

    function sendPayouts(bool isFromA, uint256 amount, uint256 count) external {
        (BridgeEnd storage from,) = ends(isFromA);
        count = bound(count, 1, 4);
        amount = fold(amount, from.token.balanceOf(address(this)) / count);
        LedgerEntry[] memory payouts = somePayouts(count);
        for (uint256 i = 0; i < count; ++i) {
            payouts[i].amount = uint112(amount);
        }
        bool isAllowed = amount != 0 && amount % UNIT == 0 && amount * count <= from.token.balanceOf(address(this));
        bool success = tries(abi.encodeCall(this.sendBatch, (isFromA, payouts)));
        agree("sendPayouts", success, isAllowed);
        if (!success) return;
        Sent storage sent = push(isFromA, amount * count);
        sent.isComposed = sent.isReadable = sent.isFromGateway = true;
    }

    /// @dev A payload of the sender's choice, written by the gateway itself or by a stranger.
    function sendPayload(bool isFromA, uint256 units, bytes memory payload, bool isFromGateway, bool isValid) external {
        (BridgeEnd storage from, BridgeEnd storage to) = ends(isFromA);
        units = bound(units, 1, 1_000e6);
        if (from.token.balanceOf(address(this)) < units * UNIT) return;
        LedgerEntry[] memory payouts = somePayouts(1);
        payouts[0].amount = uint112(units * UNIT);
        if (isValid || payload.length == 0) (payload, isValid) = (payloadOf(payouts), true);
        address sender = isFromGateway ? address(from.gateway) : address(0xBAD);
        from.token.transfer(sender, units * UNIT);
        this.sendAs(isFromA, sender, padded(address(to.gateway)), units * UNIT, payload);
        Sent storage sent = push(isFromA, units * UNIT);
        sent.isComposed = true;
        sent.isFromGateway = isFromGateway;
        sent.isReadable = isFromGateway && isValid;
        if (isFromGateway || isValid) sent.returnPayload = payload;
    }

    function verify(uint256 index) external {
        Sent storage sent = model[index = pick(index, isUnverified)];
        bool success = relayTries(abi.encodeCall(relay.verify, (packets[index].packet)));
        agree("verify", success, !sent.isDelivered);
        sent.isVerified = true;
    }

    /// @dev Any packet, again and again; one executes once, and only when all before it are verified.
    function deliver(uint256 index) external {
        Sent storage sent = model[index = pick(index, isUndelivered)];
        bool isNext = !sent.isDelivered;
        uint256[] storage sequence = route[sent.isFromA];
        for (uint256 i = 0; i < sequence.length && sequence[i] <= index; ++i) {
            isNext = isNext && model[sequence[i]].isVerified;
        }
        bool success = relayTries(abi.encodeCall(relay.deliver, (packets[index].packet, gasleft())));
        agree("deliver", success, isNext);
        if (!success) return;
        collect();
        sent.isDelivered = true;
        if (sent.isComposed) sent.composeIndex = composes.length - 1;
    }

    function compose(uint256 index, uint256 gasLimit) external {
        Sent storage sent = model[index = pick(index, isUnprocessed)];
        if (!sent.isComposed || !sent.isDelivered) return;
        // Below 7/8 of what the cheapest message is asked to bring, or plenty.
        bool isPlenty = gasLimit % 2 == 0;
        gasLimit = isPlenty ? 10_000_000 : gasLimit % 140_000;
        bool success = relayTries(abi.encodeCall(relay.compose, (composes[sent.composeIndex], gasLimit)));
        agree("compose", success, isPlenty && !sent.isProcessed);
        if (!success) return;
        sent.isProcessed = true;
        if (sent.isReadable) modelCredited[!sent.isFromA] += sent.amount;
    }

    function giveBack(uint256 index, bool isRightPayload) external {
        Sent storage sent = model[index = pick(index, isKept)];
        bool isAllowed = isKept(sent) && isRightPayload;
        bytes32 guid = relay.guidOf(packets[index].packet);
        bool success = tries(
            abi.encodeCall(
                this.giveBackHere, (!sent.isFromA, guid, isRightPayload ? sent.returnPayload : bytes("another"))
            )
        );
        agree("giveBack", success, isAllowed);
        if (!success) return;
        sent.isGivenBack = true;
        Sent storage back = push(!sent.isFromA, sent.amount);
        // To a stranger it is a plain transfer, whatever comes with it: nobody there composes.
        if (!sent.isFromGateway) return;
        back.isComposed = back.isFromGateway = true;
        back.returnPayload = sent.returnPayload;
        // A gateway reads what a gateway returns, if anything can be read in it.
        LedgerEntry[] memory payouts = somePayouts(1);
        payouts[0].amount = uint112(sent.amount);
        back.isReadable = keccak256(sent.returnPayload) == keccak256(payloadOf(payouts));
    }

    // ------------------------------------------------------------------------------------ what must be equal

    /// @dev Invariant 11: supplies and what is in flight by the counters; `inFlight` is the model's.
    function supply() internal view returns (uint256 total, uint256 counted, uint256 inFlight) {
        uint256 fromA = a.token.sent(EID_B) - b.token.received(EID_A);
        uint256 fromB = b.token.sent(EID_A) - a.token.received(EID_B);
        counted = fromA + fromB;
        total = a.token.totalSupply() + b.token.totalSupply() + counted;
        for (uint256 i = 0; i < model.length; ++i) {
            if (!model[i].isDelivered) inFlight += model[i].amount;
        }
    }

    /// @dev Invariant 12: what the gateway holds, and what it must hold by the model.
    function held(bool isOnA) internal view returns (uint256 balance, uint256 expected) {
        (BridgeEnd storage end,) = ends(isOnA);
        balance = end.token.balanceOf(address(end.gateway));
        for (uint256 i = 0; i < model.length; ++i) {
            Sent storage sent = model[i];
            if (sent.isFromA == isOnA || !sent.isComposed || !sent.isDelivered) continue;
            if (sent.isProcessed && (sent.isReadable || sent.isGivenBack)) continue;
            expected += sent.amount;
        }
    }

    function credited(bool isOnA) internal view returns (uint256 balance, uint256 allowance) {
        (BridgeEnd storage end,) = ends(isOnA);
        return
            (end.token.balanceOf(address(end.escrow)), end.token.allowance(address(end.gateway), address(end.escrow)));
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function sendAs(bool isFromA, address sender, bytes32 to, uint256 amount, bytes calldata payload) external {
        (BridgeEnd storage from, BridgeEnd storage there) = ends(isFromA);
        vm.deal(sender, 100);
        vm.startPrank(sender);
        sendToken(from.token, sendParam(there.eid, to, amount, payload));
        vm.stopPrank();
    }

    function sendBatch(bool isFromA, LedgerEntry[] calldata payouts) external {
        (BridgeEnd storage from, BridgeEnd storage to) = ends(isFromA);
        vm.deal(address(this), 100);
        from.gateway.send{value: 100}(to.eid, payouts, address(this));
    }

    function giveBackHere(bool isOnA, bytes32 guid, bytes calldata payload) external {
        (BridgeEnd storage end,) = ends(isOnA);
        vm.deal(address(this), 100);
        end.gateway.giveBack{value: 100}(guid, payload);
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

    function isUnprocessed(Sent storage sent) internal view returns (bool) {
        return sent.isComposed && sent.isDelivered && !sent.isProcessed;
    }

    function isKept(Sent storage sent) internal view returns (bool) {
        return sent.isProcessed && !sent.isReadable && !sent.isGivenBack;
    }

    /// @dev Mostly whole units within reach; sometimes dust, sometimes more than there is.
    function fold(uint256 raw, uint256 most) internal pure returns (uint256) {
        uint256 amount = raw % (most / 100 + 1);
        if (raw % 5 == 0) return most + raw % 1e18;
        return raw % 7 == 0 ? amount : amount - amount % UNIT;
    }

    function push(bool isFromA, uint256 amount) internal returns (Sent storage sent) {
        collect();
        require(packets.length == model.length + 1, NotTrue("one packet each"));
        route[isFromA].push(model.length);
        sent = model.push();
        (sent.isFromA, sent.amount) = (isFromA, amount);
    }

    function tries(bytes memory call) internal returns (bool success) {
        (success,) = address(this).call(call);
        vm.stopPrank();
    }

    function relayTries(bytes memory call) internal returns (bool success) {
        (success,) = address(relay).call(call);
    }

    function agree(string memory what, bool success, bool expected) internal pure {
        require(success == expected, Diverged(what, success, expected));
    }
}
