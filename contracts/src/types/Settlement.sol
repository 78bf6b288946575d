// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Merchants whose ledger balances are settled together: same token, same payout, same slippage tier.
struct Group {
    /// What their ledger balances are in, on this chain.
    address token;
    /// What they want, by its address on the chain `eid`.
    address asset;
    /// Where they want it, by its LayerZero endpoint id.
    uint32 eid;
    uint8 tier;
}

/// @notice How far below the oracle's value a settlement of a tier may end.
/// @dev The allowance starts at `startBps` when balances become due and grows linearly to `maxBps` over
/// `growSeconds`: competition among keepers, not the bound, sets the price.
struct Tier {
    uint16 startBps;
    uint16 maxBps;
    uint32 growSeconds;
    /// What the keeper earns of what was delivered.
    uint16 tipBps;
    /// The most of what was delivered that may repay the keeper's message fee.
    uint16 maxMessageBps;
}
