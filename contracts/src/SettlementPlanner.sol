// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "./interfaces/IMatiGateway.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {ISettler} from "./interfaces/ISettler.sol";
import {Auction} from "./libraries/Auction.sol";
import {Ledger, LedgerEntry} from "./types/Ledger.sol";
import {Payout} from "./types/Payout.sol";
import {Rate} from "./types/Rate.sol";
import {Rest, restAfter, Standing, WHOLE} from "./types/Rest.sol";
import {Group, Tier} from "./types/Settlement.sol";

/// @title The deciding half of the settler: who can be settled now, and what that must bring.
/// @notice Moves nothing. Holds the tiers and the ways to other chains.
abstract contract SettlementPlanner is ISettler, AccessManaged {
    using Auction for Tier;
    using SafeCast for uint256;

    /// @dev What a settlement will take and must bring, known before anything moves.
    struct Plan {
        Tier bounds;
        /// The token to deliver.
        address out;
        Rate rate;
        /// The members that are settled, each with all of its balance above its reserve; the last one maybe with a part.
        LedgerEntry[] debits;
        /// For each of them what to note of its rest, and whether that is news.
        Rest[] rests;
        bool[] isNews;
        /// For each of them which part of a head's cost and of its tip's cap it bears, WAD.
        uint256[] headWads;
        /// For each of them whether it named recipients other than itself.
        bool[] isSplit;
        /// For each of them the account that a message pays, where one is sent.
        address[] payoutAccounts;
        /// The cap of a merchant's tip and the cost of a head, in units of `out`; 0 while those have no rate in USD.
        uint256 maxTip;
        uint256 headCost;
        uint256 amountIn;
        uint256 allowanceBps;
        uint256 minReceived;
        /// For each merchant passed in whether it is settled, and if not, why.
        bool[] eligible;
        Skip[] skips;
    }

    /// @dev What one merchant would bring to a settlement.
    struct Member {
        uint256 amount;
        uint256 allowanceBps;
        uint256 headWad;
        Rest rest;
        bool isNews;
        bool isSplit;
        address payoutAccount;
    }

    uint256 internal constant MAX_ALLOWANCE_BPS = 1_000;
    uint256 internal constant MAX_TIP_BPS = 100;
    uint256 internal constant MAX_MESSAGE_BPS = 500;
    uint256 internal constant MAX_HEAD_BPS = 200;
    /// @dev USD of Chainlink's `Denominations`, 18 decimals in the oracle; a tier's amounts have 6.
    address private constant USD = address(840);
    uint256 private constant USD6 = 1e12;

    /// @inheritdoc ISettler
    IMatiEscrow public immutable escrow;
    /// @inheritdoc ISettler
    IMerchantRegistry public immutable registry;
    /// @inheritdoc ISettler
    IRateOracle public immutable oracle;
    /// @dev This chain, as the registry knows it.
    uint32 internal immutable _localEid;

    mapping(uint8 id => Tier) internal _tiers;
    mapping(address merchant => mapping(address token => Rest)) internal _rests;
    /// @inheritdoc ISettler
    mapping(uint32 eid => IMatiGateway) public gateway;

    constructor(IMatiEscrow escrow_, IMerchantRegistry registry_, IRateOracle oracle_) {
        escrow = escrow_;
        registry = registry_;
        oracle = oracle_;
        _localEid = registry_.localEid();
    }

    /// @inheritdoc ISettler
    function setTier(uint8 id, Tier calldata params) external restricted {
        require(
            params.maxBps <= MAX_ALLOWANCE_BPS && params.startBps <= params.maxBps && params.growSeconds != 0
                && params.tipBps <= MAX_TIP_BPS && params.maxMessageBps <= MAX_MESSAGE_BPS
                && params.maxHeadBps <= MAX_HEAD_BPS,
            Settler_BadTier(id)
        );

        _tiers[id] = params;
        emit TierSet(id, params);
    }

    /// @inheritdoc ISettler
    function setGateway(uint32 eid, IMatiGateway newGateway) external restricted {
        gateway[eid] = newGateway;
        emit GatewaySet(eid, newGateway);
    }

    /// @inheritdoc ISettler
    function preview(Group calldata group, address[] calldata merchants)
        external
        view
        returns (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible)
    {
        return previewPart(group, merchants, type(uint256).max);
    }

    /// @inheritdoc ISettler
    function quoteMessage(uint32 eid, uint256 members) external view returns (uint256 nativeFee) {
        return eid == _localEid ? 0 : _gatewayTo(eid).quote(eid, members);
    }

    /// @inheritdoc ISettler
    function restOf(address merchant, address token) external view returns (Rest memory) {
        return _rests[merchant][token];
    }

    /// @inheritdoc ISettler
    function tier(uint8 id) external view returns (Tier memory) {
        return _tiers[id];
    }

    /// @inheritdoc ISettler
    function previewPart(Group calldata group, address[] calldata merchants, uint256 maxAmountIn)
        public
        view
        returns (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible)
    {
        Plan memory plan = _plan(group, merchants, maxAmountIn);
        return (plan.amountIn, plan.minReceived, plan.out, plan.allowanceBps, plan.eligible);
    }

    /// @dev What is to be settled of a group now: the one place that decides, for `settle` and `preview` alike.
    function _plan(Group calldata group, address[] calldata merchants, uint256 maxAmountIn)
        internal
        view
        returns (Plan memory plan)
    {
        plan.bounds = _tiers[group.tier];
        require(plan.bounds.growSeconds != 0, Settler_BadTier(group.tier));
        plan.out = group.eid == _localEid ? group.asset : _gatewayTo(group.eid).token();
        // The same token is worth itself, one for one whatever its decimals.
        if (group.token == plan.out) plan.rate.wad = 1e18;
        else plan.rate = oracle.settlementRate(group.token, plan.out);
        (plan.maxTip, plan.headCost) = _headsIn(plan.out, plan.bounds);

        plan.debits = new LedgerEntry[](merchants.length);
        plan.rests = new Rest[](merchants.length);
        plan.isNews = new bool[](merchants.length);
        plan.headWads = new uint256[](merchants.length);
        plan.isSplit = new bool[](merchants.length);
        plan.payoutAccounts = new address[](merchants.length);
        plan.eligible = new bool[](merchants.length);
        plan.skips = new Skip[](merchants.length);
        uint256 members = 0;
        for (uint256 i = 0; i < merchants.length; ++i) {
            require(i == 0 || merchants[i - 1] < merchants[i], Settler_NotAscending(merchants[i]));
            Member memory its;
            (plan.eligible[i], plan.skips[i], its) = _member(group, plan, merchants[i], maxAmountIn - plan.amountIn);
            if (!plan.eligible[i]) continue;
            plan.amountIn += its.amount;
            // The smallest, so that nobody gets less than its own moment allows.
            plan.allowanceBps = members == 0 ? its.allowanceBps : Math.min(plan.allowanceBps, its.allowanceBps);
            plan.debits[members] = LedgerEntry({account: merchants[i], amount: its.amount.toUint112()});
            (plan.rests[members], plan.isNews[members], plan.headWads[members]) = (its.rest, its.isNews, its.headWad);
            (plan.isSplit[members], plan.payoutAccounts[members]) = (its.isSplit, its.payoutAccount);
            ++members;
        }
        plan.minReceived = Auction.lessUp(plan.rate.toQuoteUp(plan.amountIn), plan.allowanceBps);

        LedgerEntry[] memory debits = plan.debits;
        // Memory-safe: shortens an array that was made with room for all merchants, of which `members` are in it.
        assembly ("memory-safe") {
            mstore(debits, members)
        }
    }

    function _gatewayTo(uint32 eid) internal view returns (IMatiGateway way) {
        way = gateway[eid];
        require(address(way) != address(0), Settler_NoGateway(eid));
    }

    /// @dev The cap of a tip and the cost of a head in units of a token, rounded down; both 0 if nobody knows its value,
    /// or if too little gas was given to find out: either is at the cost of the caller, who chose the gas.
    function _headsIn(address out, Tier memory bounds) private view returns (uint256 maxTip, uint256 headCost) {
        try oracle.rate(out, USD) returns (Rate memory rate) {
            maxTip = rate.toBaseDown(bounds.maxTipUsd6 * USD6);
            headCost = rate.toBaseDown(bounds.headUsd6 * USD6);
        } catch {}
    }

    /// @dev Whether a merchant's balance can be settled with a group now, how much of it, and how far below its value.
    function _member(Group calldata group, Plan memory plan, address merchant, uint256 room)
        private
        view
        returns (bool isMember, Skip skip, Member memory its)
    {
        Payout memory payout;
        address settler;
        uint112 reserve;
        (payout, settler, reserve, its.isSplit, its.payoutAccount) = registry.settlementOf(merchant, group.token);
        if (
            payout.asset != group.asset || payout.eid != group.eid || payout.tier != group.tier
                || settler != address(this)
        ) return (false, Skip.NotMember, its);

        Ledger memory ledger = escrow.ledger(merchant, group.token);
        if (ledger.credited == ledger.debited) return (false, Skip.Empty, its);
        if (ledger.credited - ledger.debited <= reserve) return (false, Skip.Reserved, its);
        if (room == 0) return (false, Skip.NoRoom, its);

        Rest memory rest = _rests[merchant][group.token];
        Standing memory s = rest.standing(ledger, reserve);
        (bool isDue, uint256 elapsed) = Auction.due(payout.cycle, s.since, s.auctionFrom);
        if (!isDue) return (false, Skip.NotDue, its);

        elapsed = Math.min(elapsed, plan.bounds.growSeconds);
        its.amount = Math.min(s.amount, room);
        its.allowanceBps = group.token == plan.out ? 0 : plan.bounds.allowanceBps(elapsed);
        its.headWad = Math.mulDiv(s.headWad, its.amount, s.amount);
        if (!_isWorthIt(group.eid, plan, its)) return (false, Skip.TooSmall, its);
        its.isNews = rest.credited != 0;
        its.rest = restAfter(ledger, s, its.amount, elapsed);
        its.isNews = its.isNews || its.rest.credited != 0;
        isMember = true;
    }

    /// @dev Whether something is sure to be left of it, and a head's cost within its cap.
    /// In a group no member gets less than alone: the group's allowance is the smallest, and cumulative shares are at
    /// least their exact part rounded down.
    function _isWorthIt(uint32 eid, Plan memory plan, Member memory its) private view returns (bool) {
        Tier memory bounds = plan.bounds;
        uint256 share = Auction.lessDown(plan.rate.toQuoteDown(its.amount), its.allowanceBps);
        if (_headOf(plan, its.headWad) > Auction.partDown(share, bounds.maxHeadBps)) return false;
        uint256 least = Auction.lessDown(share, uint256(bounds.tipBps) + bounds.maxHeadBps);
        if (eid != _localEid) least = gateway[eid].cut(Auction.lessDown(least, bounds.maxMessageBps));
        return least != 0;
    }

    /// @dev What a member bears of a head's cost, in units delivered, before it is capped.
    function _headOf(Plan memory plan, uint256 headWad) internal pure returns (uint256) {
        return Math.mulDiv(plan.headCost, headWad, WHOLE);
    }

    /// @dev What the keeper earns of a member's share of what was delivered.
    function _tipOf(Plan memory plan, uint256 share, uint256 headWad) internal pure returns (uint256) {
        uint256 tip = Math.min(Auction.partDown(share, plan.bounds.tipBps), Math.mulDiv(plan.maxTip, headWad, WHOLE));
        return tip + Math.min(_headOf(plan, headWad), Auction.partDown(share, plan.bounds.maxHeadBps));
    }
}
