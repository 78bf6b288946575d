// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {EscrowLedger} from "./EscrowLedger.sol";
import {ICollector} from "./interfaces/ICollector.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IIntakeGuard} from "./interfaces/IIntakeGuard.sol";
import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";
import {CaptureOrders} from "./libraries/CaptureOrders.sol";
import {PaymentHash} from "./libraries/PaymentHash.sol";
import {BPS, chargeFee} from "./types/Fee.sol";
import {CaptureOrder, Funding, Payment, PaymentState, PaymentStatus} from "./types/Payment.sol";
import {PaymentDetails, PaymentSlot, toPaymentSlot} from "./types/PaymentSlot.sol";
import {CAPTURE, REFUND, VOID} from "./types/Payout.sol";
import {Rate} from "./types/Rate.sol";

/// @title See `IMatiEscrow`, which is the manual.
contract MatiEscrow is EscrowLedger, AccessManaged, EIP712 {
    using CaptureOrders for bytes;
    using PaymentHash for Payment;

    /// @dev What one capture or ruling credited; in memory, because the stack has no room for it.
    struct Credits {
        uint256 fee;
        uint256 merchantCredited;
        uint256 feeCredited;
    }

    /// @dev What is to be captured.
    struct Order {
        uint256 dueAmount;
        uint256 feeBps;
        bool isFinal;
        /// Whether the payer itself asks for it, in the transaction that brings the money.
        bool isPayers;
    }

    /// @dev What holds for the way in: one slot. Kept once for all tokens, and copied for each, so that a payment reads one
    /// slot instead of two.
    struct Intake {
        bool isAllowed;
        bool isListed;
        bool isPaused;
        IIntakeGuard guard;
    }

    /// @dev How long before `captureBy` the signed fallback may stand in for a rate that cannot be had.
    uint256 internal constant FALLBACK_WINDOW = 1 days;
    /// @inheritdoc IMatiEscrow
    uint256 public constant FREEZE_TIME = 2 days;
    /// @inheritdoc IMatiEscrow
    uint256 public constant RATE_GAS = 1_100_000;
    /// @inheritdoc IMatiEscrow
    uint256 public constant CALL_GAS = 2_000_000;

    IRateOracle public immutable ORACLE;
    /// @inheritdoc IMatiEscrow
    ISignatureVerifier public immutable VERIFIER;

    mapping(bytes32 id => PaymentSlot) internal _payments;
    mapping(bytes32 id => PaymentDetails) internal _details;
    /// @inheritdoc IMatiEscrow
    mapping(address collector => bool) public isCollector;
    /// @dev Of all tokens alike.
    Intake internal _intake;
    mapping(address token => Intake) internal _intakes;
    /// @dev Every token that was ever allowed.
    address[] internal _tokens;

    constructor(address access, IMerchantRegistry registry, IRateOracle oracle, ISignatureVerifier verifier)
        EscrowLedger(registry)
        AccessManaged(access)
        EIP712("Mati Escrow", "1")
    {
        ORACLE = oracle;
        VERIFIER = verifier;
    }

    // ---------------------------------------------------------------------------------------------- ways in

    /// @inheritdoc IMatiEscrow
    function authorize(Payment calldata payment, address collector, bytes calldata data)
        external
        nonReentrant
        returns (bytes32 id)
    {
        Payment memory terms;
        id = _open(payment, terms, collector, data);
    }

    /// @inheritdoc IMatiEscrow
    function charge(Payment calldata payment, address collector, bytes calldata data, uint256 feeBps)
        external
        nonReentrant
        returns (bytes32 id, uint256 amount)
    {
        Payment memory terms;
        id = _open(payment, terms, collector, data);
        Order memory order = Order(terms.due, feeBps, true, msg.sender == terms.payer);
        amount = _capture(terms, id, order);
    }

    // -------------------------------------------------------------------------------- what happens to a hold

    /// @inheritdoc IMatiEscrow
    function capture(Payment calldata payment, uint256 dueAmount, uint256 feeBps, bool isFinal)
        external
        nonReentrant
        returns (uint256 amount)
    {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        amount = _capture(terms, id, Order(dueAmount, feeBps, isFinal, false));
    }

    /// @inheritdoc IMatiEscrow
    function void(Payment calldata payment) external nonReentrant returns (uint256 amount) {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        _requireMerchant(terms.merchant, VOID);
        amount = _endHold(id, PaymentStatus.Voided);
        emit Voided(id, terms.merchant, amount);

        _payOrCredit(terms.token, terms.refundTo, amount, id);
    }

    /// @inheritdoc IMatiEscrow
    function reclaim(Payment calldata payment) external nonReentrant returns (uint256 amount) {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        require(block.timestamp > terms.captureBy, Escrow_ReclaimTooEarly(block.timestamp, terms.captureBy));
        amount = _endHold(id, PaymentStatus.Reclaimed);
        emit Reclaimed(id, terms.payer, amount);

        _payOrCredit(terms.token, terms.refundTo, amount, id);
    }

    /// @inheritdoc IMatiEscrow
    function dispute(Payment calldata payment) external {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        require(msg.sender == terms.payer, Escrow_NotPayer(msg.sender, terms.payer));
        require(terms.arbiter != address(0), Escrow_NoArbiter());
        require(block.timestamp < terms.captureAfter, Escrow_DisputeTooLate(block.timestamp, terms.captureAfter));
        PaymentSlot slot = _requireStatus(id, PaymentStatus.Authorized);

        _payments[id] = slot.withStatus(PaymentStatus.Disputed);
        emit Disputed(id, terms.payer, terms.arbiter);
    }

    /// @inheritdoc IMatiEscrow
    function resolve(Payment calldata payment, uint256 merchantAmount) external nonReentrant {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        require(msg.sender == terms.arbiter, Escrow_NotArbiter(msg.sender, terms.arbiter));
        require(block.timestamp <= terms.resolveBy, Escrow_RulingTooLate(block.timestamp, terms.resolveBy));
        PaymentSlot slot = _requireStatus(id, PaymentStatus.Disputed);
        uint256 held = slot.heldOrRefundedDue();
        require(merchantAmount <= held, Escrow_RulingExceedsHold(merchantAmount, held));
        _split(terms, id, slot, merchantAmount);
    }

    /// @inheritdoc IMatiEscrow
    function resolveByDefault(Payment calldata payment) external nonReentrant {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        require(block.timestamp > terms.resolveBy, Escrow_DefaultTooEarly(block.timestamp, terms.resolveBy));
        PaymentSlot slot = _requireStatus(id, PaymentStatus.Disputed);
        _split(terms, id, slot, slot.heldOrRefundedDue() * terms.defaultMerchantBps / BPS);
    }

    // ---------------------------------------------------------------------------------------------- refunds

    /// @inheritdoc IMatiEscrow
    function refund(Payment calldata payment, uint256 amount, Funding funding)
        external
        nonReentrant
        returns (uint256 dueAmount)
    {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        PaymentSlot slot = _payments[id];
        uint256 captured = slot.captured();
        require(amount != 0 && amount <= captured, Escrow_RefundExceeded(amount, captured));
        // Up: refunds in many parts give back no more of the due than one would (invariant 6).
        dueAmount = Math.mulDiv(amount, _capturedDue(terms, id, slot), captured, Math.Rounding.Ceil);
        _refund(terms, id, slot, amount, dueAmount, funding);
    }

    /// @inheritdoc IMatiEscrow
    function refundDue(Payment calldata payment, uint256 dueAmount, uint256 maxAmount, Funding funding)
        external
        nonReentrant
        returns (uint256 amount)
    {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        amount = terms.currency == terms.token ? dueAmount : _rate(terms, id).toBaseDown(dueAmount);
        require(amount != 0 && amount <= maxAmount, Escrow_RefundExceeded(amount, maxAmount));
        _refund(terms, id, _payments[id], amount, dueAmount, funding);
    }

    // ---------------------------------------------------------------------------------------------- batches

    /// @inheritdoc IMatiEscrow
    function captureMany(bytes calldata orders) external nonReentrant returns (bool[] memory succeeded) {
        succeeded = new bool[](orders.count());
        CaptureOrder memory item;
        Order memory order;
        uint256 cursor = CaptureOrders.START;
        for (uint256 i = 0; i < succeeded.length; ++i) {
            uint256 gas = gasleft();
            cursor = orders.next(cursor, item);
            (order.dueAmount, order.feeBps, order.isFinal) = (item.dueAmount, item.feeBps, item.isFinal);
            bytes32 id = _hashTypedDataV4(item.payment.hashOf());
            (uint256 amount, bytes memory refusal) = _tryCapture(item.payment, id, order);
            succeeded[i] = amount != 0;
            if (amount == 0) _skip(i, gas, refusal);
        }
        orders.end(cursor);
    }

    /// @inheritdoc IMatiEscrow
    function batch(bytes[] calldata calls) external returns (bool[] memory succeeded) {
        succeeded = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            succeeded[i] = _try(i, calls[i]);
        }
    }

    // ---------------------------------------------------------------------------------------- configuration

    /// @inheritdoc IMatiEscrow
    function setTokenAllowed(address token, bool allowed) external restricted {
        if (!_intakes[token].isListed) _tokens.push(token);
        _intakes[token] = Intake({isAllowed: allowed, isListed: true, isPaused: _intake.isPaused, guard: _intake.guard});
        emit TokenAllowed(token, allowed);
    }

    /// @inheritdoc IMatiEscrow
    function setCollector(address collector, bool allowed) external restricted {
        isCollector[collector] = allowed;
        emit CollectorSet(collector, allowed);
    }

    /// @inheritdoc IMatiEscrow
    function setIntakeGuard(IIntakeGuard guard) external restricted {
        _intake.guard = guard;
        for (uint256 i = 0; i < _tokens.length; ++i) {
            _intakes[_tokens[i]].guard = guard;
        }
        emit IntakeGuardSet(guard);
    }

    /// @inheritdoc IMatiEscrow
    function setIntakePaused(bool paused) external restricted {
        _intake.isPaused = paused;
        for (uint256 i = 0; i < _tokens.length; ++i) {
            _intakes[_tokens[i]].isPaused = paused;
        }
        emit IntakePaused(paused);
    }

    /// @inheritdoc IMatiEscrow
    function freezeCapture(Payment calldata payment) external restricted {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        PaymentSlot slot = _requireStatus(id, PaymentStatus.Authorized);
        PaymentDetails storage details = _details[id];
        require(details.frozenUntil == 0, Escrow_FrozenBefore(id, details.frozenUntil));
        uint256 until = block.timestamp + FREEZE_TIME;
        // The merchant keeps the last day, and with it the signed fallback.
        require(until + FALLBACK_WINDOW <= terms.captureBy, Escrow_FreezeTooLate(until, terms.captureBy));

        // What was never captured in part has empty details, as it should.
        _payments[id] = slot.withDetails();
        // Cast: until 2106.
        details.frozenUntil = uint32(until);
        emit CaptureFrozen(id, until);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IMatiEscrow
    function paymentId(Payment calldata payment) external view returns (bytes32) {
        Payment memory terms;
        return _load(payment, terms);
    }

    /// @inheritdoc IMatiEscrow
    function paymentState(bytes32 id) external view returns (PaymentState memory) {
        PaymentSlot slot = _payments[id];
        return PaymentState({
            status: slot.status(),
            // Casts: of the slot's 112 bits; at most the due, a uint112.
            held: slot.isOpen() ? uint112(slot.heldOrRefundedDue()) : 0,
            captured: uint112(slot.captured()),
            refundedDue: uint112(_refundedDue(id, slot)),
            frozenUntil: _details[id].frozenUntil
        });
    }

    /// @inheritdoc IMatiEscrow
    function capturedDue(Payment calldata payment) external view returns (uint256) {
        Payment memory terms;
        bytes32 id = _load(payment, terms);
        return _capturedDue(terms, id, _payments[id]);
    }

    /// @inheritdoc IMatiEscrow
    function isTokenAllowed(address token) external view returns (bool) {
        return _intakes[token].isAllowed;
    }

    /// @inheritdoc IMatiEscrow
    function intakePaused() external view returns (bool) {
        return _intake.isPaused;
    }

    /// @inheritdoc IMatiEscrow
    function intakeGuard() external view returns (IIntakeGuard) {
        return _intake.guard;
    }

    // -------------------------------------------------------------------------------------------- the way in

    /// @dev Checks the terms, opens the hold and brings the money.
    function _open(Payment calldata payment, Payment memory terms, address collector, bytes calldata data)
        internal
        returns (bytes32 id)
    {
        id = _load(payment, terms);
        Intake memory intake = _intakes[terms.token];
        require(intake.isAllowed, Escrow_TokenNotAllowed(terms.token));
        require(!intake.isPaused, Escrow_IntakePaused());
        _requireTerms(terms);
        _requireStatus(id, PaymentStatus.None);

        _payments[id] = toPaymentSlot(PaymentStatus.Authorized, terms.maxAmount, 0, 0, false);
        // Of the calldata: it reverts if a field has dirty high bits.
        emit Authorized(id, terms.payer, terms.merchant, payment);

        if (address(intake.guard) != address(0)) intake.guard.onAuthorize(terms, id, msg.sender);
        _collect(terms, id, collector, data);
    }

    function _requireTerms(Payment memory payment) internal view {
        require(block.timestamp <= payment.authorizeBy, Escrow_AuthorizeExpired(block.timestamp, payment.authorizeBy));
        _requireTerm(payment.authorizeBy <= payment.captureBy, "authorizeBy");
        _requireTerm(payment.captureAfter <= payment.captureBy, "captureAfter");
        _requireTerm(payment.maxAmount != 0, "maxAmount");
        _requireTerm(payment.due != 0, "due");
        _requireTerm(payment.currency != payment.token || payment.due <= payment.maxAmount, "due");
        _requireTerm(payment.fallbackAmount <= payment.maxAmount, "fallbackAmount");
        _requireTerm(payment.minFeeBps <= payment.maxFeeBps, "minFeeBps");
        _requireTerm(payment.maxFeeBps <= BPS, "maxFeeBps");
        _requireTerm(payment.maxFeeBps == 0 || _isRecipient(payment.feeReceiver), "feeReceiver");
        _requireTerm(_isRecipient(payment.merchant), "merchant");
        _requireTerm(_isRecipient(payment.refundTo), "refundTo");
        bool isDisputable = payment.arbiter != address(0);
        _requireTerm(isDisputable ? payment.resolveBy >= payment.captureBy : payment.resolveBy == 0, "resolveBy");
        _requireTerm(payment.defaultMerchantBps <= (isDisputable ? BPS : 0), "defaultMerchantBps");
    }

    function _requireTerm(bool holds, bytes32 term) internal pure {
        require(holds, Escrow_BadTerms(term));
    }

    /// @dev Brings `maxAmount`, measured, or reverts. Nothing can come in meanwhile: every way in is locked.
    function _collect(Payment memory payment, bytes32 id, address collector, bytes calldata data) internal {
        if (collector == address(0)) {
            require(
                msg.sender == payment.payer || VERIFIER.isValid(payment.payer, id, data),
                Escrow_NotPayer(msg.sender, payment.payer)
            );
            _pull(payment.token, payment.payer, payment.maxAmount);
            return;
        }
        uint256 balanceBefore = IERC20(payment.token).balanceOf(address(this));
        if (collector == address(this)) {
            _receiveWithAuthorization(payment, id, data);
        } else {
            require(isCollector[collector], Escrow_CollectorNotAllowed(collector));
            ICollector(collector).collect(payment, id, msg.sender, data);
        }
        _requireReceived(payment.token, balanceBefore, payment.maxAmount);
    }

    function _receiveWithAuthorization(Payment memory payment, bytes32 id, bytes calldata signature) internal {
        IERC3009 token = IERC3009(payment.token);
        // ERC-3009's `validBefore` is the first second that is too late; `authorizeBy` the last one in time.
        uint256 validBefore = uint256(payment.authorizeBy) + 1;
        if (signature.length == 65) {
            token.receiveWithAuthorization(
                payment.payer,
                address(this),
                payment.maxAmount,
                0,
                validBefore,
                id,
                uint8(signature[64]),
                bytes32(signature[:32]),
                bytes32(signature[32:64])
            );
        } else {
            token.receiveWithAuthorization(
                payment.payer,
                address(this),
                payment.maxAmount,
                0,
                validBefore,
                id,
                VERIFIER.unwrap(payment.payer, signature)
            );
        }
    }

    // --------------------------------------------------------------------------------------------- the hold

    function _capture(Payment memory payment, bytes32 id, Order memory order) internal returns (uint256 amount) {
        bytes memory refusal;
        (amount, refusal) = _tryCapture(payment, id, order);
        if (amount == 0) {
            assembly ("memory-safe") {
                revert(add(refusal, 0x20), mload(refusal))
            }
        }
    }

    /// @dev Captures; or changes nothing, so that a batch can go on.
    /// @return amount What was captured; 0 only where it was refused.
    /// @return refusal Why it was: an encoded error, or whatever the oracle reverted with, which may be nothing.
    function _tryCapture(Payment memory payment, bytes32 id, Order memory order)
        internal
        returns (uint256 amount, bytes memory refusal)
    {
        PaymentSlot slot = _payments[id];
        uint256 dueBefore;
        uint256 frozenUntil;
        if (slot.hasDetails()) (dueBefore, frozenUntil) = (_details[id].capturedDue, _details[id].frozenUntil);
        refusal = _refusal(payment, id, slot.status(), dueBefore, frozenUntil, order);
        if (refusal.length != 0) return (0, refusal);
        if (msg.sender != payment.merchant) {
            bytes memory automaticRefusal = _automaticRefusal(payment, order);
            // What anyone may do needs no look at who does it.
            if (automaticRefusal.length != 0 && !_isMerchant(payment.merchant, CAPTURE)) return (0, automaticRefusal);
        }
        amount = order.dueAmount;
        if (payment.currency != payment.token) {
            (amount, refusal) = _convert(payment, id, slot.heldOrRefundedDue(), dueBefore, amount);
            if (amount == 0) return (0, refusal);
        }
        _take(payment, id, slot, dueBefore, order, amount);
    }

    /// @dev Why a capture would be refused, whoever asks and whatever the rate; empty if it would not.
    function _refusal(
        Payment memory payment,
        bytes32 id,
        PaymentStatus status,
        uint256 dueBefore,
        uint256 frozenUntil,
        Order memory order
    ) internal view returns (bytes memory refusal) {
        uint256 dueLeft = payment.due - dueBefore;
        if (status != PaymentStatus.Authorized) {
            return abi.encodeWithSelector(Escrow_WrongStatus.selector, id, status);
        }
        if (block.timestamp < payment.captureAfter) {
            return abi.encodeWithSelector(Escrow_CaptureTooEarly.selector, block.timestamp, payment.captureAfter);
        }
        if (block.timestamp > payment.captureBy) {
            return abi.encodeWithSelector(Escrow_CaptureExpired.selector, block.timestamp, payment.captureBy);
        }
        if (order.feeBps < payment.minFeeBps || order.feeBps > payment.maxFeeBps) {
            return
                abi.encodeWithSelector(
                    Escrow_FeeOutOfBounds.selector, order.feeBps, payment.minFeeBps, payment.maxFeeBps
                );
        }
        if (block.timestamp < frozenUntil) {
            return abi.encodeWithSelector(Escrow_CaptureIsFrozen.selector, id, frozenUntil);
        }
        if (order.dueAmount == 0 || order.dueAmount > dueLeft) {
            return abi.encodeWithSelector(Escrow_DueExceeded.selector, order.dueAmount, dueLeft);
        }
    }

    /// @dev Why a capture by anyone would be refused. It must keep to the terms' consent (or the payer's), all at once,
    /// at the lowest fee; the shortfall is looked at where there can be one.
    function _automaticRefusal(Payment memory payment, Order memory order)
        internal
        view
        returns (bytes memory refusal)
    {
        if (!payment.autoCapture && !order.isPayers) {
            return abi.encodeWithSelector(Escrow_NotMerchant.selector, msg.sender, payment.merchant);
        }
        if (order.dueAmount != payment.due) {
            return abi.encodeWithSelector(Escrow_DueExceeded.selector, order.dueAmount, payment.due);
        }
        if (order.feeBps != payment.minFeeBps) {
            return
                abi.encodeWithSelector(
                    Escrow_FeeOutOfBounds.selector, order.feeBps, payment.minFeeBps, payment.minFeeBps
                );
        }
    }

    /// @dev What to take of the hold for a due in another currency than the token; or 0, and why. Rounded down
    /// together with `dueBefore`, all that was captured earlier, so that many captures at one rate come to what one would
    /// (invariant 6).
    function _convert(Payment memory payment, bytes32 id, uint256 held, uint256 dueBefore, uint256 dueAmount)
        internal
        returns (uint256 amount, bytes memory refusal)
    {
        uint256 gasBefore = gasleft();
        Rate memory rate;
        try ORACLE.rate(payment.token, payment.currency) returns (Rate memory found) {
            rate = found;
            amount = rate.toBaseDown(dueBefore + dueAmount);
            if (dueBefore != 0) amount -= rate.toBaseDown(dueBefore);
        } catch (bytes memory reason) {
            if (payment.fallbackAmount == 0 || block.timestamp + FALLBACK_WINDOW < payment.captureBy) {
                return (0, reason);
            }
            // Else a caller could starve a healthy oracle of gas and choose the fallback where it suits him.
            require(gasBefore >= RATE_GAS, Escrow_InsufficientGas(gasBefore, RATE_GAS));
            amount = Math.mulDiv(payment.fallbackAmount, dueBefore + dueAmount, payment.due)
                - Math.mulDiv(payment.fallbackAmount, dueBefore, payment.due);
        }
        if (amount > held) {
            // An automatic capture must not fall short by more than the merchant tolerates.
            uint256 toleranceBps =
                _isMerchant(payment.merchant, CAPTURE) ? BPS : REGISTRY.payout(payment.merchant).toleranceBps;
            if ((amount - held) * BPS > amount * toleranceBps) {
                return (0, abi.encodeWithSelector(Escrow_ShortfallExceeded.selector, amount, held, toleranceBps));
            }
            amount = held;
        }
        if (amount == 0) return (0, abi.encodeWithSelector(Escrow_NothingToCapture.selector));

        if (rate.wad != 0) _tellRate(id, rate);
        else emit FallbackUsed(id);
    }

    /// @dev Takes `amount` of the hold for what was ordered, and ends it if that was all.
    function _take(
        Payment memory payment,
        bytes32 id,
        PaymentSlot slot,
        uint256 dueBefore,
        Order memory order,
        uint256 amount
    ) internal {
        uint256 left = slot.heldOrRefundedDue() - amount;
        bool isFinal = order.isFinal || dueBefore + order.dueAmount == payment.due;
        bool hasDetails = slot.hasDetails() || order.dueAmount != payment.due;
        // Cast: at most the due, a uint112.
        if (hasDetails) _details[id].capturedDue = uint112(dueBefore + order.dueAmount);
        (Credits memory credits, uint16 feeRemainder) = _creditCaptured(payment, slot, amount, order.feeBps);
        _payments[id] = toPaymentSlot(
            isFinal ? PaymentStatus.Captured : PaymentStatus.Authorized,
            isFinal ? 0 : left,
            slot.captured() + amount,
            feeRemainder,
            hasDetails
        );
        if (!isFinal) left = 0;
        emit Captured(
            id,
            payment.merchant,
            order.dueAmount,
            amount,
            credits.fee,
            left,
            isFinal,
            credits.merchantCredited,
            credits.feeCredited
        );

        _payOrCredit(payment.token, payment.refundTo, left, id);
    }

    /// @dev Credits what was captured: the fee to its receiver, the rest to the merchant. The caller stores the remainder.
    function _creditCaptured(Payment memory payment, PaymentSlot slot, uint256 amount, uint256 feeBps)
        internal
        returns (Credits memory credits, uint16 feeRemainder)
    {
        uint256 fee;
        (fee, feeRemainder) = chargeFee(amount, feeBps, slot.feeRemainder());
        credits.fee = fee;
        credits.merchantCredited = _addCredit(payment.merchant, payment.token, amount - fee);
        if (fee != 0) credits.feeCredited = _addCredit(payment.feeReceiver, payment.token, fee);
    }

    function _endHold(bytes32 id, PaymentStatus status) internal returns (uint256 held) {
        PaymentSlot slot = _requireStatus(id, PaymentStatus.Authorized);
        held = slot.heldOrRefundedDue();
        // Without details nothing was captured yet, so nothing refunded.
        _payments[id] = toPaymentSlot(status, 0, slot.captured(), slot.feeRemainder(), slot.hasDetails());
    }

    function _requireStatus(bytes32 id, PaymentStatus status) internal view returns (PaymentSlot slot) {
        slot = _payments[id];
        require(slot.status() == status, Escrow_WrongStatus(id, slot.status()));
    }

    /// @dev Copies the terms to `terms`; returns the payment's id.
    function _load(Payment calldata payment, Payment memory terms) internal view returns (bytes32) {
        return _hashTypedDataV4(payment.load(terms));
    }

    /// @dev Ends a disputed hold: the merchant's part is captured, for as much of the due as it is of the hold. Nothing of
    /// it was captured before: disputes end where captures begin.
    function _split(Payment memory payment, bytes32 id, PaymentSlot slot, uint256 merchantAmount) internal {
        uint256 held = slot.heldOrRefundedDue();
        // Up: whatever was captured counts as some of the due, else nobody could refund it.
        uint256 dueAmount = Math.mulDiv(payment.due, merchantAmount, held, Math.Rounding.Ceil);
        bool hasDetails = slot.hasDetails() || (merchantAmount != 0 && dueAmount != payment.due);
        // Cast: at most the due, a uint112.
        if (hasDetails) _details[id].capturedDue = uint112(dueAmount);
        (Credits memory credits, uint16 feeRemainder) =
            _creditCaptured(payment, slot, merchantAmount, payment.minFeeBps);
        _payments[id] = toPaymentSlot(PaymentStatus.Resolved, 0, merchantAmount, feeRemainder, hasDetails);
        emit Resolved(
            id,
            payment.merchant,
            msg.sender,
            dueAmount,
            merchantAmount,
            credits.fee,
            held - merchantAmount,
            credits.merchantCredited,
            credits.feeCredited
        );

        _payOrCredit(payment.token, payment.refundTo, held - merchantAmount, id);
    }

    /// @dev Gives captured money back; reverts above the captured fraction.
    function _refund(
        Payment memory payment,
        bytes32 id,
        PaymentSlot slot,
        uint256 amount,
        uint256 dueAmount,
        Funding funding
    ) internal {
        uint256 refundedDue = _refundedDue(id, slot);
        uint256 refundable = _capturedDue(payment, id, slot) - refundedDue;
        require(dueAmount != 0 && dueAmount <= refundable, Escrow_RefundExceeded(dueAmount, refundable));
        address funder = funding == Funding.Ledger ? payment.merchant : msg.sender;
        // Whoever brings the money needs no right to; the merchant's own is the merchant's to give.
        if (funding == Funding.Ledger) _requireMerchant(payment.merchant, REFUND);

        refundedDue += dueAmount;
        // A payment still held that was captured in part has details. Cast: at most the due, a uint112.
        if (slot.isOpen() || slot.hasDetails()) _details[id].refundedDue = uint112(refundedDue);
        else _payments[id] = toPaymentSlot(slot.status(), refundedDue, slot.captured(), slot.feeRemainder(), false);
        emit Refunded(id, payment.merchant, funder, amount, dueAmount);

        if (funding == Funding.Ledger) _debit(payment.merchant, payment.token, amount, payment.refundTo);
        else _pull(payment.token, msg.sender, amount);
        _payOrCredit(payment.token, payment.refundTo, amount, id);
    }

    /// @dev What was captured of the due.
    function _capturedDue(Payment memory payment, bytes32 id, PaymentSlot slot) internal view returns (uint256) {
        if (slot.hasDetails()) return _details[id].capturedDue;
        return slot.captured() == 0 ? 0 : payment.due;
    }

    /// @dev What was refunded of the due.
    function _refundedDue(bytes32 id, PaymentSlot slot) internal view returns (uint256) {
        if (slot.hasDetails()) return _details[id].refundedDue;
        return slot.isOpen() ? 0 : slot.heldOrRefundedDue();
    }

    function _rate(Payment memory payment, bytes32 id) internal returns (Rate memory rate) {
        rate = ORACLE.rate(payment.token, payment.currency);
        _tellRate(id, rate);
    }

    function _tellRate(bytes32 id, Rate memory rate) internal {
        emit RateUsed(id, rate.wad, rate.baseRoundId, rate.quoteRoundId, rate.updatedAt);
    }

    function _isMerchant(address merchant, uint8 action) internal view returns (bool) {
        return msg.sender == merchant || REGISTRY.mayAct(merchant, msg.sender, action);
    }

    function _requireMerchant(address merchant, uint8 action) internal view {
        require(_isMerchant(merchant, action), Escrow_NotMerchant(msg.sender, merchant));
    }

    // -------------------------------------------------------------------------------------------- batches

    /// @dev One call of a batch, by the batch's caller and under its own lock.
    function _try(uint256 index, bytes memory call) internal returns (bool success) {
        uint256 gas = gasleft();
        bytes memory reason;
        (success, reason) = address(this).delegatecall(call);
        if (!success) _skip(index, gas, reason);
    }

    /// @dev What failed is left out, and the others go on (invariant 14), unless it may have failed for want of gas: then
    /// whoever sends the batch would choose.
    /// @param gas What was left before it.
    function _skip(uint256 index, uint256 gas, bytes memory reason) internal {
        require(gas >= CALL_GAS, Escrow_InsufficientGas(gas, CALL_GAS));
        emit CallSkipped(index, reason);
    }
}
