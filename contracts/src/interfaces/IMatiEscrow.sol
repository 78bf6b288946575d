// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger, LedgerEntry} from "../types/Ledger.sol";
import {Funding, Payment, PaymentState, PaymentStatus} from "../types/Payment.sol";
import {IIntakeGuard} from "./IIntakeGuard.sol";
import {ISignatureVerifier} from "./ISignatureVerifier.sol";

/// @title Holds payments where the payer pays, and keeps the ledger of what everyone may take out.
/// @notice The only contract that holds money for long. Immutable. Pausing closes the way in, never a way out.
/// Amounts are in units of the token at hand unless said otherwise.
interface IMatiEscrow {
    /// @notice A hold began: `payment.maxAmount` of `payment.token` is held under `id`.
    event Authorized(bytes32 indexed id, address indexed payer, address indexed merchant, Payment payment);
    /// @notice `amount` of the hold became ledger balances: `fee` of the fee receiver, the rest of the merchant. No
    /// `Credited` tells of these.
    /// @param dueAmount The part of the payment's due that this capture stands for, in the payment's currency.
    /// @param surplus What was left of the hold and went to `refundTo`: 0 unless the capture was final.
    /// @param isFinal Whether the hold ended here.
    /// @param merchantCredited The merchant's `credited` counter afterwards; `feeCredited` that of the fee receiver (0
    /// where no fee was taken).
    event Captured(
        bytes32 indexed id,
        address indexed merchant,
        uint256 dueAmount,
        uint256 amount,
        uint256 fee,
        uint256 surplus,
        bool isFinal,
        uint256 merchantCredited,
        uint256 feeCredited
    );
    /// @notice The rate of the capture or refund that the same transaction tells of next for this payment.
    /// @param wad Currency per token, per whole unit.
    /// @param tokenRoundId Round of the token's price; `currencyRoundId` that of the currency's.
    /// @param updatedAt When the older of both prices was updated, Unix seconds.
    event RateUsed(bytes32 indexed id, uint256 wad, uint80 tokenRoundId, uint80 currencyRoundId, uint40 updatedAt);
    /// @notice No valid rate was to be had for the capture that follows: `fallbackAmount` stood in.
    event FallbackUsed(bytes32 indexed id);
    /// @notice The merchant let the hold go; `amount` went to `refundTo`.
    event Voided(bytes32 indexed id, address indexed merchant, uint256 amount);
    /// @notice The merchant's time was over; `amount` went to `refundTo`.
    event Reclaimed(bytes32 indexed id, address indexed payer, uint256 amount);
    /// @notice The payer disputes the payment: what is held waits for `arbiter`.
    event Disputed(bytes32 indexed id, address indexed payer, address indexed arbiter);
    /// @notice A disputed hold was split. Of `amount`, captured for `dueAmount` of the due, `fee` was credited to the fee
    /// receiver and the rest to the merchant, as by `Captured`; `returned` went to `refundTo`.
    /// @param by The arbiter, or whoever applied the default split.
    event Resolved(
        bytes32 indexed id,
        address indexed merchant,
        address indexed by,
        uint256 dueAmount,
        uint256 amount,
        uint256 fee,
        uint256 returned,
        uint256 merchantCredited,
        uint256 feeCredited
    );
    /// @notice `amount`, which counts as `dueAmount` of the due, went back to `refundTo`.
    /// @param funder Whose money it was: the merchant's ledger balance, or the allowance of whoever called.
    event Refunded(
        bytes32 indexed id, address indexed merchant, address indexed funder, uint256 amount, uint256 dueAmount
    );
    /// @notice A guardian keeps this payment from being captured until then, Unix seconds.
    event CaptureFrozen(bytes32 indexed id, uint256 until);
    /// @notice A call of a batch failed and was left out; `reason` is its revert data.
    event CallSkipped(uint256 indexed index, bytes reason);

    /// @notice A ledger balance grew by `amount`, and its `credited` counter to `creditedTotal`.
    /// @param ref What it came from: a payment's id, or what the depositor named (a message's guid, a settlement's id).
    /// @param from Who deposited it, since anybody may name any `ref`; zero for what this escrow itself credited.
    event Credited(
        address indexed account,
        address indexed token,
        bytes32 indexed ref,
        address from,
        uint256 amount,
        uint256 creditedTotal
    );
    /// @notice A ledger balance shrank by `amount`, and its `debited` counter grew to `debitedTotal`.
    event Debited(
        address indexed account, address indexed token, address indexed to, uint256 amount, uint256 debitedTotal
    );
    event TokenAllowed(address indexed token, bool allowed);
    event CollectorSet(address indexed collector, bool allowed);
    event IntakeGuardSet(IIntakeGuard indexed guard);
    event IntakePaused(bool paused);

    /// The payment's time to be authorized is over.
    error Escrow_AuthorizeExpired(uint256 timestamp, uint256 authorizeBy);
    /// The terms contradict themselves; `term` names the one that does, in ASCII.
    error Escrow_BadTerms(bytes32 term);
    /// The guardian froze captures of this payment until `until`.
    error Escrow_CaptureIsFrozen(bytes32 id, uint256 until);
    error Escrow_CaptureTooEarly(uint256 timestamp, uint256 captureAfter);
    error Escrow_CaptureExpired(uint256 timestamp, uint256 captureBy);
    error Escrow_CollectorNotAllowed(address collector);
    /// The arbiter's time is not over yet.
    error Escrow_DefaultTooEarly(uint256 timestamp, uint256 resolveBy);
    /// Captures may have begun: from here on only a refund helps.
    error Escrow_DisputeTooLate(uint256 timestamp, uint256 captureAfter);
    /// More of the due would be captured than is left, or nothing at all.
    error Escrow_DueExceeded(uint256 dueAmount, uint256 dueLeft);
    error Escrow_FeeOutOfBounds(uint256 feeBps, uint256 minFeeBps, uint256 maxFeeBps);
    /// A payment is frozen once at most.
    error Escrow_FrozenBefore(bytes32 id, uint256 until);
    /// It would reach into the last day of the merchant's time.
    error Escrow_FreezeTooLate(uint256 until, uint256 captureBy);
    /// The terms name nobody who could rule on a dispute.
    error Escrow_NoArbiter();
    error Escrow_NotArbiter(address caller, address arbiter);
    /// The captured part of the due is worth less than one unit of the token, or nothing is held any more.
    error Escrow_NothingToCapture();
    /// Too little gas was given for the outcome to be independent of it; nothing happened. Call with more.
    error Escrow_InsufficientGas(uint256 gas, uint256 required);
    error Escrow_InsufficientLedger(address account, address token, uint256 amount, uint256 balance);
    error Escrow_IntakePaused();
    /// All that an account was ever credited in a token would exceed 2^112 - 1 units.
    error Escrow_LedgerOverflow(address account, address token);
    /// Only the payer may do this, or only with the payer's signature.
    error Escrow_NotPayer(address caller, address payer);
    error Escrow_NotMerchant(address caller, address merchant);
    /// The account named another settler, or none, in the merchant registry.
    error Escrow_NotSettler(address caller, address account, address settler);
    /// More would be refunded than was captured and not refunded yet, or nothing at all, or more than the caller's bound.
    error Escrow_RefundExceeded(uint256 amount, uint256 max);
    error Escrow_RulingExceedsHold(uint256 merchantAmount, uint256 held);
    error Escrow_RulingTooLate(uint256 timestamp, uint256 resolveBy);
    error Escrow_ReclaimTooEarly(uint256 timestamp, uint256 captureBy);
    /// An automatic capture would fall short of the due by more than the merchant tolerates.
    error Escrow_ShortfallExceeded(uint256 worth, uint256 held, uint256 toleranceBps);
    error Escrow_TokenNotAllowed(address token);
    /// The token moved another amount than asked (fee on transfer, rebasing): refused.
    error Escrow_TransferMismatch(address token, uint256 received, uint256 expected);
    /// The payment is not in the status that this action starts from.
    error Escrow_WrongStatus(bytes32 id, PaymentStatus status);
    /// Neither an address to pay to nor the escrow itself.
    error Escrow_BadRecipient(address to);

    /// @notice Holds `payment.maxAmount`, brought in one of three ways. Anyone may call with the payer's consent: a payer
    /// needs no gas.
    /// @param collector Zero: from the payer's allowance; `data` is empty if the payer calls, else the payer's signature
    /// of the payment (EIP-712; its digest is the id), by key, ERC-1271 or ERC-6492.
    /// This escrow: by ERC-3009; `data` is the payer's signature of `ReceiveWithAuthorization(payer, escrow, maxAmount,
    /// 0, authorizeBy + 1, id)` under the token's domain, whose nonce, the payment's id, binds every term to the money. 65
    /// bytes are passed as (v, r, s), anything else to the token's `bytes` variant.
    /// Else a collector that is allowed here, which says what `data` is.
    function authorize(Payment calldata payment, address collector, bytes calldata data) external returns (bytes32 id);

    /// @notice Authorizes and captures the whole due at once; what is left of the hold goes to `refundTo`.
    /// @dev Who may: as for `capture`, or the payer itself, who then pays the lowest fee, and within the tolerance.
    function charge(Payment calldata payment, address collector, bytes calldata data, uint256 feeBps)
        external
        returns (bytes32 id, uint256 amount);

    /// @notice Turns what `dueAmount` is worth at today's rate, never more than is held, into ledger balances.
    /// @dev The merchant or its operator; anyone if the terms say auto-capture, but then only the whole due at the
    /// lowest signed fee and within the merchant's tolerance.
    /// @param dueAmount The part of `payment.due` to capture, in the payment's currency; rounded down in the token.
    /// @param feeBps Between `minFeeBps` and `maxFeeBps`; taken from the captured amount.
    /// @param isFinal Ends the hold: what is left of it goes to `refundTo`. A capture of all that was left of the due
    /// is always final.
    /// @return amount What was captured, fee included.
    function capture(Payment calldata payment, uint256 dueAmount, uint256 feeBps, bool isFinal)
        external
        returns (uint256 amount);

    /// @notice Lets go of what is still held: to `refundTo`. Only the merchant or its operator. Never pausable.
    function void(Payment calldata payment) external returns (uint256 amount);

    /// @notice Returns what is still held to `refundTo` once the merchant's time is over.
    /// @dev Anyone may call: the destination is fixed by the terms. Never pausable.
    function reclaim(Payment calldata payment) external returns (uint256 amount);

    /// @notice Keeps what is held from being captured until the arbiter ruled. Only the payer, before `captureAfter`.
    function dispute(Payment calldata payment) external;

    /// @notice Splits a disputed hold: `merchantAmount` is captured at the lowest signed fee, the rest goes to `refundTo`.
    /// Only the arbiter, until `resolveBy`. Never pausable.
    function resolve(Payment calldata payment, uint256 merchantAmount) external;

    /// @notice Splits a disputed hold as the terms say, once the arbiter's time is over. Anyone may call. Never pausable.
    /// @dev The merchant's part is rounded down.
    function resolveByDefault(Payment calldata payment) external;

    /// @notice Gives `amount` of what was captured back to `refundTo`. Never pausable.
    /// @dev From the merchant's ledger balance, fee included, only by the merchant or its operator; from the caller's
    /// allowance by anyone. Payout splits are not touched: the merchant alone bears it.
    /// @return dueAmount What it counts as: its share of all that was captured, of the captured due, rounded up. All
    /// refunds together never exceed the captured due. So the most that can still be given back is what is left of the
    /// captured due, times the captured amount over the captured due, rounded down: after odd parts less than all.
    function refund(Payment calldata payment, uint256 amount, Funding funding) external returns (uint256 dueAmount);

    /// @notice Gives back what `dueAmount` of the payment's currency is worth at today's rate, rounded down, never more
    /// than `maxAmount`; otherwise as `refund`. Without a valid rate only `refund` works.
    function refundDue(Payment calldata payment, uint256 dueAmount, uint256 maxAmount, Funding funding)
        external
        returns (uint256 amount);

    /// @notice Captures one after the other, each as `capture` by the same caller. One that fails is skipped with an
    /// event and changes nothing.
    /// @dev Reverts as a whole with `Escrow_InsufficientGas` where one fails with less gas left than any capture could
    /// need: give over two million more than is used. For a wallet that should show what it sends, `batch` takes captures
    /// as they are.
    /// @param orders `CaptureOrder`s, packed as `CaptureOrders` tells; what is not reverts as a whole.
    function captureMany(bytes calldata orders) external returns (bool[] memory succeeded);

    /// @notice Calls this contract's functions one after the other, each as if the caller had called it; otherwise as
    /// `captureMany`.
    /// @dev A call that needs more gas than any capture (long lists, a batch in the batch, a wallet deployed on the way)
    /// may be skipped for want of it: its own sender would choose that.
    /// @param calls ABI-encoded calls of this contract's functions.
    function batch(bytes[] calldata calls) external returns (bool[] memory succeeded);

    /// @notice Pays `amount` of the caller's ledger balance to `to`, unconverted. Never pausable.
    function withdraw(address token, uint256 amount, address to) external;

    /// @notice Credits ledger balances with tokens taken from the caller's allowance. Anyone may call.
    /// @param ref What the credits come from, for those who index them.
    function deposit(address token, LedgerEntry[] calldata credits, bytes32 ref) external;

    /// @notice Takes ledger balances in order to settle them: sends their sum to `to`.
    /// @dev Only a settler that every account named in the merchant registry.
    function debit(address token, LedgerEntry[] calldata debits, address to) external;

    /// @notice Allows payments in a token, or no new ones. Restricted. Never touches what is held or credited.
    /// @dev Every token ever allowed makes pausing and the guard's change 5,000 gas dearer, for good.
    function setTokenAllowed(address token, bool allowed) external;

    /// @notice Allows a collector, or no longer. Restricted.
    function setCollector(address collector, bool allowed) external;

    /// @notice Sets who is asked before money comes in; zero for nobody. Restricted.
    function setIntakeGuard(IIntakeGuard guard) external;

    /// @notice Keeps one payment from being captured for `FREEZE_TIME`, once, and only if that leaves the merchant the
    /// last day before `captureBy`. Restricted. Void, refund, dispute, rulings and what follows `captureBy` go on.
    function freezeCapture(Payment calldata payment) external;

    /// @notice Pauses authorize and charge, and nothing else. Restricted.
    function setIntakePaused(bool paused) external;

    /// @notice The EIP-712 hash of the terms under this escrow's domain.
    function paymentId(Payment calldata payment) external view returns (bytes32);
    function paymentState(bytes32 id) external view returns (PaymentState memory);
    /// @notice What was captured of the due so far, in the payment's currency.
    function capturedDue(Payment calldata payment) external view returns (uint256);
    /// @notice Who checks payers' signatures.
    function VERIFIER() external view returns (ISignatureVerifier);
    /// @notice Seconds.
    function FREEZE_TIME() external view returns (uint256);
    /// @notice With this much gas before it, a rate that failed did so for a reason of its own: more than the dearest one
    /// needs (two assets, each checked against a pool and quoted in another such), with 1/64 withheld at each call
    /// (EIP-150).
    function RATE_GAS() external view returns (uint256);
    /// @notice With this much gas before it, a call of a batch that failed did so for a reason of its own: more than the
    /// dearest rate, a transfer with all the gas it may have, and everything around them. A long list or a batch within
    /// a batch may need more and be skipped: whoever sends it chose its gas.
    function CALL_GAS() external view returns (uint256);
    function ledger(address account, address token) external view returns (Ledger memory);
    /// @notice What `account` may take out in `token`.
    function balanceOf(address account, address token) external view returns (uint256);
    function isTokenAllowed(address token) external view returns (bool);
    function isCollector(address collector) external view returns (bool);
    function intakeGuard() external view returns (IIntakeGuard);
    function intakePaused() external view returns (bool);
}
