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
        /// The members that are settled, each with all of its balance above its reserve.
        LedgerEntry[] debits;
        uint256 amountIn;
        uint256 allowanceBps;
        uint256 minReceived;
        /// For each merchant passed in whether it is settled, and if not, why.
        bool[] eligible;
        Skip[] skips;
    }

    uint256 internal constant MAX_ALLOWANCE_BPS = 1_000;
    uint256 internal constant MAX_TIP_BPS = 100;
    uint256 internal constant MAX_MESSAGE_BPS = 500;

    IMatiEscrow public immutable escrow;
    IMerchantRegistry public immutable registry;
    IRateOracle public immutable oracle;
    /// @dev This chain, as the registry knows it.
    uint32 internal immutable _localEid;

    mapping(uint8 id => Tier) internal _tiers;
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
                && params.tipBps <= MAX_TIP_BPS && params.maxMessageBps <= MAX_MESSAGE_BPS,
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
        Plan memory plan = _plan(group, merchants);
        return (plan.amountIn, plan.minReceived, plan.out, plan.allowanceBps, plan.eligible);
    }

    /// @inheritdoc ISettler
    function quoteMessage(uint32 eid, uint256 members) external view returns (uint256 nativeFee) {
        return eid == _localEid ? 0 : _gatewayTo(eid).quote(eid, members);
    }

    /// @inheritdoc ISettler
    function tier(uint8 id) external view returns (Tier memory) {
        return _tiers[id];
    }

    /// @dev What is to be settled of a group now: the one place that decides, for `settle` and `preview` alike.
    function _plan(Group calldata group, address[] calldata merchants) internal view returns (Plan memory plan) {
        plan.bounds = _tiers[group.tier];
        require(plan.bounds.growSeconds != 0, Settler_BadTier(group.tier));
        plan.out = group.eid == _localEid ? group.asset : _gatewayTo(group.eid).token();
        // The same token is worth itself, one for one whatever its decimals.
        if (group.token == plan.out) plan.rate.wad = 1e18;
        else plan.rate = oracle.settlementRate(group.token, plan.out);

        plan.debits = new LedgerEntry[](merchants.length);
        plan.eligible = new bool[](merchants.length);
        plan.skips = new Skip[](merchants.length);
        uint256 members = 0;
        for (uint256 i = 0; i < merchants.length; ++i) {
            require(i == 0 || merchants[i - 1] < merchants[i], Settler_NotAscending(merchants[i]));
            (bool isMember, Skip skip, uint256 amount, uint256 allowance) = _member(group, plan, merchants[i]);
            plan.eligible[i] = isMember;
            plan.skips[i] = skip;
            if (!isMember) continue;
            plan.amountIn += amount;
            // The smallest, so that nobody gets less than its own moment allows.
            plan.allowanceBps = members == 0 ? allowance : Math.min(plan.allowanceBps, allowance);
            plan.debits[members++] = LedgerEntry({account: merchants[i], amount: amount.toUint112()});
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

    /// @dev Whether a merchant's balance can be settled with a group now, and how far below its value.
    function _member(Group calldata group, Plan memory plan, address merchant)
        private
        view
        returns (bool isMember, Skip skip, uint256 amount, uint256 allowanceBps)
    {
        (Payout memory payout, address settler, uint112 reserve) = registry.settlementOf(merchant, group.token);
        if (
            payout.asset != group.asset || payout.eid != group.eid || payout.tier != group.tier
                || settler != address(this)
        ) return (false, Skip.NotMember, 0, 0);

        Ledger memory ledger = escrow.ledger(merchant, group.token);
        amount = ledger.credited - ledger.debited;
        if (amount == 0) return (false, Skip.Empty, 0, 0);
        if (amount <= reserve) return (false, Skip.Reserved, 0, 0);
        amount -= reserve;

        (bool isDue, uint256 elapsed) = Auction.due(payout.cycle, ledger.since);
        if (!isDue) return (false, Skip.NotDue, 0, 0);

        allowanceBps = group.token == plan.out ? 0 : plan.bounds.allowanceBps(elapsed);
        if (_leastPayout(group.eid, plan, amount, allowanceBps) == 0) return (false, Skip.TooSmall, 0, 0);
        isMember = true;
    }

    /// @dev What is left of a balance at least: its value less the allowance, the tip and the capped message fee.
    /// In a group no member gets less than alone: the group's allowance is the smallest, and cumulative shares are at
    /// least their exact part rounded down.
    function _leastPayout(uint32 eid, Plan memory plan, uint256 amount, uint256 allowanceBps)
        private
        view
        returns (uint256 least)
    {
        least = Auction.lessDown(plan.rate.toQuoteDown(amount), allowanceBps);
        least = Auction.lessDown(least, plan.bounds.tipBps);
        if (eid != _localEid) least = gateway[eid].cut(Auction.lessDown(least, plan.bounds.maxMessageBps));
    }
}
