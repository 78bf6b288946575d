// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What an operator may do: one bit each. All bits there are add up to `ALL_ACTIONS`.
uint8 constant CAPTURE = 1;
uint8 constant VOID = 2;
uint8 constant REFUND = 4;
uint8 constant ALL_ACTIONS = CAPTURE | VOID | REFUND;

/// @notice How a merchant is paid out, the same on every chain: one slot (31 of 32 bytes).
struct Payout {
    /// The token the merchant wants, by its address on the chain `eid`; zero for a merchant not registered.
    address asset;
    /// The chain where the merchant wants it, by its LayerZero endpoint id.
    uint32 eid;
    /// Seconds between payouts: balances that arrived before the last multiple of it are due. 0: at once.
    uint32 cycle;
    /// Which of the settler's slippage tiers bounds the conversion.
    uint8 tier;
    /// The most, in basis points of the due, that an automatic capture may fall short of it.
    uint16 toleranceBps;
}

/// @notice Somebody who is paid a share of a payout.
struct Recipient {
    address account;
    /// Basis points; the shares of one chain add up to 10,000.
    uint16 shareBps;
}

/// @notice What settlement leaves in the merchant's ledger, for refunds.
struct Reserve {
    address token;
    /// In units of the token.
    uint112 amount;
}

/// @notice Who may act on the merchant's behalf, and how far.
struct Operator {
    address account;
    /// A set of bits: 1 to capture, 2 to void, 4 to refund.
    uint8 actions;
    /// The last second at which it may, Unix; 0 for no end.
    uint40 until;
}

/// @notice What a merchant says of one chain.
struct ChainPayout {
    /// The chain, by its LayerZero endpoint id.
    uint32 eid;
    /// The only settler there that may move the merchant's ledger balances; zero for none.
    address settler;
    /// Who is paid there; empty for the merchant alone.
    Recipient[] recipients;
    /// What of its ledger balances there stays; empty to keep nothing.
    Reserve[] reserves;
}

/// @notice What a merchant signs once and anyone registers on every chain.
struct Registration {
    address merchant;
    /// Greater than that of the merchant's last registration on the chain.
    uint64 nonce;
    Payout payout;
    Operator[] operators;
    ChainPayout[] chains;
}

/// @notice What a payout account stands for: whose it is, and how what arrives in it is paid out on its chain.
struct PayoutTerms {
    address merchant;
    Payout payout;
    /// What the merchant says of the chain `payout.eid`.
    ChainPayout chain;
}
