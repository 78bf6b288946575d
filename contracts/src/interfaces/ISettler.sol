// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rest} from "../types/Rest.sol";
import {Group, Side, Tier} from "../types/Settlement.sol";
import {IMatiEscrow} from "./IMatiEscrow.sol";
import {IMatiGateway} from "./IMatiGateway.sol";
import {IMerchantRegistry} from "./IMerchantRegistry.sol";
import {IRateOracle} from "./IRateOracle.sol";

/// @title Converts and pays out ledger balances, netted by group, bounded by the oracle.
/// @notice Anyone may settle and earns the tip. Holds no balance and no allowance between transactions.
interface ISettler {
    /// @notice Why a member was left out.
    enum Skip {
        /// Its payout is another one, it is not registered, or it named another settler.
        NotMember,
        /// It has no ledger balance in the group's token.
        Empty,
        /// Its cycle has not ended.
        NotDue,
        /// After the allowance, the tip and the capped fees, less than the smallest payable amount might be left of it,
        /// or the cost of a head would exceed its cap: it waits until it is worth its way.
        TooSmall,
        /// All it has in the token is the reserve that it keeps, and what could not be paid to it before (`keptOf`).
        Reserved,
        /// Those before it took all of `maxAmountIn`.
        NoRoom
    }

    /// @notice One group was settled.
    /// @param id Unique on this chain; the `ref` of ledger credits that stem from it.
    /// @param amountIn What left the ledger, in the group's token.
    /// @param received What the solver delivered, in `asset` here or in the gateway's token for another chain.
    /// @param minReceived What it had to deliver at least: the oracle's value less `allowanceBps`.
    /// @param tip What the keeper earned, dust too small for the message included; `messageRepaid` what repaid its
    /// message fee. Both out of `received`: the rest is what `PaidOut` adds up to.
    /// @param rateWad Delivered asset per group token, per whole unit; 1e18 where both are the same.
    /// @param guid The message that carries it to another chain; 0 if paid out here.
    event Settled(
        bytes32 indexed id,
        address indexed token,
        address indexed keeper,
        Group group,
        uint256 amountIn,
        uint256 received,
        uint256 minReceived,
        uint256 allowanceBps,
        uint256 tip,
        uint256 messageRepaid,
        uint256 rateWad,
        uint80 baseRoundId,
        uint80 quoteRoundId,
        bytes32 guid
    );
    /// @notice One merchant's part in a settlement.
    /// @param debitedTotal The merchant's `debited` counter after it: [debitedTotal - amountIn, debitedTotal) is the
    /// range of its credits that was consumed.
    /// @param amountOut What it got: of the asset, split among its recipients (as a ledger balance where one could not
    /// be paid), or of the gateway's token in the message.
    event PaidOut(
        bytes32 indexed id,
        address indexed merchant,
        address indexed token,
        uint256 amountIn,
        uint256 debitedTotal,
        uint256 amountOut
    );
    event MemberSkipped(bytes32 indexed id, address indexed merchant, Skip reason);
    event TierSet(uint8 indexed tier, Tier params);
    event GatewaySet(uint32 indexed eid, IMatiGateway gateway);

    error Settler_BadTier(uint8 tier);
    /// No gateway leads to that chain.
    error Settler_NoGateway(uint32 eid);
    /// None of the members had anything to settle.
    error Settler_NothingToSettle();
    /// The solver delivered less than the oracle's value less the allowance of the moment.
    error Settler_BelowBound(uint256 received, uint256 minReceived);
    /// Value was sent with a settlement that sends no message.
    error Settler_UnexpectedValue(uint256 value);
    /// Merchants are passed in ascending order, each once.
    error Settler_NotAscending(address merchant);
    /// Too little gas was left before a recipient's payment for its outcome to be independent of it; nothing happened.
    /// Call with more.
    error Settler_InsufficientGas(uint256 gas, uint256 required);
    /// The groups to be crossed do not want each other's token, both on this chain.
    error Settler_NotOpposite();
    /// What the one group wants at the oracle's rate is more than the other one has, in the other's token.
    error Settler_NotCovered(uint256 worth, uint256 amount);
    /// Less native coin was sent along than the message to the other chain costs.
    error Settler_MessageUnpaid(uint256 value, uint256 nativeFee);

    /// @notice Settles the ledger balances of a group's members: converts through `solver`, pays or sends them out,
    /// and pays the caller its tip.
    /// @dev What a member gets is, to the unit, at least `v * (1 - allowance) * (1 - tipBps - maxHeadBps)` rounded
    /// down, `v` being its balance at the oracle's rate; for another chain, less `maxMessageBps` of that and cut to what the bridge
    /// carries. It may get more: what is delivered above the bound is shared by balance.
    ///
    /// `msg.value` pays the message to another chain and is repaid out of the settled amount at the oracle's rate:
    /// every member bears an equal part, but never more than `maxMessageBps` of its own, and the caller bears the
    /// rest, so a balance not worth its part is the caller's to leave out. Without a rate of the native coin nothing
    /// is repaid. What the message did not need comes back. Ineligible members are skipped with an event.
    ///
    /// A recipient that cannot be paid gets a ledger balance instead, and no tip is taken of that: else whoever is
    /// blocked could be settled, and tipped, again and again. Of who wants the same token and named others too, it stays in
    /// the ledger, beside the reserve (`keptOf`): shared once, it is not shared again.
    /// Each member bears its own tip, `tipBps` of its share but at most `maxTipUsd6`, and the cost of one head: the sum
    /// does not depend on how many are settled at once. Without a rate in USD of what is delivered nobody is tipped.
    /// @param merchants In ascending order.
    /// @param solver Gets the tokens, and `data`; trusted with nothing. Ignored where the group's token is what is to be
    /// delivered.
    function settle(Group calldata group, address[] calldata merchants, address solver, bytes calldata data)
        external
        payable
        returns (bytes32 id);

    /// @notice The same, of at most `maxAmountIn` of the group's token: members are settled whole, in order, until one of
    /// them is settled in part; the others are skipped.
    /// @dev Whom to leave out is the keeper's choice anyway; what a part could win it beyond is ruled out: tip, cap and
    /// head's cost are those of the whole in proportion, however many the parts, and the auction of the rest is set
    /// back by the part that was taken.
    function settlePart(
        Group calldata group,
        address[] calldata merchants,
        uint256 maxAmountIn,
        address solver,
        bytes calldata data
    ) external payable returns (bytes32 id);

    /// @notice Settles two opposite groups of this chain against each other at the oracle's rate, without a pool: all of
    /// `covered`, and of `other` what that takes. What is left of `other` goes through `solver`.
    /// @dev Both groups' bounds hold as in `settle`. `covered` gets its value in full, rounded up by at most a unit;
    /// `other` gets `covered`'s tokens and what the solver delivers, shared by balance.
    /// @param solver Gets the rest of `other`, and `data`; ignored where nothing is left.
    function settleCrossed(Side calldata covered, Side calldata other, address solver, bytes calldata data)
        external
        returns (bytes32 coveredId, bytes32 otherId);

    /// @notice What `settle` would do at this moment; reverts as it would, but not for want of members.
    /// @return amountIn The members' balances that would be settled.
    /// @return minReceived The least a solver would have to deliver, in `out`.
    /// @return out The token to deliver: the asset, or the gateway's token for another chain.
    /// @return allowanceBps How far below the oracle's value `minReceived` is.
    /// @return eligible For each merchant, whether it would be settled.
    function preview(Group calldata group, address[] calldata merchants)
        external
        view
        returns (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible);

    /// @notice What `settlePart` would do at this moment, likewise.
    function previewPart(Group calldata group, address[] calldata merchants, uint256 maxAmountIn)
        external
        view
        returns (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible);

    /// @notice Whose balances it settles.
    function escrow() external view returns (IMatiEscrow);
    /// @notice Where merchants say how they are paid.
    function registry() external view returns (IMerchantRegistry);
    /// @notice Whose rates bound it.
    function oracle() external view returns (IRateOracle);
    /// @notice What the native coin is worth is asked of the oracle under this address.
    function wrappedNative() external view returns (address);

    /// @notice What of an account's ledger balance could not be paid to it by settlements: not shared again with whom it
    /// named as a merchant, but its own to withdraw. What it takes out is of this first. Units of the token.
    function keptOf(address account, address token) external view returns (uint256);
    /// @notice What the last settlement of a merchant's balance left in its ledger; all zero if nothing.
    function restOf(address merchant, address token) external view returns (Rest memory);

    /// @notice The native fee of the message that settling would send, for `members` merchants; 0 for this chain.
    function quoteMessage(uint32 eid, uint256 members) external view returns (uint256 nativeFee);

    function tier(uint8 id) external view returns (Tier memory);
    function gateway(uint32 eid) external view returns (IMatiGateway);

    /// @notice Sets a slippage tier. Restricted, behind the access manager's delay.
    /// @dev At most 10% below the oracle's value, 1% tip, 5% for the message, 2% for a head.
    function setTier(uint8 id, Tier calldata params) external;
    /// @notice Sets the way to another chain. Restricted, behind the access manager's delay.
    function setGateway(uint32 eid, IMatiGateway newGateway) external;
}
