// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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

/// @notice What a merchant says of one chain.
struct ChainPayout {
    /// The chain, by its LayerZero endpoint id.
    uint32 eid;
    /// The only settler there that may move the merchant's ledger balances; zero for none.
    address settler;
    /// Who is paid there; empty for the merchant alone.
    Recipient[] recipients;
}

/// @notice What a merchant signs once and anyone registers on every chain.
struct Registration {
    address merchant;
    /// Greater than that of the merchant's last registration on the chain.
    uint64 nonce;
    Payout payout;
    /// Who may capture and void on the merchant's behalf.
    address[] operators;
    ChainPayout[] chains;
}
