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
import {PackedRest, Rest, restAfter, Standing, WHOLE} from "./types/Rest.sol";
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
        /// What can be delivered is a multiple of this: 1, but for a message.
        uint256 unit;
        /// The members that are settled, each with all of its balance above its reserve; the last one maybe with a part.
        LedgerEntry[] debits;
        /// What else is known of each of them.
        Member[] members;
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

    /// @dev How one merchant takes part in a settlement.
    struct Member {
        /// What is taken of it and of those before it.
        uint256 amountUpTo;
        /// Its `debited` counter once its part is taken.
        uint256 debitedTotal;
        /// Which part of a head's cost and of its tip's cap it bears, WAD.
        uint256 headWad;
        /// What to note of its rest, and whether that is news.
        PackedRest rest;
        bool isRestNews;
        /// What of its balance could not be paid to it before, and stays.
        uint256 kept;
        /// Whether it named recipients other than itself.
        bool isSplit;
        /// The account that a message pays, where one is sent.
        address payoutAccount;
    }

    uint256 internal constant MAX_ALLOWANCE_BPS = 1_000;
    uint256 internal constant MAX_TIP_BPS = 100;
    uint256 internal constant MAX_MESSAGE_BPS = 500;
    uint256 internal constant MAX_HEAD_BPS = 200;
    /// @dev USD of Chainlink's `Denominations`, and its decimals in the oracle; a tier's amounts have 6.
    address private constant USD = address(840);
    uint8 private constant USD_DECIMALS = 18;
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
    mapping(address merchant => mapping(address token => PackedRest)) internal _rests;
    /// @dev What could not be paid to accounts and was credited to them: as much as their `debited` counter is below this.
    /// Shared once, it is not to be shared again with whom they named as merchants themselves.
    mapping(address account => mapping(address token => uint256)) internal _keptUntil;
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
        return _rests[merchant][token].unpack();
    }

    /// @inheritdoc ISettler
    function keptOf(address account, address token) external view returns (uint256) {
        return _kept(account, token, escrow.ledger(account, token).debited);
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
        (plan.out, plan.unit) = group.eid == _localEid ? (group.asset, 1) : _carriedTo(group.eid);
        uint256 outUsdWad = 0;
        // The same token is worth itself, one for one whatever its decimals.
        if (group.token == plan.out) plan.rate.wad = 1e18;
        else (plan.rate, outUsdWad) = oracle.settlementRate(group.token, plan.out);
        _setHeads(plan, outUsdWad);

        plan.debits = new LedgerEntry[](merchants.length);
        plan.members = new Member[](merchants.length);
        plan.eligible = new bool[](merchants.length);
        plan.skips = new Skip[](merchants.length);
        uint256 count = 0;
        address previous;
        for (uint256 i = 0; i < merchants.length; ++i) {
            address merchant = merchants[i];
            require(i == 0 || previous < merchant, Settler_NotAscending(merchant));
            previous = merchant;
            Member memory its = plan.members[count];
            (uint256 amount, uint256 allowanceBps, Skip skip) =
                _member(group, plan, merchant, maxAmountIn - plan.amountIn, its);
            if (amount == 0) {
                plan.skips[i] = skip;
                continue;
            }
            plan.eligible[i] = true;
            plan.amountIn += amount;
            its.amountUpTo = plan.amountIn;
            // The smallest, so that nobody gets less than its own moment allows.
            plan.allowanceBps = count == 0 ? allowanceBps : Math.min(plan.allowanceBps, allowanceBps);
            LedgerEntry memory debit = plan.debits[count++];
            (debit.account, debit.amount) = (merchant, amount.toUint112());
        }
        plan.minReceived = Auction.lessUp(plan.rate.toQuoteUp(plan.amountIn), plan.allowanceBps);

        LedgerEntry[] memory debits = plan.debits;
        // Memory-safe: shortens an array that was made with room for all merchants, of which `count` are in it.
        assembly ("memory-safe") {
            mstore(debits, count)
        }
    }

    function _gatewayTo(uint32 eid) internal view returns (IMatiGateway way) {
        way = gateway[eid];
        require(address(way) != address(0), Settler_NoGateway(eid));
    }

    function _carriedTo(uint32 eid) private view returns (address token, uint256 unit) {
        IMatiGateway way = _gatewayTo(eid);
        return (way.token(), way.unit());
    }

    /// @dev The cap of a tip and the cost of a head in units of what is delivered, rounded down; both 0 if nobody knows its
    /// value, or if too little gas was given to find out: either is at the cost of the caller, who chose the gas.
    /// @param outUsdWad Its value in USD if the plan's rate has brought that along, else 0.
    function _setHeads(Plan memory plan, uint256 outUsdWad) private view {
        Rate memory rate;
        if (outUsdWad != 0) {
            (rate.wad, rate.baseDecimals, rate.quoteDecimals) = (outUsdWad, plan.rate.quoteDecimals, USD_DECIMALS);
        } else {
            try oracle.rate(plan.out, USD) returns (Rate memory found) {
                rate = found;
            } catch {
                return;
            }
        }
        plan.maxTip = rate.toBaseDown(plan.bounds.maxTipUsd6 * USD6);
        plan.headCost = rate.toBaseDown(plan.bounds.headUsd6 * USD6);
    }

    /// @dev How much of a merchant's balance can be settled with a group now, and how far below its value. Nothing for
    /// one that is skipped: `its` then means nothing.
    /// @param its Written over as a whole for one that is not skipped.
    function _member(Group calldata group, Plan memory plan, address merchant, uint256 room, Member memory its)
        private
        view
        returns (uint256 amount, uint256 allowanceBps, Skip skip)
    {
        Payout memory payout;
        uint256 reserve;
        {
            address settler;
            (payout, settler, reserve, its.isSplit, its.payoutAccount) = registry.settlementOf(merchant, group.token);
            if (
                payout.asset != group.asset || payout.eid != group.eid || payout.tier != group.tier
                    || settler != address(this)
            ) return (0, 0, Skip.NotMember);
        }

        Ledger memory ledger = escrow.ledger(merchant, group.token);
        if (ledger.credited == ledger.debited) return (0, 0, Skip.Empty);
        its.kept = its.isSplit && group.token == plan.out ? _kept(merchant, group.token, ledger.debited) : 0;
        if (ledger.credited - ledger.debited <= reserve + its.kept) return (0, 0, Skip.Reserved);
        if (room == 0) return (0, 0, Skip.NoRoom);

        PackedRest rest = _rests[merchant][group.token];
        Standing memory s = rest.standing(ledger, reserve + its.kept);
        (bool isDue, uint256 elapsed) = Auction.due(payout.cycle, s.since, s.auctionFrom);
        if (!isDue) return (0, 0, Skip.NotDue);

        elapsed = Math.min(elapsed, plan.bounds.growSeconds);
        amount = Math.min(s.amount, room);
        allowanceBps = group.token == plan.out ? 0 : plan.bounds.allowanceBps(elapsed);
        its.headWad = amount == s.amount ? s.headWad : Math.mulDiv(s.headWad, amount, s.amount);
        if (!_isWorthIt(group.eid, plan, amount, allowanceBps, its.headWad)) return (0, 0, Skip.TooSmall);
        its.rest = restAfter(ledger, s, amount, elapsed);
        its.isRestNews = its.rest != rest;
        its.debitedTotal = ledger.debited + amount;
    }

    function _kept(address account, address token, uint256 debited) private view returns (uint256) {
        return Math.saturatingSub(_keptUntil[account][token], debited);
    }

    /// @dev Whether something is sure to be left of it, and a head's cost within its cap.
    /// In a group no member gets less than alone: the group's allowance is the smallest, and cumulative shares are at
    /// least their exact part rounded down.
    function _isWorthIt(uint32 eid, Plan memory plan, uint256 amount, uint256 allowanceBps, uint256 headWad)
        private
        view
        returns (bool)
    {
        Tier memory bounds = plan.bounds;
        uint256 share = Auction.lessDown(plan.rate.toQuoteDown(amount), allowanceBps);
        if (_headOf(plan, headWad) > Auction.partDown(share, bounds.maxHeadBps)) return false;
        uint256 least = Auction.lessDown(share, uint256(bounds.tipBps) + bounds.maxHeadBps);
        if (eid != _localEid) least = Auction.lessDown(least, bounds.maxMessageBps);
        return least >= plan.unit;
    }

    /// @dev What a member bears of a head's cost, in units delivered, before it is capped.
    function _headOf(Plan memory plan, uint256 headWad) internal pure returns (uint256) {
        return _partOf(plan.headCost, headWad);
    }

    /// @dev What the keeper earns of a member's share of what was delivered.
    function _tipOf(Plan memory plan, uint256 share, uint256 headWad) internal pure returns (uint256) {
        uint256 tip = Math.min(Auction.partDown(share, plan.bounds.tipBps), _partOf(plan.maxTip, headWad));
        return tip + Math.min(_headOf(plan, headWad), Auction.partDown(share, plan.bounds.maxHeadBps));
    }

    function _partOf(uint256 amount, uint256 wad) private pure returns (uint256) {
        return wad == WHOLE ? amount : Math.mulDiv(amount, wad, WHOLE);
    }
}
