// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The terms a payer signs. A payment's id is their EIP-712 hash under the escrow's domain, so the same
/// terms mean another payment on another chain or in another escrow.
/// @dev Full terms travel in calldata and in the `Authorized` event; the escrow stores only `PaymentState`.
/// Times are Unix seconds. Shares are basis points (1/10,000).
struct Payment {
    /// Whose money is held.
    address payer;
    /// Whose ledger balance captures go to; also the key of the merchant's registration.
    address merchant;
    /// What is held: an ERC-20 on the escrow's chain.
    address token;
    /// How much is held, in units of `token`: the most the payer can pay.
    uint112 maxAmount;
    /// What `due` is counted in: a token's address, or a fiat by Chainlink's `Denominations` (USD is address(840)).
    address currency;
    /// What is owed, in units of `currency` (USD has 18 decimals here).
    uint112 due;
    /// What stands in for the full `due`, in units of `token`, while no valid rate exists in the last day before
    /// `captureBy`; 0 for none.
    uint112 fallbackAmount;
    /// Least share of each capture that goes to `feeReceiver`; the only one an automatic capture may take.
    uint16 minFeeBps;
    /// Most of each capture that may go to `feeReceiver`.
    uint16 maxFeeBps;
    /// Who earns the fee, as a ledger balance; zero only if `maxFeeBps` is zero.
    address feeReceiver;
    /// Last second at which the payment can be authorized.
    uint40 authorizeBy;
    /// First second at which it can be captured; until then its payer may dispute it, where there is an arbiter.
    uint40 captureAfter;
    /// Last second at which it can be captured; after it anyone may reclaim the hold for `refundTo`.
    uint40 captureBy;
    /// Whether anyone may capture the whole `due` at the lowest signed fee.
    bool autoCapture;
    /// Who may split the hold once the payer disputed it; zero for nobody, and then there are no disputes.
    address arbiter;
    /// Last second of the arbiter's ruling, at least `captureBy`; after it anyone may apply the default split.
    uint40 resolveBy;
    /// The merchant's share of a disputed hold that nobody ruled on.
    uint16 defaultMerchantBps;
    /// Where surplus, void, reclaim, refunds and the payer's part of a ruling go.
    address refundTo;
    /// Hash of the invoice that the merchant issued; also the salt that tells equal terms apart.
    bytes32 invoice;
}

/// @notice Where the hold of a payment stands.
/// @dev `Authorized` and `Disputed` are the only ones with a hold; the others after `None` are final.
enum PaymentStatus {
    None,
    Authorized,
    Captured,
    Voided,
    Reclaimed,
    Disputed,
    Resolved
}

/// @notice Where a payment stands.
/// @dev authorized = held + captured + returned, where returned is what went back to the payer's side. Refunds are paid
/// from what was captured and don't change it.
struct PaymentState {
    PaymentStatus status;
    /// What is still held, in units of the payment's token.
    uint112 held;
    /// What was captured so far, fee included, in units of the payment's token.
    uint112 captured;
    /// The part of the due that was refunded, in units of the payment's currency; at most what of it was captured.
    uint112 refundedDue;
    /// Captures wait until then, Unix seconds; 0 if never frozen.
    uint32 frozenUntil;
}

/// @notice One capture of a batch: what `MatiEscrow.capture` takes.
struct CaptureOrder {
    Payment payment;
    uint256 dueAmount;
    uint256 feeBps;
    bool isFinal;
}

/// @notice Whose money a refund is paid with.
enum Funding {
    /// The merchant's ledger balance: for the merchant and its operators.
    Ledger,
    /// The caller's allowance: for anyone.
    Caller
}
