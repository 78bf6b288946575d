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
import {PaymentHash} from "./libraries/PaymentHash.sol";
import {BPS, chargeFee} from "./types/Fee.sol";
import {CaptureOrder, Funding, Payment, PaymentState, PaymentStatus} from "./types/Payment.sol";
import {PaymentDetails, PaymentSlot} from "./types/PaymentSlot.sol";
import {CAPTURE, REFUND, VOID} from "./types/Payout.sol";
import {Rate} from "./types/Rate.sol";

/// @title See `IMatiEscrow`, which is the manual.
contract MatiEscrow is EscrowLedger, AccessManaged, EIP712 {
    using PaymentHash for Payment;

    /// @dev What one capture or ruling credited; in memory, because the stack has no room for it.
    struct Credits {
        uint256 fee;
        uint256 merchantCredited;
        uint256 feeCredited;
    }

    /// @dev Everything about intake that changes seldom: one slot.
    struct Intake {
        bool paused;
        IIntakeGuard guard;
    }

    uint256 internal constant CAPTURE_ORDER_SIZE = PaymentHash.SIZE + 3 * 32;
    /// @dev How long before `captureBy` the signed fallback may stand in for a rate that cannot be had.
    uint256 internal constant FALLBACK_WINDOW = 1 days;
    /// @inheritdoc IMatiEscrow
    uint256 public constant FREEZE_TIME = 2 days;
    /// @dev With this much gas before it, a rate that failed did so for a reason of its own: more than the dearest one
    /// needs (two assets, each checked against a pool and quoted in another such), with 1/64 withheld at each call
    /// (EIP-150).
    uint256 public constant RATE_GAS = 1_100_000;
    /// @dev With this much gas before it, a call of a batch that failed did so for a reason of its own: more than the
    /// dearest rate, a transfer with all the gas it may have, and everything around them. A long list or a batch within
    /// a batch may need more and be skipped: whoever sends it chose its gas.
    uint256 public constant CALL_GAS = 2_000_000;

    IRateOracle public immutable ORACLE;
    ISignatureVerifier public immutable VERIFIER;

    mapping(bytes32 id => PaymentSlot) internal _payments;
    mapping(bytes32 id => PaymentDetails) internal _details;
    /// @inheritdoc IMatiEscrow
    mapping(address token => bool) public isTokenAllowed;
    /// @inheritdoc IMatiEscrow
    mapping(address collector => bool) public isCollector;
    Intake internal _intake;

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
        id = _open(payment, collector, data);
    }

    /// @inheritdoc IMatiEscrow
    function charge(Payment calldata payment, address collector, bytes calldata data, uint256 feeBps)
        external
        nonReentrant
        returns (bytes32 id, uint256 amount)
    {
        id = _open(payment, collector, data);
        amount = _capture(payment, id, payment.due, feeBps, true, msg.sender == payment.payer);
    }

    // -------------------------------------------------------------------------------- what happens to a hold

    /// @inheritdoc IMatiEscrow
    function capture(Payment calldata payment, uint256 dueAmount, uint256 feeBps, bool isFinal)
        external
        nonReentrant
        returns (uint256 amount)
    {
        amount = _capture(payment, paymentId(payment), dueAmount, feeBps, isFinal, false);
    }

    /// @inheritdoc IMatiEscrow
    function void(Payment calldata payment) external nonReentrant returns (uint256 amount) {
        _requireMerchant(payment.merchant, VOID);
        bytes32 id = paymentId(payment);
        amount = _endHold(id, PaymentStatus.Voided);
        emit Voided(id, payment.merchant, amount);

        _payOrCredit(payment.token, payment.refundTo, amount, id);
    }

    /// @inheritdoc IMatiEscrow
    function reclaim(Payment calldata payment) external nonReentrant returns (uint256 amount) {
        require(block.timestamp > payment.captureBy, Escrow_ReclaimTooEarly(block.timestamp, payment.captureBy));
        bytes32 id = paymentId(payment);
        amount = _endHold(id, PaymentStatus.Reclaimed);
        emit Reclaimed(id, payment.payer, amount);

        _payOrCredit(payment.token, payment.refundTo, amount, id);
    }

    /// @inheritdoc IMatiEscrow
    function dispute(Payment calldata payment) external {
        require(msg.sender == payment.payer, Escrow_NotPayer(msg.sender, payment.payer));
        require(payment.arbiter != address(0), Escrow_NoArbiter());
        require(block.timestamp < payment.captureAfter, Escrow_DisputeTooLate(block.timestamp, payment.captureAfter));
        bytes32 id = paymentId(payment);
        PaymentSlot storage slot = _requireStatus(id, PaymentStatus.Authorized);

        slot.status = PaymentStatus.Disputed;
        emit Disputed(id, payment.payer, payment.arbiter);
    }

    /// @inheritdoc IMatiEscrow
    function resolve(Payment calldata payment, uint256 merchantAmount) external nonReentrant {
        require(msg.sender == payment.arbiter, Escrow_NotArbiter(msg.sender, payment.arbiter));
        require(block.timestamp <= payment.resolveBy, Escrow_RulingTooLate(block.timestamp, payment.resolveBy));
        (bytes32 id, uint256 held) = _disputed(payment);
        require(merchantAmount <= held, Escrow_RulingExceedsHold(merchantAmount, held));
        _split(payment, id, held, merchantAmount);
    }

    /// @inheritdoc IMatiEscrow
    function resolveByDefault(Payment calldata payment) external nonReentrant {
        require(block.timestamp > payment.resolveBy, Escrow_DefaultTooEarly(block.timestamp, payment.resolveBy));
        (bytes32 id, uint256 held) = _disputed(payment);
        _split(payment, id, held, held * payment.defaultMerchantBps / BPS);
    }

    // ---------------------------------------------------------------------------------------------- refunds

    /// @inheritdoc IMatiEscrow
    function refund(Payment calldata payment, uint256 amount, Funding funding)
        external
        nonReentrant
        returns (uint256 dueAmount)
    {
        bytes32 id = paymentId(payment);
        PaymentSlot memory slot = _payments[id];
        PaymentDetails memory details = _detailsOf(id, slot);
        require(amount != 0 && amount <= slot.captured, Escrow_RefundExceeded(amount, slot.captured));
        // Up: refunds in many parts give back no more of the due than one would (invariant 6).
        dueAmount = Math.mulDiv(amount, slot.capturedDue(details, payment.due), slot.captured, Math.Rounding.Ceil);
        _refund(payment, id, slot, details, amount, dueAmount, funding);
    }

    /// @inheritdoc IMatiEscrow
    function refundDue(Payment calldata payment, uint256 dueAmount, uint256 maxAmount, Funding funding)
        external
        nonReentrant
        returns (uint256 amount)
    {
        bytes32 id = paymentId(payment);
        PaymentSlot memory slot = _payments[id];
        amount = payment.currency == payment.token ? dueAmount : _rate(payment, id).toBaseDown(dueAmount);
        require(amount != 0 && amount <= maxAmount, Escrow_RefundExceeded(amount, maxAmount));
        _refund(payment, id, slot, _detailsOf(id, slot), amount, dueAmount, funding);
    }

    // ---------------------------------------------------------------------------------------------- batches

    /// @inheritdoc IMatiEscrow
    function captureMany(CaptureOrder[] calldata orders) external returns (bool[] memory succeeded) {
        bytes4 captureSelector = this.capture.selector;
        uint256 size = CAPTURE_ORDER_SIZE;
        succeeded = new bool[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            CaptureOrder calldata order = orders[i];
            bytes memory item = new bytes(4 + CAPTURE_ORDER_SIZE);
            // All fields of `CaptureOrder` are static and in the order of `capture`'s parameters, so its calldata is theirs.
            assembly ("memory-safe") {
                mstore(add(item, 0x20), captureSelector)
                calldatacopy(add(item, 0x24), order, size)
            }
            succeeded[i] = _try(i, item);
        }
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
        isTokenAllowed[token] = allowed;
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
        emit IntakeGuardSet(guard);
    }

    /// @inheritdoc IMatiEscrow
    function setIntakePaused(bool paused) external restricted {
        _intake.paused = paused;
        emit IntakePaused(paused);
    }

    /// @inheritdoc IMatiEscrow
    function freezeCapture(Payment calldata payment) external restricted {
        bytes32 id = paymentId(payment);
        PaymentSlot storage slot = _requireStatus(id, PaymentStatus.Authorized);
        PaymentDetails storage details = _details[id];
        require(details.frozenUntil == 0, Escrow_FrozenBefore(id, details.frozenUntil));
        uint256 until = block.timestamp + FREEZE_TIME;
        // The merchant keeps the last day, and with it the signed fallback.
        require(until + FALLBACK_WINDOW <= payment.captureBy, Escrow_FreezeTooLate(until, payment.captureBy));

        // What was never captured in part has empty details, as it should.
        slot.hasDetails = true;
        // Cast: until 2106.
        details.frozenUntil = uint32(until);
        emit CaptureFrozen(id, until);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IMatiEscrow
    function paymentId(Payment calldata payment) public view returns (bytes32) {
        return _hashTypedDataV4(payment.structHash());
    }

    /// @inheritdoc IMatiEscrow
    function paymentState(bytes32 id) external view returns (PaymentState memory) {
        return _payments[id].state(_details[id]);
    }

    /// @inheritdoc IMatiEscrow
    function capturedDue(Payment calldata payment) external view returns (uint256) {
        bytes32 id = paymentId(payment);
        return _payments[id].capturedDue(_details[id], payment.due);
    }

    /// @inheritdoc IMatiEscrow
    function intakePaused() external view returns (bool) {
        return _intake.paused;
    }

    /// @inheritdoc IMatiEscrow
    function intakeGuard() external view returns (IIntakeGuard) {
        return _intake.guard;
    }

    // -------------------------------------------------------------------------------------------- the way in

    /// @dev Checks the terms, opens the hold and brings the money.
    function _open(Payment calldata payment, address collector, bytes calldata data) internal returns (bytes32 id) {
        Intake memory intake = _intake;
        require(!intake.paused, Escrow_IntakePaused());
        require(isTokenAllowed[payment.token], Escrow_TokenNotAllowed(payment.token));
        _requireTerms(payment);
        id = paymentId(payment);
        PaymentSlot storage slot = _requireStatus(id, PaymentStatus.None);

        slot.status = PaymentStatus.Authorized;
        slot.heldOrRefundedDue = payment.maxAmount;
        emit Authorized(id, payment.payer, payment.merchant, payment);

        if (address(intake.guard) != address(0)) intake.guard.onAuthorize(payment, id, msg.sender);
        _collect(payment, id, collector, data);
    }

    function _requireTerms(Payment calldata payment) internal view {
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
    function _collect(Payment calldata payment, bytes32 id, address collector, bytes calldata data) internal {
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

    function _receiveWithAuthorization(Payment calldata payment, bytes32 id, bytes calldata signature) internal {
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

    /// @param isPayers Whether the payer itself asks for it, in the transaction that brings the money.
    function _capture(
        Payment calldata payment,
        bytes32 id,
        uint256 dueAmount,
        uint256 feeBps,
        bool isFinal,
        bool isPayers
    ) internal returns (uint256 amount) {
        PaymentSlot memory slot = _requireStatus(id, PaymentStatus.Authorized);
        require(block.timestamp >= payment.captureAfter, Escrow_CaptureTooEarly(block.timestamp, payment.captureAfter));
        require(block.timestamp <= payment.captureBy, Escrow_CaptureExpired(block.timestamp, payment.captureBy));
        require(
            feeBps >= payment.minFeeBps && feeBps <= payment.maxFeeBps,
            Escrow_FeeOutOfBounds(feeBps, payment.minFeeBps, payment.maxFeeBps)
        );
        PaymentDetails memory details = _detailsOf(id, slot);
        require(block.timestamp >= details.frozenUntil, Escrow_CaptureIsFrozen(id, details.frozenUntil));
        uint256 dueBefore = details.capturedDue;
        require(
            dueAmount != 0 && dueAmount <= payment.due - dueBefore,
            Escrow_DueExceeded(dueAmount, payment.due - dueBefore)
        );

        uint256 worth = _worth(payment, id, dueBefore, dueAmount);
        if (!_isMerchant(payment.merchant, CAPTURE)) {
            _requireAutomatic(payment, slot.heldOrRefundedDue, dueAmount, feeBps, worth, isPayers);
        }
        amount = Math.min(worth, slot.heldOrRefundedDue);
        require(amount != 0, Escrow_NothingToCapture());

        // Casts: at most what is held and what is due, both uint112.
        slot.captured += uint112(amount);
        slot.heldOrRefundedDue -= uint112(amount);
        if (slot.hasDetails || dueAmount != payment.due) {
            slot.hasDetails = true;
            details.capturedDue = uint112(dueBefore + dueAmount);
            _details[id] = details;
        }
        uint256 surplus;
        if (isFinal || dueBefore + dueAmount == payment.due) {
            slot.status = PaymentStatus.Captured;
            surplus = slot.heldOrRefundedDue;
            slot.heldOrRefundedDue = 0;
        }
        Credits memory credits = _creditCaptured(payment, slot, amount, feeBps);
        _payments[id] = slot;
        emit Captured(
            id,
            payment.merchant,
            dueAmount,
            amount,
            credits.fee,
            surplus,
            slot.status == PaymentStatus.Captured,
            credits.merchantCredited,
            credits.feeCredited
        );

        _payOrCredit(payment.token, payment.refundTo, surplus, id);
    }

    /// @dev What a capture by anyone must keep to: the terms' consent (or the payer's), all at once, lowest fee, bounded
    /// shortfall.
    function _requireAutomatic(
        Payment calldata payment,
        uint256 held,
        uint256 dueAmount,
        uint256 feeBps,
        uint256 worth,
        bool isPayers
    ) internal view {
        require(payment.autoCapture || isPayers, Escrow_NotMerchant(msg.sender, payment.merchant));
        require(dueAmount == payment.due, Escrow_DueExceeded(dueAmount, payment.due));
        require(feeBps == payment.minFeeBps, Escrow_FeeOutOfBounds(feeBps, payment.minFeeBps, payment.minFeeBps));
        if (worth > held) {
            uint256 toleranceBps = REGISTRY.payout(payment.merchant).toleranceBps;
            require((worth - held) * BPS <= worth * toleranceBps, Escrow_ShortfallExceeded(worth, held, toleranceBps));
        }
    }

    /// @dev What `dueAmount` of the payment's currency is worth in its token. Rounded down together with `dueBefore`, all
    /// that was captured earlier, so that many captures at one rate come to what one would (invariant 6).
    function _worth(Payment calldata payment, bytes32 id, uint256 dueBefore, uint256 dueAmount)
        internal
        returns (uint256)
    {
        if (payment.currency == payment.token) return dueAmount;
        uint256 gasBefore = gasleft();
        try ORACLE.rate(payment.token, payment.currency) returns (Rate memory rate) {
            _tellRate(id, rate);
            return rate.toBaseDown(dueBefore + dueAmount) - rate.toBaseDown(dueBefore);
        } catch (bytes memory reason) {
            if (payment.fallbackAmount == 0 || block.timestamp + FALLBACK_WINDOW < payment.captureBy) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
            // Else a caller could starve a healthy oracle of gas and choose the fallback where it suits him.
            require(gasBefore >= RATE_GAS, Escrow_InsufficientGas(gasBefore, RATE_GAS));
            emit FallbackUsed(id);
            return Math.mulDiv(payment.fallbackAmount, dueBefore + dueAmount, payment.due)
                - Math.mulDiv(payment.fallbackAmount, dueBefore, payment.due);
        }
    }

    /// @dev Credits what was captured: the fee to its receiver, the rest to the merchant. The caller stores `slot`.
    function _creditCaptured(Payment calldata payment, PaymentSlot memory slot, uint256 amount, uint256 feeBps)
        internal
        returns (Credits memory credits)
    {
        (credits.fee, slot.feeRemainder) = chargeFee(amount, feeBps, slot.feeRemainder);
        credits.merchantCredited = _addCredit(payment.merchant, payment.token, amount - credits.fee);
        if (credits.fee != 0) credits.feeCredited = _addCredit(payment.feeReceiver, payment.token, credits.fee);
    }

    function _endHold(bytes32 id, PaymentStatus status) internal returns (uint256 held) {
        PaymentSlot storage slot = _requireStatus(id, PaymentStatus.Authorized);
        held = slot.heldOrRefundedDue;
        slot.status = status;
        // Without details nothing was captured yet, so nothing refunded.
        slot.heldOrRefundedDue = 0;
    }

    function _requireStatus(bytes32 id, PaymentStatus status) internal view returns (PaymentSlot storage slot) {
        slot = _payments[id];
        PaymentStatus found = slot.status;
        require(found == status, Escrow_WrongStatus(id, found));
    }

    function _disputed(Payment calldata payment) internal view returns (bytes32 id, uint256 held) {
        id = paymentId(payment);
        held = _requireStatus(id, PaymentStatus.Disputed).heldOrRefundedDue;
    }

    /// @dev Ends a disputed hold: the merchant's part is captured, for as much of the due as it is of the hold. Nothing of
    /// it was captured before: disputes end where captures begin.
    function _split(Payment calldata payment, bytes32 id, uint256 held, uint256 merchantAmount) internal {
        PaymentSlot memory slot = _payments[id];
        PaymentDetails memory details = _detailsOf(id, slot);
        // Up: whatever was captured counts as some of the due, else nobody could refund it.
        uint256 dueAmount = Math.mulDiv(payment.due, merchantAmount, held, Math.Rounding.Ceil);
        slot.status = PaymentStatus.Resolved;
        slot.heldOrRefundedDue = 0;
        // Casts: parts of uint112's.
        slot.captured = uint112(merchantAmount);
        if (slot.hasDetails || (merchantAmount != 0 && dueAmount != payment.due)) {
            slot.hasDetails = true;
            details.capturedDue = uint112(dueAmount);
            _details[id] = details;
        }
        Credits memory credits = _creditCaptured(payment, slot, merchantAmount, payment.minFeeBps);
        _payments[id] = slot;
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
        Payment calldata payment,
        bytes32 id,
        PaymentSlot memory slot,
        PaymentDetails memory details,
        uint256 amount,
        uint256 dueAmount,
        Funding funding
    ) internal {
        uint256 refundable =
            slot.capturedDue(details, payment.due) - slot.refundedDue(details);
        require(dueAmount != 0 && dueAmount <= refundable, Escrow_RefundExceeded(dueAmount, refundable));
        address funder = funding == Funding.Ledger ? payment.merchant : msg.sender;
        // Whoever brings the money needs no right to; the merchant's own is the merchant's to give.
        if (funding == Funding.Ledger) _requireMerchant(payment.merchant, REFUND);

        // Casts: at most the due.
        if (slot.isOpen() || slot.hasDetails) {
            // A payment still held that was captured in part has details.
            details.refundedDue += uint112(dueAmount);
            _details[id] = details;
        } else {
            slot.heldOrRefundedDue += uint112(dueAmount);
            _payments[id] = slot;
        }
        emit Refunded(id, payment.merchant, funder, amount, dueAmount);

        if (funding == Funding.Ledger) _debit(payment.merchant, payment.token, amount, payment.refundTo);
        else _pull(payment.token, msg.sender, amount);
        _payOrCredit(payment.token, payment.refundTo, amount, id);
    }

    function _rate(Payment calldata payment, bytes32 id) internal returns (Rate memory rate) {
        rate = ORACLE.rate(payment.token, payment.currency);
        _tellRate(id, rate);
    }

    function _tellRate(bytes32 id, Rate memory rate) internal {
        emit RateUsed(id, rate.wad, rate.baseRoundId, rate.quoteRoundId, rate.updatedAt);
    }

    function _detailsOf(bytes32 id, PaymentSlot memory slot) internal view returns (PaymentDetails memory details) {
        if (slot.hasDetails) details = _details[id];
    }

    function _isMerchant(address merchant, uint8 action) internal view returns (bool) {
        return msg.sender == merchant || REGISTRY.mayAct(merchant, msg.sender, action);
    }

    function _requireMerchant(address merchant, uint8 action) internal view {
        require(_isMerchant(merchant, action), Escrow_NotMerchant(msg.sender, merchant));
    }

    // -------------------------------------------------------------------------------------------- batches

    /// @dev One call of a batch, by the batch's caller and under its own lock. What it did is undone if it fails, and the
    /// others go on (invariant 14), unless it may have failed for want of gas: then whoever sends the batch would choose.
    function _try(uint256 index, bytes memory call) internal returns (bool success) {
        uint256 gas = gasleft();
        bytes memory reason;
        (success, reason) = address(this).delegatecall(call);
        if (success) return true;
        require(gas >= CALL_GAS, Escrow_InsufficientGas(gas, CALL_GAS));
        emit CallSkipped(index, reason);
    }
}
