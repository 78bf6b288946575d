// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "./interfaces/IMatiGateway.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {ISettler} from "./interfaces/ISettler.sol";
import {ISolver} from "./interfaces/ISolver.sol";
import {Auction} from "./libraries/Auction.sol";
import {TokenTransfer} from "./libraries/TokenTransfer.sol";
import {SettlementPlanner} from "./SettlementPlanner.sol";
import {LedgerEntry} from "./types/Ledger.sol";
import {Recipient} from "./types/Payout.sol";
import {Rate} from "./types/Rate.sol";
import {nextPart} from "./types/Share.sol";
import {Group, Side} from "./types/Settlement.sol";

/// @title Converts and pays out ledger balances, netted by group, bounded by the oracle.
/// @notice The escrow lets it move only the balances of merchants who named it. Keepers choose solver, members and
/// moment; all that this can win them is the allowance of the moment and the tip.
contract Settler is SettlementPlanner, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What a settlement brought, and where it went: `received` = `tip` + `messageRepaid` + what was paid out.
    struct Outcome {
        uint256 received;
        uint256 tip;
        uint256 messageRepaid;
        bytes32 guid;
    }

    /// @inheritdoc ISettler
    address public immutable wrappedNative;

    constructor(
        IMatiEscrow escrow_,
        IMerchantRegistry registry_,
        IRateOracle oracle_,
        address wrappedNative_,
        address access
    ) SettlementPlanner(escrow_, registry_, oracle_) AccessManaged(access) {
        wrappedNative = wrappedNative_;
    }

    /// @inheritdoc ISettler
    function settle(Group calldata group, address[] calldata merchants, address solver, bytes calldata data)
        external
        payable
        nonReentrant
        returns (bytes32 id)
    {
        return _settle(group, merchants, type(uint256).max, solver, data);
    }

    /// @inheritdoc ISettler
    function settlePart(
        Group calldata group,
        address[] calldata merchants,
        uint256 maxAmountIn,
        address solver,
        bytes calldata data
    ) external payable nonReentrant returns (bytes32 id) {
        return _settle(group, merchants, maxAmountIn, solver, data);
    }

    function _settle(
        Group calldata group,
        address[] calldata merchants,
        uint256 maxAmountIn,
        address solver,
        bytes calldata data
    ) private returns (bytes32 id) {
        Plan memory plan;
        (id, plan) = _begin(group, merchants, maxAmountIn);
        _finish(id, group, plan, _convert(group.token, plan, solver, data));
    }

    /// @inheritdoc ISettler
    function settleCrossed(Side calldata covered, Side calldata other, address solver, bytes calldata data)
        external
        nonReentrant
        returns (bytes32 coveredId, bytes32 otherId)
    {
        require(
            covered.group.token == other.group.asset && other.group.token == covered.group.asset
                && covered.group.token != other.group.token && covered.group.eid == _localEid
                && other.group.eid == _localEid,
            Settler_NotOpposite()
        );
        Plan memory plan;
        Plan memory otherPlan;
        (coveredId, plan) = _begin(covered.group, covered.merchants, type(uint256).max);
        (otherId, otherPlan) = _begin(other.group, other.merchants, type(uint256).max);
        (Outcome memory outcome, Outcome memory otherOutcome) = _cross(plan, otherPlan, solver, data);

        _finish(coveredId, covered.group, plan, outcome);
        _finish(otherId, other.group, otherPlan, otherOutcome);
    }

    /// @dev Decides, notes what will be left, and tells who was left out.
    function _begin(Group calldata group, address[] calldata merchants, uint256 maxAmountIn)
        private
        returns (bytes32 id, Plan memory plan)
    {
        plan = _plan(group, merchants, maxAmountIn);
        require(plan.debits.length != 0, Settler_NothingToSettle());
        // No other has this one: a `debited` counter only grows.
        id = keccak256(
            abi.encode(block.chainid, address(this), group.token, plan.debits[0].account, plan.members[0].debitedTotal)
        );
        uint256 skipped = merchants.length - plan.debits.length;
        for (uint256 i = 0; skipped != 0; ++i) {
            if (plan.eligible[i]) continue;
            emit MemberSkipped(id, merchants[i], plan.skips[i]);
            --skipped;
        }

        for (uint256 i = 0; i < plan.debits.length; ++i) {
            Member memory its = plan.members[i];
            if (its.isRestNews) _rests[plan.debits[i].account][group.token] = its.rest;
            if (its.kept != 0) _keptUntil[plan.debits[i].account][group.token] = its.debitedTotal + its.kept;
        }
    }

    /// @dev Pays out what was delivered, and the caller.
    function _finish(bytes32 id, Group calldata group, Plan memory plan, Outcome memory outcome) private {
        if (group.eid == _localEid) _payHere(id, group.token, plan, outcome);
        else _sendAcross(id, group, plan, outcome);
        uint256 earned = outcome.tip + outcome.messageRepaid;
        if (earned != 0) IERC20(plan.out).safeTransfer(msg.sender, earned);

        _emitSettled(id, group, plan, outcome);
    }

    /// @dev Takes the members' balances, hands them to the solver and measures what it delivered.
    /// What lay here before is no delivery, and stays.
    function _convert(address token, Plan memory plan, address solver, bytes calldata data)
        private
        returns (Outcome memory outcome)
    {
        bool asIs = token == plan.out;
        uint256 balanceBefore = IERC20(plan.out).balanceOf(address(this));
        escrow.debit(token, plan.debits, asIs ? address(this) : solver);
        if (!asIs) ISolver(solver).solve(token, plan.amountIn, plan.out, plan.minReceived, data);
        outcome.received = IERC20(plan.out).balanceOf(address(this)) - balanceBefore;
        _requireBound(plan, outcome);
    }

    /// @dev Takes both groups' balances and gives each the other's, at the covered one's rate; what is left of the other
    /// one's goes through the solver, whose delivery is measured.
    function _cross(Plan memory plan, Plan memory otherPlan, address solver, bytes calldata data)
        private
        returns (Outcome memory outcome, Outcome memory otherOutcome)
    {
        outcome.received = plan.rate.toQuoteUp(plan.amountIn);
        require(outcome.received <= otherPlan.amountIn, Settler_NotCovered(outcome.received, otherPlan.amountIn));
        uint256 left = otherPlan.amountIn - outcome.received;
        escrow.debit(otherPlan.out, plan.debits, address(this));
        escrow.debit(plan.out, otherPlan.debits, address(this));

        otherOutcome.received = plan.amountIn;
        if (left != 0) {
            uint256 balanceBefore = IERC20(otherPlan.out).balanceOf(address(this));
            uint256 minOut = Math.saturatingSub(otherPlan.minReceived, plan.amountIn);
            IERC20(plan.out).safeTransfer(solver, left);
            ISolver(solver).solve(plan.out, left, otherPlan.out, minOut, data);
            otherOutcome.received += IERC20(otherPlan.out).balanceOf(address(this)) - balanceBefore;
        }
        _requireBound(plan, outcome);
        _requireBound(otherPlan, otherOutcome);
    }

    function _requireBound(Plan memory plan, Outcome memory outcome) private pure {
        require(outcome.received >= plan.minReceived, Settler_BelowBound(outcome.received, plan.minReceived));
    }

    /// @dev Pays each member's share to its recipients on this chain.
    function _payHere(bytes32 id, address token, Plan memory plan, Outcome memory outcome) private {
        require(msg.value == 0, Settler_UnexpectedValue(msg.value));
        uint256 before = 0;
        for (uint256 i = 0; i < plan.debits.length; ++i) {
            LedgerEntry memory debit = plan.debits[i];
            Member memory its = plan.members[i];
            uint256 upTo = _shareUpTo(plan, its, outcome.received);
            uint256 share = upTo - before;
            before = upTo;
            uint256 tip = _tipOf(plan, share, its.headWad);
            uint256 tipReturned = its.isSplit
                ? _payRecipients(id, plan.out, debit.account, share - tip, tip)
                : _pay(id, plan.out, debit.account, debit.account, share - tip, tip);
            outcome.tip += tip - tipReturned;
            _emitPaidOut(id, token, debit, its, share - tip + tipReturned);
        }
    }

    /// @dev Splits one member's share among its recipients, and what was tipped of it in proportion.
    function _payRecipients(bytes32 id, address out, address merchant, uint256 share, uint256 tip)
        private
        returns (uint256 tipReturned)
    {
        Recipient[] memory recipients = registry.recipients(merchant);
        uint256 bpsBefore = 0;
        for (uint256 i = 0; i < recipients.length; ++i) {
            uint256 part = nextPart(share, bpsBefore, recipients[i].shareBps, Auction.BPS);
            bpsBefore += recipients[i].shareBps;
            if (part != 0) {
                tipReturned += _pay(id, out, merchant, recipients[i].account, part, Math.mulDiv(tip, part, share));
            }
        }
    }

    /// @dev Each recipient is paid by itself (invariant 14). One that cannot be paid gets a ledger balance, and back what
    /// was tipped of its part.
    function _pay(bytes32 id, address out, address merchant, address recipient, uint256 part, uint256 tip)
        private
        returns (uint256 tipReturned)
    {
        uint256 gas = gasleft();
        require(gas >= TokenTransfer.REQUIRED_GAS, Settler_InsufficientGas(gas, TokenTransfer.REQUIRED_GAS));
        // What the escrow were paid would belong to nobody: it is the merchant's to withdraw.
        bool isEscrow = recipient == address(escrow);
        if (!isEscrow && TokenTransfer.tryTransfer(out, recipient, part)) return 0;
        if (isEscrow) recipient = merchant;
        _credit(id, out, recipient, part + tip);
        _keep(recipient, out, part + tip);
        return tip;
    }

    /// @dev Notes what could not be paid to an account. What it takes out later is of this first.
    function _keep(address account, address token, uint256 amount) private {
        mapping(address token => uint256) storage keptUntil = _keptUntil[account];
        keptUntil[token] = Math.max(keptUntil[token], escrow.ledger(account, token).debited) + amount;
    }

    function _credit(bytes32 id, address token, address account, uint256 amount) private {
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry({account: account, amount: amount.toUint112()});
        IERC20(token).forceApprove(address(escrow), amount);
        escrow.deposit(token, credits, id);
    }

    /// @dev Sends each member's share to its payout account on another chain, all in one message.
    function _sendAcross(bytes32 id, Group calldata group, Plan memory plan, Outcome memory outcome) private {
        IMatiGateway way = gateway[group.eid];
        uint256 nativeFee = way.quote(group.eid, plan.debits.length);
        // Without this, coins forced upon this contract could pay, and the caller be repaid what it never spent.
        require(msg.value >= nativeFee, Settler_MessageUnpaid(msg.value, nativeFee));

        (LedgerEntry[] memory payouts, uint256 sum) = _payouts(nativeFee, plan, outcome);
        // What the bridge cannot carry joins the tip.
        outcome.tip = outcome.received - outcome.messageRepaid - sum;
        for (uint256 i = 0; i < payouts.length; ++i) {
            _emitPaidOut(id, group.token, plan.debits[i], plan.members[i], payouts[i].amount);
        }

        IERC20(plan.out).forceApprove(address(way), sum);
        (outcome.guid,) = way.send{value: nativeFee}(group.eid, payouts, msg.sender);
        if (msg.value > nativeFee) Address.sendValue(payable(msg.sender), msg.value - nativeFee);
    }

    /// @dev What the message carries for each member: its share less its part of the fee, cut to what can be carried.
    /// Notes in `outcome` what repays the fee.
    function _payouts(uint256 nativeFee, Plan memory plan, Outcome memory outcome)
        private
        view
        returns (LedgerEntry[] memory payouts, uint256 sum)
    {
        uint256 perHead = _nativeWorth(plan.out, nativeFee) / plan.debits.length;
        uint256 before = 0;
        payouts = new LedgerEntry[](plan.debits.length);
        for (uint256 i = 0; i < payouts.length; ++i) {
            Member memory its = plan.members[i];
            uint256 upTo = _shareUpTo(plan, its, outcome.received);
            uint256 share = upTo - before;
            before = upTo;
            share -= _tipOf(plan, share, its.headWad);
            uint256 charge = Math.min(perHead, Auction.partDown(share, plan.bounds.maxMessageBps));
            uint256 amount = share - charge;
            amount -= amount % plan.unit;
            outcome.messageRepaid += charge;
            sum += amount;
            LedgerEntry memory payout = payouts[i];
            (payout.account, payout.amount) = (its.payoutAccount, amount.toUint112());
        }
    }

    /// @dev What a native fee is worth in a token, rounded down. 0 if nobody knows, or if too little gas was given to find
    /// out: either is at the cost of the caller, who chose the gas.
    function _nativeWorth(address out, uint256 nativeFee) private view returns (uint256) {
        try oracle.rate(wrappedNative, out) returns (Rate memory rate) {
            return rate.toQuoteDown(nativeFee);
        } catch {
            return 0;
        }
    }

    /// @dev What a member and those before it get of a total, by balance: all shares add up to it (see `nextPart`).
    function _shareUpTo(Plan memory plan, Member memory its, uint256 total) private pure returns (uint256) {
        return Math.mulDiv(total, its.amountUpTo, plan.amountIn);
    }

    function _emitPaidOut(bytes32 id, address token, LedgerEntry memory debit, Member memory its, uint256 amountOut)
        private
    {
        emit PaidOut(id, debit.account, token, debit.amount, its.debitedTotal, amountOut);
    }

    function _emitSettled(bytes32 id, Group calldata group, Plan memory plan, Outcome memory outcome) private {
        emit Settled(
            id,
            group.token,
            msg.sender,
            group,
            plan.amountIn,
            outcome.received,
            plan.minReceived,
            plan.allowanceBps,
            outcome.tip,
            outcome.messageRepaid,
            plan.rate.wad,
            plan.rate.baseRoundId,
            plan.rate.quoteRoundId,
            outcome.guid
        );
    }
}
