// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger, LedgerEntry} from "../types/Ledger.sol";
import {Payment, PaymentState, PaymentStatus} from "../types/Payment.sol";

/// @title Holds payments where the payer pays, and keeps the ledger of what everyone may take out.
/// @notice The only contract that holds money for long. Immutable. Pausing closes the way in, never a way out.
/// Amounts are in units of the token at hand unless said otherwise.
interface IMatiEscrow {
    /// @notice A hold began: `payment.maxAmount` of `payment.token` is held under `id`.
    event Authorized(bytes32 indexed id, address indexed payer, address indexed merchant, Payment payment);
    /// @notice `amount` of the hold became ledger balances: `fee` of the fee receiver, the rest of the merchant.
    /// @param dueAmount The part of the payment's due that this capture stands for, in the payment's currency.
    /// @param isFinal Whether the hold ended here; what was left of it (`surplus`) went to `refundTo`.
    /// @param rateWad Currency per token, per whole unit; 0 where none was needed (currency is the token) or none
    /// was to be had (`fallbackAmount` stood in).
    /// @param tokenRoundId Round of the token's price; `currencyRoundId` that of the currency's.
    /// @param rateUpdatedAt When the older of both prices was updated, Unix seconds.
    event Captured(
        bytes32 indexed id,
        address indexed merchant,
        uint256 dueAmount,
        uint256 amount,
        uint256 fee,
        uint256 surplus,
        bool isFinal,
        uint256 rateWad,
        uint80 tokenRoundId,
        uint80 currencyRoundId,
        uint40 rateUpdatedAt
    );
    /// @notice The merchant let the hold go; `amount` went to `refundTo`.
    event Voided(bytes32 indexed id, address indexed merchant, uint256 amount);
    /// @notice The merchant's time was over; `amount` went to `refundTo`.
    event Reclaimed(bytes32 indexed id, address indexed payer, uint256 amount);

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
    event IntakePaused(bool paused);

    /// The payment's time to be authorized is over.
    error Escrow_AuthorizeExpired(uint256 timestamp, uint256 authorizeBy);
    /// The terms contradict themselves; `term` names the one that does.
    error Escrow_BadTerms(string term);
    error Escrow_CaptureTooEarly(uint256 timestamp, uint256 captureAfter);
    error Escrow_CaptureExpired(uint256 timestamp, uint256 captureBy);
    /// More of the due would be captured than is left, or nothing at all.
    error Escrow_DueExceeded(uint256 dueAmount, uint256 dueLeft);
    error Escrow_FeeOutOfBounds(uint256 feeBps, uint256 minFeeBps, uint256 maxFeeBps);
    /// The captured part of the due is worth less than one unit of the token, or nothing is held any more.
    error Escrow_NothingToCapture();
    /// Too little gas was given for the outcome to be independent of it; nothing happened. Call with more.
    error Escrow_InsufficientGas(uint256 gas, uint256 required);
    error Escrow_InsufficientLedger(address account, address token, uint256 amount, uint256 balance);
    error Escrow_IntakePaused();
    /// Only the payer may do this, or only with the payer's signature.
    error Escrow_NotPayer(address caller, address payer);
    error Escrow_NotMerchant(address caller, address merchant);
    /// The account named another settler, or none, in the merchant registry.
    error Escrow_NotSettler(address caller, address account, address settler);
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

    /// @notice Holds `payment.maxAmount` from the payer's allowance. Only the payer may call.
    function authorize(Payment calldata payment) external returns (bytes32 id);

    /// @notice Holds `payment.maxAmount` by the payer's ERC-3009 authorization. Anyone may call: no gas is needed
    /// of the payer.
    /// @param signature The payer's signature of `ReceiveWithAuthorization(payer, escrow, maxAmount, 0, authorizeBy + 1,
    /// id)` under the token's domain; the nonce being the payment's id binds every term to the money.
    /// 65 bytes are passed as (v, r, s), anything else to the token's `bytes` variant (contract wallets).
    function authorizeWithAuthorization(Payment calldata payment, bytes calldata signature)
        external
        returns (bytes32 id);

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

    /// @notice Pays `amount` of the caller's ledger balance to `to`, unconverted. Never pausable.
    function withdraw(address token, uint256 amount, address to) external;

    /// @notice Credits ledger balances with tokens taken from the caller's allowance. Anyone may call.
    /// @param ref What the credits come from, for those who index them.
    function deposit(address token, LedgerEntry[] calldata credits, bytes32 ref) external;

    /// @notice Takes ledger balances in order to settle them: sends their sum to `to`.
    /// @dev Only a settler that every account named in the merchant registry.
    /// @return debitedTotals Each account's `debited` counter afterwards.
    function debit(address token, LedgerEntry[] calldata debits, address to)
        external
        returns (uint256[] memory debitedTotals);

    /// @notice Allows payments in a token, or no new ones. Restricted. Never touches what is held or credited.
    function setTokenAllowed(address token, bool allowed) external;

    /// @notice Pauses authorizing, and nothing else. Restricted.
    function setIntakePaused(bool paused) external;

    /// @notice The EIP-712 hash of the terms under this escrow's domain.
    function paymentId(Payment calldata payment) external view returns (bytes32);
    function paymentState(bytes32 id) external view returns (PaymentState memory);
    /// @notice What was captured of the due so far, in the payment's currency.
    /// @dev Kept for partial captures only: 0 after one capture of the whole due.
    function capturedDue(bytes32 id) external view returns (uint256);
    function ledger(address account, address token) external view returns (Ledger memory);
    /// @notice What `account` may take out in `token`.
    function balanceOf(address account, address token) external view returns (uint256);
    function isTokenAllowed(address token) external view returns (bool);
    function intakePaused() external view returns (bool);
}
