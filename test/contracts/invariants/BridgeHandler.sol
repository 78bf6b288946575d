// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOFT, MessagingFee} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";

import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {BridgeEnd} from "../base/Bridge.sol";
import {BridgeModel} from "./BridgeModel.sol";
import {BridgeWorld} from "./BridgeWorld.sol";

/// @notice Sends, delays, replays, reorders and drops messages between two chains, with whatever gas, and compares
/// what succeeds with a model that knows nothing of the contracts: LayerZero's ordering, who wrote what, and what may
/// pass.
/// @dev Abstract, and the test itself: a contract that deploys all of Mati is too large to be deployed (EIP-170).
abstract contract BridgeHandler is BridgeWorld {
    using BridgeModel for BridgeModel.End;
    using BridgeModel for BridgeModel.Bucket;

    function sendPlain(bool isFromA, uint256 amount, bool toGateway) external {
        BridgeModel.End storage end = modelEnd[isFromA];
        uint256 balance = holdings(isFromA);
        amount = fold(amount, balance, end.outbound(false).available() * UNIT);
        uint256 cut = amount - amount % UNIT;
        toGateway = toGateway && amount % 3 == 0;
        bytes32 recipient = padded(toGateway ? gatewayOn(!isFromA) : address(this));
        bool isAllowed = cut != 0 && cut <= balance && !toGateway && end.mayLeave(false, cut / UNIT);
        bool success = tries(abi.encodeCall(this.sendAs, (isFromA, address(this), recipient, amount, bytes(""))));
        agree("sendPlain", success, isAllowed);
        if (cut != 0 && cut <= balance && !toGateway) note("leave", success);
        if (success) push(isFromA, address(this), cut, false);
    }

    function sendPayouts(bool isFromA, uint256 amount, uint256 count) external {
        BridgeModel.End storage end = modelEnd[isFromA];
        count = bound(count, 1, 4);
        uint256 balance = holdings(isFromA);
        amount = fold(amount, balance / count, end.outbound(true).available() / count * UNIT);
        LedgerEntry[] memory payouts = somePayouts(count);
        for (uint256 i = 0; i < count; ++i) {
            payouts[i].amount = uint112(amount);
        }
        bool isValid = amount != 0 && amount % UNIT == 0 && amount * count <= balance;
        bool success = tries(abi.encodeCall(this.sendBatch, (isFromA, payouts)));
        agree("sendPayouts", success, isValid && end.mayLeave(true, amount * count / UNIT));
        if (isValid) note("leave by the gateway", success);
        if (!success) return;
        Sent storage sent = push(isFromA, gatewayOn(!isFromA), amount * count, true);
        sent.isComposed = sent.isReadable = true;
        sent.count = count;
    }

    /// @dev A payload of the sender's choice, written by the gateway itself or by a stranger.
    function sendPayload(bool isFromA, uint256 units, bytes memory payload, bool isFromGateway, bool isValid) external {
        units = bound(units, 1, 1_000e6);
        if (holdings(isFromA) < units * UNIT) return;
        if (isValid || payload.length == 0) (payload, isValid) = (payloadOf(onePayout(units)), true);
        address sender = isFromGateway ? gatewayOn(isFromA) : STRANGER;
        bytes32 to = padded(gatewayOn(!isFromA));
        bool success = tries(abi.encodeCall(this.sendAs, (isFromA, sender, to, units * UNIT, payload)));
        agree("sendPayload", success, modelEnd[isFromA].mayLeave(isFromGateway, units));
        if (!success) return;
        Sent storage sent = push(isFromA, gatewayOn(!isFromA), units * UNIT, isFromGateway);
        (sent.isComposed, sent.count) = (true, 1);
        sent.isReadable = isFromGateway && isValid;
        if (isFromGateway || isValid) sent.returnPayload = payload;
    }

    function verify(uint256 index) external {
        Sent storage sent = model[index = pick(index, isUnverified)];
        bool success = relayTries(abi.encodeCall(relay.verify, (packets[index].packet)));
        agree("verify", success, !sent.isDelivered);
        sent.isVerified = true;
    }

    /// @dev Any packet, again and again; one executes once, and only when all before it are verified. What may not
    /// arrive yet waits.
    function deliver(uint256 index) external {
        Sent storage sent = model[index = pick(index, isUndelivered)];
        bool isNext = !sent.isDelivered;
        uint256[] storage sequence = route[sent.isFromA];
        for (uint256 i = 0; i < sequence.length && sequence[i] <= index; ++i) {
            isNext = isNext && model[sequence[i]].isVerified;
        }
        uint256 before = balanceAt(sent);
        bool success = relayTries(abi.encodeCall(relay.deliver, (packets[index].packet, gasleft())));
        agree("deliver", success, isNext);
        if (!success) return;
        sent.isDelivered = true;
        sent.isWaiting = !modelEnd[!sent.isFromA].mayArrive(sent.isFromGateway, sent.amount / UNIT);
        note("arrive at once", !sent.isWaiting);
        if (sent.isWaiting) sent.since = block.timestamp;
        else modelEnd[!sent.isFromA].arrive(sent.isFromGateway, sent.amount / UNIT);
        checkArrival(index, before);
    }

    function compose(uint256 index, uint256 gasLimit) external {
        Sent storage sent = model[index = pick(index, isUnprocessed)];
        if (!sent.isComposed || !hasArrived(sent)) return;
        // Below 7/8 of what the cheapest message is asked to bring, or plenty.
        bool isPlenty = gasLimit % 2 == 0;
        gasLimit = isPlenty ? 10_000_000 : gasLimit % 140_000;
        bool success = relayTries(abi.encodeCall(relay.compose, (composes[sent.composeIndex], gasLimit)));
        agree("compose", success, isPlenty && !sent.isProcessed);
        if (!success) return;
        sent.isProcessed = true;
        if (!sent.isReadable) return;
        modelCredited[!sent.isFromA] += sent.amount;
        LedgerEntry[] memory payouts = somePayouts(sent.count);
        for (uint256 i = 0; i < sent.count; ++i) {
            modelLedger[!sent.isFromA][payouts[i].account] += sent.amount / sent.count;
        }
    }

    function giveBack(uint256 index, bool isRightPayload) external {
        Sent storage sent = model[index = pick(index, isKept)];
        bool isClaimed = isKept(sent) && isRightPayload;
        bool isOpen = modelEnd[!sent.isFromA].mayLeave(sent.isFromGateway, sent.amount / UNIT);
        bytes memory payload = isRightPayload ? sent.returnPayload : bytes("another");
        bool success = tries(abi.encodeCall(this.giveBackHere, (!sent.isFromA, sent.guid, payload)));
        agree("giveBack", success, isClaimed && isOpen);
        if (isClaimed) note("leave back", success);
        if (!success) return;
        sent.isGivenBack = true;
        bool isFromGateway = sent.isFromGateway;
        bytes memory returned = sent.returnPayload;
        address to = isFromGateway ? gatewayOn(sent.isFromA) : STRANGER;
        Sent storage back = push(!sent.isFromA, to, sent.amount, isFromGateway);
        // To a stranger it is a plain transfer, whatever comes with it: nobody there composes.
        if (!isFromGateway) return;
        (back.isComposed, back.count, back.returnPayload) = (true, 1, returned);
        // A gateway reads what a gateway returns, if anything can be read in it.
        back.isReadable = keccak256(returned) == keccak256(payloadOf(onePayout(back.amount / UNIT)));
    }

    // ------------------------------------------------------------------------------------------------ helpers

    /// @dev Anybody else than the test contract has it from there.
    function sendAs(bool isFromA, address sender, bytes32 to, uint256 amount, bytes calldata payload) external {
        (BridgeEnd storage from, BridgeEnd storage there) = ends(isFromA);
        vm.deal(sender, 100);
        if (sender != address(this)) from.token.transfer(sender, amount);
        bytes memory call =
            abi.encodeCall(IOFT.send, (sendParam(there.eid, to, amount, payload), MessagingFee(100, 0), address(this)));
        vm.prank(sender);
        (bool success,) = address(from.token).call{value: 100}(call);
        require(success, NotTrue("sent"));
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

    function gatewayOn(bool isOnA) internal view returns (address) {
        return address(isOnA ? a.gateway : b.gateway);
    }

    function holdings(bool isOnA) internal view returns (uint256) {
        return (isOnA ? a : b).token.balanceOf(address(this));
    }

    function onePayout(uint256 units) internal pure returns (LedgerEntry[] memory payouts) {
        payouts = somePayouts(1);
        payouts[0].amount = uint112(units * UNIT);
    }

    function balanceAt(Sent storage sent) internal view returns (uint256) {
        (, BridgeEnd storage end) = ends(sent.isFromA);
        return end.token.balanceOf(sent.to);
    }

    /// @dev What waits has changed nothing but `waiting`; what arrived was minted to whom it was sent, and is there to
    /// be composed, if anything is.
    function checkArrival(uint256 index, uint256 before) internal {
        Sent storage sent = model[index];
        (BridgeEnd storage from, BridgeEnd storage to) = ends(sent.isFromA);
        bytes32 kept = keccak256(abi.encodePacked(from.eid, messageOf(index)));
        assertEq(to.token.waiting(sent.guid), sent.isWaiting ? kept : bytes32(0), "waiting");
        assertEq(balanceAt(sent) - before, sent.isWaiting ? 0 : sent.amount, "minted");
        uint256 count = composes.length;
        collect();
        // What comes back to a stranger has its payload too, for whom nobody will compose.
        bool isSent = sent.isComposed || (sent.to == STRANGER && relay.messageOf(packets[index].packet).length > 40);
        assertEq(composes.length - count, isSent && !sent.isWaiting ? 1 : 0, "composes");
        if (composes.length == count) return;
        assertEq(composes[count].guid, sent.guid, "guid of the compose");
        assertEq(composes[count].to, sent.to, "receiver of the compose");
        sent.composeIndex = count;
    }
}
