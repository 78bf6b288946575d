// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiToken} from "../../../contracts/src/interfaces/IMatiToken.sol";
import {PathwayLimits, RateLimit} from "../../../contracts/src/types/RateLimit.sol";
import {BridgeEnd} from "../base/Bridge.sol";
import {BridgeHandler} from "./BridgeHandler.sol";
import {BridgeModel} from "./BridgeModel.sol";

/// @notice Limits and pauses both ends, releases what waits, and moves the token where no limit may matter.
abstract contract BridgeLimitsHandler is BridgeHandler {
    using BridgeModel for BridgeModel.End;
    using BridgeModel for BridgeModel.Bucket;

    function pass(uint256 seed) external {
        vm.warp(block.timestamp + draw(seed, "seconds") % (seed % 4 == 0 ? 2 days : 1 hours));
    }

    /// @dev Each of the four closed, wide or narrow; now and then half closed, or by a stranger.
    function drawLimits(bool isOnA, uint256 seed) external {
        RateLimit[4] memory drawn;
        uint256[4] memory rates;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 kind = draw(seed, "kind") >> (16 * i);
            if (kind % 12 == 0) continue;
            rates[i] = kind % 3 == 1 ? 2 ** 33 : 2 ** (20 + (kind >> 4) % 13);
            drawn[i] = limitOf(rates[i], kind % 3 == 1 ? 1 days : 10 + draw(seed, "window") % 3_600);
        }
        bool isHalfClosed = draw(seed, "half closed") % 12 == 0;
        if (isHalfClosed) drawn[seed % 4] = draw(seed, "half") % 2 == 0 ? RateLimit(1, 0) : RateLimit(0, 1);
        PathwayLimits memory limits = PathwayLimits(drawn[0], drawn[1], drawn[2], drawn[3]);
        bool isOwner = draw(seed, "owner") % 8 != 0;
        bool success = govern(isOnA, isOwner, abi.encodeCall(IMatiToken.setLimits, (eidFrom(isOnA), limits)));
        agree("setLimits", success, isOwner && !isHalfClosed);
        if (!success) return;
        for (uint256 i = 0; i < 4; ++i) {
            modelEnd[isOnA].buckets[i].limit(rates[i], drawn[i].windowSeconds);
        }
    }

    function drawOutboundPause(bool isOnA, uint256 seed) external {
        bool isPaused = draw(seed, "paused") % 4 == 0;
        bool isOwner = draw(seed, "owner") % 4 != 0;
        bytes memory call = abi.encodeCall(IMatiToken.setOutboundPaused, (eidFrom(isOnA), isPaused));
        bool success = govern(isOnA, isOwner, call);
        agree("setOutboundPaused", success, isOwner);
        if (success) modelEnd[isOnA].isOutboundPaused = isPaused;
    }

    /// @dev For an hour, for as long as can be, for a second more, or until now or earlier.
    function drawInboundPause(bool isOnA, uint256 seed) external {
        uint256 until = block.timestamp + 1 + draw(seed, "until") % 1 hours;
        uint256 kind = draw(seed, "kind") % 8;
        if (kind == 0) until = block.timestamp + BridgeModel.MAX_PAUSE;
        if (kind == 1) until = block.timestamp + BridgeModel.MAX_PAUSE + 1;
        if (kind == 2) until = block.timestamp;
        if (kind == 3) until = draw(seed, "past") % block.timestamp;
        bool isOwner = draw(seed, "owner") % 8 != 0;
        BridgeModel.End storage end = modelEnd[isOnA];
        bytes memory call = abi.encodeCall(IMatiToken.pauseInbound, (eidFrom(isOnA), uint48(until)));
        bool success = govern(isOnA, isOwner, call);
        agree("pauseInbound", success, isOwner && end.mayPauseIn(until));
        if (isOwner) note(until > block.timestamp ? "begin a pause" : "end a pause", success);
        if (success) end.pauseIn(until);
    }

    /// @dev Of anything, whether it waits or not; mostly with its own message.
    function release(uint256 index, uint256 seed) external {
        Sent storage sent = model[index = pick(index, isWaiting)];
        BridgeModel.End storage end = modelEnd[!sent.isFromA];
        uint256 units = sent.amount / UNIT;
        bool isRight = draw(seed, "right") % 4 != 0;
        bool isPermitted = end.mayBeReleased(sent.isFromGateway, units, sent.since);
        bool isOversized = units > end.inbound(sent.isFromGateway).capacity;
        bool isPaused = end.isPausedIn();
        uint256 before = balanceAt(sent);
        bool success = releases(index, isRight ? 0 : 1 + draw(seed, "wrong") % 4);
        agree("release", success, sent.isWaiting && isRight && isPermitted);
        if (sent.isWaiting && isRight) {
            if (!isPaused) note(isOversized ? "release above the capacity" : "release within the capacity", success);
            note("release open", !isPaused);
        }
        if (sent.isWaiting) note("release with its message", isRight);
        if (!success) return;
        sent.isWaiting = false;
        end.arrive(sent.isFromGateway, units);
        checkArrival(index, before);
    }

    /// @dev Invariant 15: whatever is paused or closed, the token moves as ever, and leaves the ledger.
    function spend(bool isOnA, uint256 amount, uint256 seed) external {
        (address holder, uint256 key) = makeAccount("holder");
        uint256 balance = holdings(isOnA);
        amount = fold(amount, balance, balance);
        bool success = tries(abi.encodeCall(this.transferHere, (isOnA, holder, amount)));
        agree("transfer", success, amount <= balance);
        if (success) {
            uint256 signed = draw(seed, "signed") % 4 == 0 ? amount + 1 : amount;
            success = tries(abi.encodeCall(this.permitHere, (isOnA, holder, key, amount, signed)));
            agree("permit", success, signed == amount);
        }

        address account = somePayouts(4)[seed % 4].account;
        uint256 most = modelLedger[isOnA][account];
        uint256 wanted = draw(seed, "all") % 2 == 0 ? most : most + 1;
        if (wanted == 0) return;
        success = withdraws(isOnA, account, wanted);
        agree("withdraw", success, wanted == most);
        if (!success) return;
        modelLedger[isOnA][account] = 0;
        modelCredited[isOnA] -= wanted;
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function transferHere(bool isOnA, address to, uint256 amount) external {
        (BridgeEnd storage end,) = ends(isOnA);
        end.token.transfer(to, amount);
    }

    /// @dev `amount` is taken by the signature of `signed`.
    function permitHere(bool isOnA, address holder, uint256 key, uint256 amount, uint256 signed) external {
        (BridgeEnd storage end,) = ends(isOnA);
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        uint256 nonce = end.token.nonces(holder);
        bytes32 permit = keccak256(abi.encode(kind, holder, address(this), signed, nonce, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", end.token.DOMAIN_SEPARATOR(), permit));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        end.token.permit(holder, address(this), amount, block.timestamp, v, r, s);
        end.token.transferFrom(holder, address(this), amount);
    }

    function withdraws(bool isOnA, address account, uint256 amount) internal returns (bool success) {
        (BridgeEnd storage end,) = ends(isOnA);
        bytes memory call = abi.encodeCall(end.escrow.withdraw, (address(end.token), amount, account));
        vm.prank(account);
        (success,) = address(end.escrow).call(call);
    }

    /// @dev With its own message, or one that differs in source, nonce, time or content.
    function releases(uint256 index, uint256 flaw) internal returns (bool success) {
        (BridgeEnd storage from, BridgeEnd storage to) = ends(model[index].isFromA);
        bytes memory message = messageOf(index);
        if (flaw == 2) message[7] ^= 0x01;
        if (flaw == 3) message[15] ^= 0x01;
        if (flaw == 4) message[message.length - 1] ^= 0x01;
        uint32 srcEid = flaw == 1 ? to.eid : from.eid;
        bytes memory call = abi.encodeCall(IMatiToken.release, (model[index].guid, srcEid, message));
        vm.prank(STRANGER);
        (success,) = address(to.token).call(call);
    }

    /// @dev As the owner, or as somebody else.
    function govern(bool isOnA, bool isOwner, bytes memory call) internal returns (bool success) {
        (BridgeEnd storage end,) = ends(isOnA);
        if (isOwner) call = abi.encodeCall(end.access.execute, (address(end.token), call));
        (success,) = (isOwner ? address(end.access) : address(end.token)).call(call);
    }

    function eidFrom(bool isOnA) internal pure returns (uint32) {
        return isOnA ? EID_B : EID_A;
    }
}
