// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOAppComposer} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppComposer.sol";
import {
    MessagingFee,
    MessagingReceipt,
    SendParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {OFTComposeMsgCodec} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/libs/OFTComposeMsgCodec.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "./interfaces/IMatiGateway.sol";
import {MessageOptions} from "./libraries/MessageOptions.sol";
import {PayoutCodec} from "./libraries/PayoutCodec.sol";
import {MatiToken} from "./MatiToken.sol";
import {LedgerEntry} from "./types/Ledger.sol";
import {Returnable} from "./types/Returnable.sol";

/// @title See `IMatiGateway`, which is the manual.
/// @dev Nothing here catches a failure: a call that runs out of gas or cannot credit reverts as a whole and waits in
/// the endpoint, so gas decides when a message is processed and never how. No guard against re-entry is needed: each
/// guid's record is closed before anything is called, and what comes back to callers is the endpoint's to pay.
contract MatiGateway is IMatiGateway, IOAppComposer, AccessManaged {
    using OFTComposeMsgCodec for bytes;

    /// @inheritdoc IMatiGateway
    /// @dev 2,873 of LayerZero's default limit of 10,000 bytes per message.
    uint256 public constant MAX_PAYOUTS = 100;

    /// @dev What the executor is asked for, per message and per payout. MatiGatewayGas.t.sol measures that at worst (a
    /// pathway's first message, every account new to the escrow) a quarter of it is left.
    uint256 internal constant RECEIVE_GAS = 220_000;
    uint256 internal constant RECEIVE_GAS_PER_PAYOUT = 400;
    uint256 internal constant COMPOSE_GAS = 160_000;
    uint256 internal constant COMPOSE_GAS_PER_PAYOUT = 40_000;
    /// @dev Where the payload begins in a compose message: after nonce, srcEid, amountLD and composeFrom, which our
    /// token always writes (OFTComposeMsgCodec).
    uint256 internal constant PAYLOAD_OFFSET = 76;

    MatiToken internal immutable TOKEN;
    IMatiEscrow public immutable ESCROW;
    address public immutable ENDPOINT;
    /// @inheritdoc IMatiGateway
    uint256 public immutable unit;

    /// @inheritdoc IMatiGateway
    mapping(uint32 eid => bytes32) public peer;
    /// @inheritdoc IMatiGateway
    mapping(bytes32 guid => bool) public isProcessed;
    mapping(bytes32 guid => Returnable) internal _returnables;

    constructor(MatiToken token_, IMatiEscrow escrow, address access) AccessManaged(access) {
        TOKEN = token_;
        ESCROW = escrow;
        ENDPOINT = address(token_.endpoint());
        unit = token_.decimalConversionRate();
    }

    /// @inheritdoc IMatiGateway
    function send(uint32 eid, LedgerEntry[] calldata payouts, address refundTo)
        external
        payable
        returns (bytes32 guid, uint256 nativeFee)
    {
        _requirePeer(eid);
        _requireCount(payouts.length);
        uint256 amount;
        for (uint256 i = 0; i < payouts.length; ++i) {
            LedgerEntry calldata payout = payouts[i];
            require(
                _isCreditable(payout.account, payout.amount) && payout.amount % unit == 0,
                Gateway_BadPayout(i, payout.account, payout.amount)
            );
            amount += payout.amount;
        }

        SafeERC20.safeTransferFrom(TOKEN, msg.sender, address(this), amount);
        (guid, nativeFee) = _sendToken(_toPeer(eid, amount, PayoutCodec.encode(payouts, unit)), refundTo);
        emit PayoutsSent(guid, eid, msg.sender, amount, payouts);
    }

    /// @inheritdoc IMatiGateway
    function giveBack(bytes32 guid, bytes calldata payload) external payable returns (bytes32 returnGuid) {
        SendParam memory param = _toSource(guid, payload);

        delete _returnables[guid];

        (returnGuid,) = _sendToken(param, msg.sender);
        emit PayoutsReturned(guid, returnGuid, param.amountLD);
    }

    /// @notice Credits what our token brought, or keeps it as returnable. Called by the endpoint, on anyone's behalf.
    /// @dev Executor and extra data are whatever the caller says, so neither is looked at.
    function lzCompose(address from, bytes32 guid, bytes calldata message, address, bytes calldata) external payable {
        require(msg.sender == ENDPOINT, Gateway_NotEndpoint(msg.sender));
        require(from == address(TOKEN), Gateway_NotToken(from));
        require(!isProcessed[guid], Gateway_AlreadyProcessed(guid));
        bytes calldata payload = message[PAYLOAD_OFFSET:];
        // What is left of the gas asked for, once the endpoint has taken its part and withheld 1/64 (EIP-150).
        uint256 required = _composeGas(PayoutCodec.countIn(payload.length)) * 7 / 8;
        require(gasleft() >= required, Gateway_InsufficientGas(gasleft(), required));
        require(msg.value == 0, Gateway_UnexpectedValue(msg.value));

        isProcessed[guid] = true;

        // Cast: an OFT amount is at most 2^64 times the unit of 10^12.
        uint112 amount = uint112(message.amountLD());
        _process(guid, Returnable(message.srcEid(), amount, message.composeFrom(), 0), payload);
    }

    /// @inheritdoc IMatiGateway
    function setPeer(uint32 eid, bytes32 newPeer) external restricted {
        peer[eid] = newPeer;
        emit PeerSet(eid, newPeer);
    }

    /// @inheritdoc IMatiGateway
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IMatiGateway
    function returnable(bytes32 guid) external view returns (Returnable memory) {
        return _returnables[guid];
    }

    /// @inheritdoc IMatiGateway
    function quote(uint32 eid, uint256 count) external view returns (uint256 nativeFee) {
        _requirePeer(eid);
        _requireCount(count);
        // The fee depends on a message's length and options, not on what it says.
        return TOKEN.quoteSend(_toPeer(eid, unit, new bytes(PayoutCodec.lengthOf(count))), false).nativeFee;
    }

    /// @inheritdoc IMatiGateway
    function quoteGiveBack(bytes32 guid, bytes calldata payload) external view returns (uint256 nativeFee) {
        return TOKEN.quoteSend(_toSource(guid, payload), false).nativeFee;
    }

    /// @dev What a gateway could have written goes back with its payload also where the sender is unknown here: it may
    /// well be a gateway that was not named as a peer (yet), and only by the payload can it credit what comes back.
    function _process(bytes32 guid, Returnable memory arrived, bytes calldata payload) internal {
        (LedgerEntry[] memory credits, uint256 total) = _read(payload);
        bool isFromPeer = arrived.from == peer[arrived.srcEid];
        bool isWhole = total == arrived.amount;
        if (isFromPeer && isWhole) return _credit(guid, arrived, credits);

        bytes memory reason = isFromPeer
            ? abi.encodeWithSelector(Gateway_UnreadablePayload.selector, arrived.amount, total)
            : abi.encodeWithSelector(Gateway_UnknownSender.selector, arrived.srcEid, arrived.from);
        _keep(guid, arrived, isFromPeer || isWhole ? payload : payload[:0], reason);
    }

    /// @dev Allows the escrow exactly what it pulls. If it cannot credit, everything reverts and can be retried.
    function _credit(bytes32 guid, Returnable memory arrived, LedgerEntry[] memory credits) internal {
        TOKEN.approve(address(ESCROW), arrived.amount);
        ESCROW.deposit(address(TOKEN), credits, guid);
        emit PayoutsCredited(guid, arrived.srcEid, arrived.amount, credits.length);
    }

    function _keep(bytes32 guid, Returnable memory arrived, bytes calldata payload, bytes memory reason) internal {
        arrived.payloadHash = keccak256(payload);
        _returnables[guid] = arrived;
        emit PayoutsReturnable(guid, arrived.srcEid, arrived.from, arrived.amount, payload, reason);
    }

    /// @dev The gateway holds the token, so OFT needs no allowance. The endpoint pays the surplus to `refundTo`.
    function _sendToken(SendParam memory param, address refundTo) internal returns (bytes32 guid, uint256 nativeFee) {
        (MessagingReceipt memory receipt,) =
            TOKEN.send{value: msg.value}(param, MessagingFee({nativeFee: msg.value, lzTokenFee: 0}), refundTo);
        return (receipt.guid, receipt.fee.nativeFee);
    }

    function _toPeer(uint32 eid, uint256 amount, bytes memory payload) internal view returns (SendParam memory) {
        return _param(eid, peer[eid], amount, payload);
    }

    function _toSource(bytes32 guid, bytes calldata payload) internal view returns (SendParam memory) {
        Returnable memory kept = _returnables[guid];
        require(kept.from != 0, Gateway_NotReturnable(guid));
        bytes32 payloadHash = keccak256(payload);
        require(payloadHash == kept.payloadHash, Gateway_WrongPayload(payloadHash, kept.payloadHash));
        return _param(kept.srcEid, kept.from, kept.amount, payload);
    }

    /// @dev `minAmountLD` makes OFT refuse to cut anything: amounts here are multiples of the unit already.
    function _param(uint32 eid, bytes32 to, uint256 amount, bytes memory payload)
        internal
        pure
        returns (SendParam memory)
    {
        uint256 count = PayoutCodec.countIn(payload.length);
        // Casts: a message's size bounds the count.
        uint128 receiveGas = uint128(_receiveGas(count));
        bytes memory options = payload.length == 0
            ? MessageOptions.receiving(receiveGas)
            : MessageOptions.composing(receiveGas, uint128(_composeGas(count)));
        return SendParam(eid, to, amount, amount, options, payload, "");
    }

    /// @dev Total 0 unless the payload is readable and every payout in it can be credited here.
    function _read(bytes calldata payload) internal view returns (LedgerEntry[] memory payouts, uint256 total) {
        payouts = PayoutCodec.decode(payload, unit, MAX_PAYOUTS);
        for (uint256 i = 0; i < payouts.length; ++i) {
            LedgerEntry memory payout = payouts[i];
            (address account, uint256 amount) = (payout.account, payout.amount);
            if (!_isCreditable(account, amount)) return (payouts, 0);
            // Unchecked: MAX_PAYOUTS of 112 bits.
            unchecked {
                total += amount;
            }
        }
    }

    /// @dev What the escrow would refuse to credit, or silently skip: one such payout must not block a whole message.
    function _isCreditable(address account, uint256 amount) internal view returns (bool) {
        return account != address(0) && account != address(ESCROW) && amount != 0;
    }

    function _requirePeer(uint32 eid) internal view {
        require(peer[eid] != 0, Gateway_NoPeer(eid));
    }

    function _requireCount(uint256 count) internal pure {
        require(count != 0 && count <= MAX_PAYOUTS, Gateway_BadCount(count, MAX_PAYOUTS));
    }

    /// @dev Not capped: a longer payload costs more to deliver, readable or not.
    function _receiveGas(uint256 count) internal pure returns (uint256) {
        return RECEIVE_GAS + RECEIVE_GAS_PER_PAYOUT * count;
    }

    /// @dev Capped: a payload beyond the most payouts is not read.
    function _composeGas(uint256 count) internal pure returns (uint256) {
        return COMPOSE_GAS + COMPOSE_GAS_PER_PAYOUT * Math.min(count, MAX_PAYOUTS);
    }
}
