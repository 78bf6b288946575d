// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerEntry} from "../types/Ledger.sol";
import {Returnable} from "../types/Returnable.sol";

/// @title Carries settled value to merchants' ledger balances on other chains.
/// @notice One message pays many. What arrives is credited in the other chain's escrow and settles only there.
/// Amounts are in units of the gateway's token.
/// @dev Whatever arrives with a compose message ends in exactly one of two ways, decided by what the message says and
/// by nothing that its executor chooses: credited whole, or returnable whole. Until then it waits in the endpoint and
/// anyone may retry it. Tokens transferred here by hand, without a message, are nobody's.
interface IMatiGateway {
    /// @notice `amount` was sent for `payouts` under `guid`.
    event PayoutsSent(
        bytes32 indexed guid, uint32 indexed eid, address indexed sender, uint256 amount, LedgerEntry[] payouts
    );
    /// @notice A message's whole amount was credited; the escrow's `Credited` events (ref = guid) hold the parts.
    event PayoutsCredited(bytes32 indexed guid, uint32 indexed srcEid, uint256 amount, uint256 count);
    /// @notice What arrived could not be credited: it belongs to `from` and can only go back to it on its own chain.
    /// @param payload What `giveBack` must be given. Empty for a plain return.
    /// @param reason `Gateway_UnknownSender` or `Gateway_UnreadablePayload`, encoded as an error.
    event PayoutsReturnable(
        bytes32 indexed guid, uint32 indexed srcEid, bytes32 indexed from, uint256 amount, bytes payload, bytes reason
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
    /// A compose needs no native coin, and there is nobody here to give it back to.
    error Gateway_UnexpectedValue(uint256 value);
    error Gateway_NotReturnable(bytes32 guid);
    /// Another payload than `PayoutsReturnable` told.
    error Gateway_WrongPayload(bytes32 payloadHash, bytes32 expected);
    /// More payouts than one message may carry, or none.
    error Gateway_BadCount(uint256 count, uint256 max);
    /// The account is zero or the escrow itself, or the amount is zero or no multiple of `unit`.
    error Gateway_BadPayout(uint256 index, address account, uint256 amount);
    /// A reason, never thrown: another account than the gateway of that chain sent it.
    error Gateway_UnknownSender(uint32 srcEid, bytes32 from);
    /// A reason, never thrown: the payload is of no form known here, names an account that cannot be credited, or adds
    /// up to `total` instead of the `amount` that came with it.
    error Gateway_UnreadablePayload(uint256 amount, uint256 total);

    /// @notice What the gateway carries, on this chain.
    function token() external view returns (address);
    /// @notice The most payouts that fit one message.
    function MAX_PAYOUTS() external view returns (uint256);
    /// @notice What the bridge can carry is a multiple of this: one of its shared decimals (6), in units of the token.
    function unit() external view returns (uint256);
    /// @notice The gateway of the chain `eid`, left-padded; zero for none.
    function peer(uint32 eid) external view returns (bytes32);
    /// @notice Whether a message was credited or kept as returnable: each is once (invariant 12).
    function isProcessed(bytes32 guid) external view returns (bool);
    /// @notice What waits to be given back under `guid`; empty if nothing does.
    function returnable(bytes32 guid) external view returns (Returnable memory);
    /// @notice The native fee of a message with that many payouts.
    function quote(uint32 eid, uint256 count) external view returns (uint256 nativeFee);
    /// @notice The native fee of giving back what `guid` brought.
    function quoteGiveBack(bytes32 guid, bytes calldata payload) external view returns (uint256 nativeFee);

    /// @notice Sends the payouts' sum from the caller's allowance to the accounts' ledger balances on another chain.
    /// @dev Each amount must be a multiple of `unit` already; an account may occur more than once and is credited for each.
    /// `msg.value` pays the message (too little is the endpoint's `LZ_InsufficientFee`); the rest goes to `refundTo`.
    function send(uint32 eid, LedgerEntry[] calldata payouts, address refundTo)
        external
        payable
        returns (bytes32 guid, uint256 nativeFee);

    /// @notice Sends what could not be credited back to where it came from. Anyone may call and pays the message; what
    /// it did not need goes back to the caller. While the way back is closed this reverts, and it stays claimable.
    /// @dev What a gateway sent, or could have sent, goes back with its payload, and the gateway there credits the same
    /// accounts on its own chain: a gateway is a sender that has nobody else to return it to.
    /// @param payload As told by `PayoutsReturnable`.
    function giveBack(bytes32 guid, bytes calldata payload) external payable returns (bytes32 returnGuid);

    /// @notice Names the only account on the chain `eid` whose payloads are read here; zero for none. Restricted.
    function setPeer(uint32 eid, bytes32 newPeer) external;
}
