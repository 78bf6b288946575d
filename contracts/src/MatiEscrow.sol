// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IERC3009} from "./interfaces/IERC3009.sol";
import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {TokenTransfer} from "./libraries/TokenTransfer.sol";
import {Ledger, LedgerEntry} from "./types/Ledger.sol";
import {Payment, PaymentState, PaymentStatus} from "./types/Payment.sol";
import {CAPTURE, VOID} from "./types/Payout.sol";
import {Rate} from "./types/Rate.sol";

/// @title See `IMatiEscrow`, which is the manual.
contract MatiEscrow is IMatiEscrow, AccessManaged, EIP712, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What one capture comes to; in memory, because the stack has no room for it.
    struct Capture {
        uint256 amount;
        uint256 fee;
        uint256 surplus;
        bool isFinal;
        Rate rate;
    }

    bytes32 public constant PAYMENT_TYPEHASH = keccak256(
        "Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address refundTo,bytes32 invoice)"
    );

    uint256 internal constant BPS = 10_000;
    /// @dev How long before `captureBy` the signed fallback may stand in for a rate that cannot be had.
    uint256 internal constant FALLBACK_WINDOW = 1 days;
    /// @dev With this much gas before it, a rate that failed did so for a reason of its own: more than the dearest one
    /// needs (two TWAPs over two feeds, 357,000), with 1/64 withheld at each call (EIP-150).
    uint256 internal constant RATE_GAS = 500_000;

    IMerchantRegistry public immutable REGISTRY;
    IRateOracle public immutable ORACLE;

    mapping(bytes32 id => PaymentState) internal _payments;
    /// @inheritdoc IMatiEscrow
    mapping(bytes32 id => uint256) public capturedDue;
    mapping(address account => mapping(address token => Ledger)) internal _ledgers;
    /// @inheritdoc IMatiEscrow
    mapping(address token => bool) public isTokenAllowed;
    /// @inheritdoc IMatiEscrow
    bool public intakePaused;

    constructor(address access, IMerchantRegistry registry, IRateOracle oracle)
        AccessManaged(access)
        EIP712("Mati Escrow", "1")
    {
        REGISTRY = registry;
        ORACLE = oracle;
    }

    // ---------------------------------------------------------------------------------------------- ways in

    /// @inheritdoc IMatiEscrow
    function authorize(Payment calldata payment) external nonReentrant returns (bytes32 id) {
        require(msg.sender == payment.payer, Escrow_NotPayer(msg.sender, payment.payer));
        id = _open(payment);

        uint256 balanceBefore = IERC20(payment.token).balanceOf(address(this));
        IERC20(payment.token).safeTransferFrom(payment.payer, address(this), payment.maxAmount);
        _requireReceived(payment.token, balanceBefore, payment.maxAmount);
    }

    /// @inheritdoc IMatiEscrow
    function authorizeWithAuthorization(Payment calldata payment, bytes calldata signature)
        external
        nonReentrant
        returns (bytes32 id)
    {
        id = _open(payment);

        uint256 balanceBefore = IERC20(payment.token).balanceOf(address(this));
        _receiveWithAuthorization(payment, id, signature);
        _requireReceived(payment.token, balanceBefore, payment.maxAmount);
    }

    /// @inheritdoc IMatiEscrow
    function deposit(address token, LedgerEntry[] calldata credits, bytes32 ref) external nonReentrant {
        uint256 total;
        for (uint256 i = 0; i < credits.length; ++i) {
            _requireRecipient(credits[i].account);
            _credit(credits[i].account, token, credits[i].amount, ref, msg.sender);
            total += credits[i].amount;
        }

        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), total);
        _requireReceived(token, balanceBefore, total);
    }

    // -------------------------------------------------------------------------------- what happens to a hold

    /// @inheritdoc IMatiEscrow
    function capture(Payment calldata payment, uint256 dueAmount, uint256 feeBps, bool isFinal)
        external
        nonReentrant
        returns (uint256 amount)
    {
        bytes32 id = paymentId(payment);
        PaymentState memory state = _requireAuthorized(id);
        require(block.timestamp >= payment.captureAfter, Escrow_CaptureTooEarly(block.timestamp, payment.captureAfter));
        require(block.timestamp <= payment.captureBy, Escrow_CaptureExpired(block.timestamp, payment.captureBy));
        require(
            feeBps >= payment.minFeeBps && feeBps <= payment.maxFeeBps,
            Escrow_FeeOutOfBounds(feeBps, payment.minFeeBps, payment.maxFeeBps)
        );
        uint256 dueLeft = payment.due - (state.partlyCaptured ? capturedDue[id] : 0);
        require(dueAmount != 0 && dueAmount <= dueLeft, Escrow_DueExceeded(dueAmount, dueLeft));

        Capture memory c;
        uint256 worth;
        (worth, c.rate) = _worth(payment, payment.due - dueLeft, dueAmount);
        if (!_isMerchant(payment.merchant, CAPTURE)) _requireAutomatic(payment, state, dueAmount, feeBps, worth);
        amount = Math.min(worth, state.held);
        require(amount != 0, Escrow_NothingToCapture());
        c.amount = amount;
        c.isFinal = isFinal || dueAmount == dueLeft;

        // The fee is cut from the sum of all captures so far, not from each: what rounding leaves unpaid here is paid
        // by the next capture, and never is more than the signed share taken (invariant 6).
        uint256 feeNumerator = amount * feeBps + state.feeRemainder;
        c.fee = feeNumerator / BPS;
        // Casts: the remainder is below BPS, and `amount` is at most `held`, a uint112, as was `maxAmount` before it.
        state.feeRemainder = uint16(feeNumerator % BPS);
        state.captured += uint112(amount);
        state.held -= uint112(amount);
        if (dueAmount != payment.due) {
            state.partlyCaptured = true;
            capturedDue[id] = payment.due - dueLeft + dueAmount;
        }
        if (c.isFinal) {
            state.status = PaymentStatus.Captured;
            c.surplus = state.held;
            state.held = 0;
        }
        _payments[id] = state;
        _credit(payment.merchant, payment.token, amount - c.fee, id, address(0));
        if (c.fee != 0) _credit(payment.feeReceiver, payment.token, c.fee, id, address(0));
        _emitCaptured(id, payment.merchant, dueAmount, c);

        if (c.surplus != 0) _payOrCredit(payment.token, payment.refundTo, c.surplus, id);
    }

    /// @inheritdoc IMatiEscrow
    function void(Payment calldata payment) external nonReentrant returns (uint256 amount) {
        require(_isMerchant(payment.merchant, VOID), Escrow_NotMerchant(msg.sender, payment.merchant));
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

    // -------------------------------------------------------------------------------------------- ways out

    /// @inheritdoc IMatiEscrow
    function withdraw(address token, uint256 amount, address to) external nonReentrant {
        _requireRecipient(to);
        _debit(msg.sender, token, amount, to);

        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IMatiEscrow
    function debit(address token, LedgerEntry[] calldata debits, address to)
        external
        nonReentrant
        returns (uint256[] memory debitedTotals)
    {
        _requireRecipient(to);
        uint256 total;
        debitedTotals = new uint256[](debits.length);
        for (uint256 i = 0; i < debits.length; ++i) {
            address account = debits[i].account;
            address settler = REGISTRY.settlerOf(account);
            require(msg.sender == settler, Escrow_NotSettler(msg.sender, account, settler));
            debitedTotals[i] = _debit(account, token, debits[i].amount, to);
            total += debits[i].amount;
        }

        IERC20(token).safeTransfer(to, total);
    }

    // ---------------------------------------------------------------------------------------- configuration

    /// @inheritdoc IMatiEscrow
    function setTokenAllowed(address token, bool allowed) external restricted {
        isTokenAllowed[token] = allowed;
        emit TokenAllowed(token, allowed);
    }

    /// @inheritdoc IMatiEscrow
    function setIntakePaused(bool paused) external restricted {
        intakePaused = paused;
        emit IntakePaused(paused);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IMatiEscrow
    function paymentId(Payment calldata payment) public view returns (bytes32) {
        bytes32 typehash = PAYMENT_TYPEHASH;
        bytes32 structHash;
        // `Payment` is 16 static fields, so its calldata is its EIP-712 encoding, word by word. A field with dirty high
        // bits cannot give a payment a second id: `authorize` reads every field into its event, and that reverts on it.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            calldatacopy(add(data, 0x20), payment, 0x200)
            structHash := keccak256(data, 0x220)
        }
        return _hashTypedDataV4(structHash);
    }

    /// @inheritdoc IMatiEscrow
    function paymentState(bytes32 id) external view returns (PaymentState memory) {
        return _payments[id];
    }

    /// @inheritdoc IMatiEscrow
    function ledger(address account, address token) external view returns (Ledger memory) {
        return _ledgers[account][token];
    }

    /// @inheritdoc IMatiEscrow
    function balanceOf(address account, address token) external view returns (uint256) {
        Ledger storage entry = _ledgers[account][token];
        return entry.credited - entry.debited;
    }

    // --------------------------------------------------------------------------------------------- payments

    /// @dev Checks the terms and opens the hold; the caller then brings the money or reverts.
    function _open(Payment calldata payment) internal returns (bytes32 id) {
        require(!intakePaused, Escrow_IntakePaused());
        require(isTokenAllowed[payment.token], Escrow_TokenNotAllowed(payment.token));
        require(block.timestamp <= payment.authorizeBy, Escrow_AuthorizeExpired(block.timestamp, payment.authorizeBy));
        require(payment.authorizeBy <= payment.captureBy, Escrow_BadTerms("authorizeBy"));
        require(payment.captureAfter <= payment.captureBy, Escrow_BadTerms("captureAfter"));
        require(payment.maxAmount != 0, Escrow_BadTerms("maxAmount"));
        require(payment.due != 0, Escrow_BadTerms("due"));
        require(payment.currency != payment.token || payment.due <= payment.maxAmount, Escrow_BadTerms("due"));
        require(payment.fallbackAmount <= payment.maxAmount, Escrow_BadTerms("fallbackAmount"));
        require(payment.minFeeBps <= payment.maxFeeBps, Escrow_BadTerms("minFeeBps"));
        require(payment.maxFeeBps <= BPS, Escrow_BadTerms("maxFeeBps"));
        require(payment.maxFeeBps == 0 || _isRecipient(payment.feeReceiver), Escrow_BadTerms("feeReceiver"));
        require(_isRecipient(payment.merchant), Escrow_BadTerms("merchant"));
        require(_isRecipient(payment.refundTo), Escrow_BadTerms("refundTo"));
        id = paymentId(payment);
        PaymentState storage state = _payments[id];
        require(state.status == PaymentStatus.None, Escrow_WrongStatus(id, state.status));

        state.status = PaymentStatus.Authorized;
        state.held = payment.maxAmount;
        emit Authorized(id, payment.payer, payment.merchant, payment);
    }

    function _requireAuthorized(bytes32 id) internal view returns (PaymentState memory state) {
        state = _payments[id];
        require(state.status == PaymentStatus.Authorized, Escrow_WrongStatus(id, state.status));
    }

    function _endHold(bytes32 id, PaymentStatus status) internal returns (uint256 held) {
        PaymentState memory state = _requireAuthorized(id);
        held = state.held;
        state.status = status;
        state.held = 0;
        _payments[id] = state;
    }

    function _isMerchant(address merchant, uint8 action) internal view returns (bool) {
        return msg.sender == merchant || REGISTRY.mayAct(merchant, msg.sender, action);
    }

    /// @dev What a capture by anyone must keep to: the terms' consent, all at once, lowest fee, bounded shortfall.
    function _requireAutomatic(
        Payment calldata payment,
        PaymentState memory state,
        uint256 dueAmount,
        uint256 feeBps,
        uint256 worth
    ) internal view {
        require(payment.autoCapture, Escrow_NotMerchant(msg.sender, payment.merchant));
        require(dueAmount == payment.due, Escrow_DueExceeded(dueAmount, payment.due));
        require(feeBps == payment.minFeeBps, Escrow_FeeOutOfBounds(feeBps, payment.minFeeBps, payment.minFeeBps));
        if (worth > state.held) {
            uint256 toleranceBps = REGISTRY.payout(payment.merchant).toleranceBps;
            require(
                (worth - state.held) * BPS <= worth * toleranceBps,
                Escrow_ShortfallExceeded(worth, state.held, toleranceBps)
            );
        }
    }

    /// @dev What `dueAmount` of the payment's currency is worth in its token, and the rate it was read from (all zero
    /// where none was needed or the fallback stood in). Rounded down together with `dueBefore`, all that was captured
    /// earlier, so that many captures at one rate come to what one would (invariant 6).
    function _worth(Payment calldata payment, uint256 dueBefore, uint256 dueAmount)
        internal
        view
        returns (uint256, Rate memory)
    {
        Rate memory rate;
        if (payment.currency == payment.token) return (dueAmount, rate);
        uint256 gasBefore = gasleft();
        try ORACLE.rate(payment.token, payment.currency) returns (Rate memory read) {
            return (read.toBaseDown(dueBefore + dueAmount) - read.toBaseDown(dueBefore), read);
        } catch (bytes memory reason) {
            if (payment.fallbackAmount == 0 || block.timestamp + FALLBACK_WINDOW < payment.captureBy) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
            // Else a caller could starve a healthy oracle of gas and choose the fallback where it suits him.
            require(gasBefore >= RATE_GAS, Escrow_InsufficientGas(gasBefore, RATE_GAS));
            return (
                Math.mulDiv(payment.fallbackAmount, dueBefore + dueAmount, payment.due)
                    - Math.mulDiv(payment.fallbackAmount, dueBefore, payment.due),
                rate
            );
        }
    }

    function _emitCaptured(bytes32 id, address merchant, uint256 dueAmount, Capture memory c) internal {
        emit Captured(
            id,
            merchant,
            dueAmount,
            c.amount,
            c.fee,
            c.surplus,
            c.isFinal,
            c.rate.wad,
            c.rate.baseRoundId,
            c.rate.quoteRoundId,
            c.rate.updatedAt
        );
    }

    // ----------------------------------------------------------------------------------------------- ledger

    function _credit(address account, address token, uint256 amount, bytes32 ref, address from) internal {
        if (amount == 0) return;
        Ledger memory entry = _ledgers[account][token];
        uint256 balance = entry.credited - entry.debited;
        // To the nearest second: rounded up, every unit that a stranger deposits would make any balance a second younger.
        // Cast: a mean of two 32-bit times.
        uint256 sum = balance + amount;
        entry.since = uint32((uint256(entry.since) * balance + block.timestamp * amount + sum / 2) / sum);
        entry.credited = (entry.credited + amount).toUint112();
        _ledgers[account][token] = entry;
        emit Credited(account, token, ref, from, amount, entry.credited);
    }

    function _debit(address account, address token, uint256 amount, address to) internal returns (uint256) {
        Ledger storage entry = _ledgers[account][token];
        uint256 balance = entry.credited - entry.debited;
        require(amount <= balance, Escrow_InsufficientLedger(account, token, amount, balance));
        // Cast: `debited` stays at most `credited`, a uint112.
        uint112 debitedTotal = entry.debited + uint112(amount);
        entry.debited = debitedTotal;
        emit Debited(account, token, to, amount, debitedTotal);
        return debitedTotal;
    }

    // ------------------------------------------------------------------------------------------------ money

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
                payment.payer, address(this), payment.maxAmount, 0, validBefore, id, signature
            );
        }
    }

    /// @dev Pays out, or credits the recipient's ledger balance if its transfer fails (a blocklist, a reverting hook),
    /// so that nobody's account can keep a hold from ending.
    function _payOrCredit(address token, address to, uint256 amount, bytes32 ref) internal {
        if (amount == 0) return;
        uint256 gas = gasleft();
        if (TokenTransfer.tryTransfer(token, to, amount)) return;
        require(gas >= TokenTransfer.REQUIRED_GAS, Escrow_InsufficientGas(gas, TokenTransfer.REQUIRED_GAS));
        _credit(to, token, amount, ref, address(0));
    }

    function _requireReceived(address token, uint256 balanceBefore, uint256 expected) internal view {
        uint256 received = IERC20(token).balanceOf(address(this)) - balanceBefore;
        require(received == expected, Escrow_TransferMismatch(token, received, expected));
    }

    function _isRecipient(address account) internal view returns (bool) {
        return account != address(0) && account != address(this);
    }

    function _requireRecipient(address account) internal view {
        require(_isRecipient(account), Escrow_BadRecipient(account));
    }
}
