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

/// @notice A group and those of it who are to be settled, in ascending order.
struct Side {
    Group group;
    address[] merchants;
}

/// @notice How far below the oracle's value a settlement of a tier may end.
/// @dev One slot (26 of 32 bytes). The allowance starts at `startBps` when balances become due and grows linearly to
/// `maxBps` over `growSeconds`: competition among keepers, not the bound, sets the price.
struct Tier {
    uint16 startBps;
    uint16 maxBps;
    uint32 growSeconds;
    /// What the keeper earns of what was delivered, but at most `maxTipUsd6` of each merchant and cycle.
    uint16 tipBps;
    /// The most of what was delivered that may repay the keeper's message fee.
    uint16 maxMessageBps;
    /// The most of what was delivered that may repay the cost of a head: a balance of which that is less waits.
    uint16 maxHeadBps;
    /// In millionths of a USD.
    uint48 maxTipUsd6;
    /// What repays the keeper's cost of one more merchant, in millionths of a USD; once per merchant and cycle.
    uint48 headUsd6;
}
