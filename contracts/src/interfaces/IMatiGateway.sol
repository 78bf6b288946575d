// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerEntry} from "../types/Ledger.sol";

/// @title Carries settled value to merchants' ledger balances on other chains.
/// @notice One message pays many. What arrives is credited in the other chain's escrow and settles only there.
interface IMatiGateway {
    /// @notice `amount` was sent for `payouts` under `guid`; amounts are cut to what the bridge can carry.
    event PayoutsSent(
        bytes32 indexed guid, uint32 indexed eid, address indexed sender, uint256 amount, LedgerEntry[] payouts
    );
    /// @notice A message's whole amount was credited; the escrow's `Credited` events (ref = guid) hold the parts.
    event PayoutsCredited(bytes32 indexed guid, uint32 indexed srcEid, uint256 amount, uint256 count);
    /// @notice What arrived could not be credited (unknown sender or unreadable payload): it belongs to `from` and can
    /// only go back to it on its own chain.
    event PayoutsReturnable(
        bytes32 indexed guid, uint32 indexed srcEid, bytes32 indexed from, uint256 amount, bytes reason
    );
    event PayoutsReturned(bytes32 indexed guid, bytes32 indexed returnGuid, uint256 amount);
    event PeerSet(uint32 indexed eid, bytes32 peer);

    error Gateway_NoPeer(uint32 eid);
    /// Neither the LayerZero endpoint nor our own token's message.
    error Gateway_NotEndpoint(address caller);
    error Gateway_NotToken(address from);
    error Gateway_AlreadyProcessed(bytes32 guid);
    /// Too little gas to credit for sure; nothing happened. Anyone retries with more.
    error Gateway_InsufficientGas(uint256 gas, uint256 required);
    error Gateway_NotReturnable(bytes32 guid);
    /// More payouts than one message may carry, or none.
    error Gateway_BadCount(uint256 count, uint256 max);
    /// Less was sent than the payouts add up to after cutting, or nothing at all.
    error Gateway_NothingToSend();

    /// @notice What the gateway carries, on this chain.
    function token() external view returns (address);
    /// @notice The most payouts that fit one message.
    function MAX_PAYOUTS() external view returns (uint256);
    /// @notice Cuts an amount to what the bridge can carry (6 shared decimals).
    function cut(uint256 amount) external view returns (uint256);
    /// @notice The native fee of a message with that many payouts.
    function quote(uint32 eid, uint256 count) external view returns (uint256 nativeFee);

    /// @notice Sends the payouts' sum from the caller's allowance to the accounts' ledger balances on another chain.
    /// @dev Each amount must be cut already. `msg.value` pays the message; the rest goes to `refundTo`.
    function send(uint32 eid, LedgerEntry[] calldata payouts, address refundTo)
        external
        payable
        returns (bytes32 guid, uint256 nativeFee);

    /// @notice Sends what could not be credited back to where it came from. Anyone may call and pays the message.
    function giveBack(bytes32 guid) external payable returns (bytes32 returnGuid);
}
