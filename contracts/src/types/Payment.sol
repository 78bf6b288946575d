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
    /// First second at which it can be captured.
    uint40 captureAfter;
    /// Last second at which it can be captured; after it anyone may reclaim the hold for `refundTo`.
    uint40 captureBy;
    /// Whether anyone may capture the whole `due` at the lowest signed fee.
    bool autoCapture;
    /// Where surplus, void and reclaim go.
    address refundTo;
    /// Hash of the invoice that the merchant issued; also the salt that tells equal terms apart.
    bytes32 invoice;
}

/// @notice Where the hold of a payment stands.
/// @dev `Authorized` is the only status with a hold; the later ones are final.
enum PaymentStatus {
    None,
    Authorized,
    Captured,
    Voided,
    Reclaimed
}

/// @notice What the escrow stores of one payment: one slot, all 256 bits of it.
/// @dev authorized = held + captured + returned, where returned is what went back to the payer's side.
struct PaymentState {
    PaymentStatus status;
    /// What is still held, in units of the payment's token.
    uint112 held;
    /// What was captured so far, fee included, in units of the payment's token.
    uint112 captured;
    /// The part of a fee unit (in 1/10,000) that earlier captures left unpaid, carried into the next one, so that
    /// many small captures pay the same fee as a large one.
    uint16 feeRemainder;
    /// Whether `capturedDue` holds something: set by a capture of less than the whole due.
    bool partlyCaptured;
}
