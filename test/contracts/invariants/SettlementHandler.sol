// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Payout, Recipient, Registration} from "../../../contracts/src/types/Payout.sol";
import {Group} from "../../../contracts/src/types/Settlement.sol";
import {SettlementModel} from "./SettlementModel.sol";
import {SettlementWorld} from "./SettlementWorld.sol";

/// @notice Settles raw, possibly invalid groups through solvers of any intent and holds each outcome against the model:
/// that it succeeded exactly when it should have, and what every merchant got (invariants 8 and 14).
/// @dev Nothing is filtered out beforehand: a handler that only sends valid calls cannot notice a missing check.
abstract contract SettlementHandler is SettlementWorld {
    using SettlementModel for SettlementModel.Terms;

    /// One call, and what the model expects of it.
    struct Attempt {
        Group group;
        IERC20 token;
        IERC20 out;
        address[] merchants;
        SettlementModel.Terms terms;
        SettlementModel.Member[] members;
        SettlementModel.Plan plan;
        address keeper;
        address solver;
        bytes data;
        uint256 value;
        /// What the solver will deliver; whether it does so at all, without a revert.
        uint256 delivered;
        bool isSolved;
        /// Whether the solver tries what it must not be able to do.
        bool isHostile;
    }

    /// What was there before, to be compared with.
    struct Before {
        uint256[] wallets;
        uint256 keeperWallet;
        uint256 keeperCoins;
    }

    // ----------------------------------------------------------------------------------------------- action

    function doSettle(uint256 seed) external {
        Attempt memory x;
        drawGroup(x, seed);
        drawMerchants(x, seed);
        if (x.terms.isPossible) x.plan = SettlementModel.plan(x.terms, x.members, block.timestamp);
        comparePreview(x);
        drawSolver(x, seed);
        drawValue(x, seed);
        x.keeper = keepers[draw(seed, "keeper") % 2];
        Before memory before = look(x);

        vm.prank(x.keeper);
        (bool success,) = address(settler).call{value: x.value}(
            abi.encodeCall(ISettler.settle, (x.group, x.merchants, x.solver, x.data))
        );
        (bool expected, bool isKnown) = expects(x);
        agree(kindOf(x), success, isKnown ? expected : success);
        if (success) check(x, before);
        reset();
    }

    // -------------------------------------------------------------------------------- what is attempted

    /// @dev Mostly what some merchant registered, else anything.
    function drawGroup(Attempt memory x, uint256 seed) internal view {
        Payout memory payout = drawRegistration(seed, shops[0]).payout;
        address whose = shops[draw(seed, "whose") % MERCHANTS];
        Registration memory its = registrationOf(whose);
        if (its.chains.length != 0 && draw(seed, "any") % 16 != 0) payout = its.payout;
        x.token = tokens[draw(seed, "token") % 4 % 3];
        if (balanceOf(whose, x.token) == 0) x.token = tokens[draw(seed, "another token") % 3];
        x.group = Group(address(x.token), payout.asset, payout.eid, payout.tier);
        if (draw(seed, "unset tier") % 32 == 0) x.group.tier = 3;
        if (draw(seed, "unknown chain") % 32 == 0) x.group.eid = 77;

        x.terms.tier = tiers[x.group.tier];
        x.terms.isAcross = x.group.eid != EID_A;
        x.terms.unit = x.terms.isAcross ? UNIT : 1;
        x.out = x.terms.isAcross ? IERC20(mati) : IERC20(x.group.asset);
        x.terms.tipBps = usd(x.out) == 0 ? 0 : x.terms.tier.tipBps;
        x.terms.isAsIs = address(x.token) == address(x.out);
        (x.terms.numerator, x.terms.denominator) = price(x.token, x.out);
        bool hasWay = !x.terms.isAcross || (x.group.eid == EID_B && isWayOpen);
        x.terms.isPossible = x.group.tier != 3 && hasWay && x.terms.denominator != 0;
    }

    function drawMerchants(Attempt memory x, uint256 seed) internal view {
        uint256 included = draw(seed, "members") | draw(seed, "more members");
        address[] memory drawn = new address[](MERCHANTS + 2);
        uint256 count;
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            if (included >> i & 1 == 1) drawn[count++] = shops[i];
        }
        if (draw(seed, "stranger") % 8 == 0) drawn[count++] = STRANGER;
        uint256 disorder = draw(seed, "disorder") % 48;
        if (disorder == 0 && count > 1) (drawn[0], drawn[count - 1]) = (drawn[count - 1], drawn[0]);
        if (disorder == 1 && count > 0) {
            drawn[count] = drawn[count - 1];
            ++count;
        }

        x.merchants = new address[](count);
        x.members = new SettlementModel.Member[](count);
        x.terms.isAscending = true;
        for (uint256 i = 0; i < count; ++i) {
            x.merchants[i] = drawn[i];
            if (i != 0 && drawn[i - 1] >= drawn[i]) x.terms.isAscending = false;
            SettlementModel.Member memory m = x.members[i];
            m.account = drawn[i];
            Registration memory its = registrationOf(drawn[i]);
            m.belongs = its.chains.length != 0 && its.payout.asset == x.group.asset && its.payout.eid == x.group.eid
                && its.payout.tier == x.group.tier && its.chains[0].settler == address(settler);
            m.cycle = its.payout.cycle;
            m.balance = balanceOf(drawn[i], x.token);
            m.since = accounts[drawn[i]][address(x.token)].since;
        }
    }

    /// @dev Stock, delivered around the bound; Uniswap's pools; or somebody who tries more than to solve.
    function drawSolver(Attempt memory x, uint256 seed) internal {
        uint256 kind = draw(seed, "solver") % 20;
        if (kind >= 18) return useNobody(x, kind == 18);
        if (kind >= 10 && address(x.token) != address(x.out)) return usePools(x, draw(seed, "path") % 16 != 0);
        useStock(x, seed);
        if (kind == 0) return useLedger(x, seed);
        x.isHostile = kind <= 2 && !x.terms.isAsIs;
        if (kind == 1) {
            // Another settlement in the midst of this one.
            Attempt memory inner;
            drawGroup(inner, uint256(keccak256(abi.encode(seed))));
            bytes memory call = abi.encodeCall(ISettler.settle, (inner.group, shops, address(solver), ""));
            solver.willCall(address(settler), call);
        } else if (kind == 2) {
            LedgerEntry[] memory debits = new LedgerEntry[](1);
            debits[0] = LedgerEntry(shops[draw(seed, "victim") % MERCHANTS], 0);
            solver.willCall(
                address(escrow), abi.encodeCall(IMatiEscrow.debit, (address(x.out), debits, address(settler)))
            );
        }
    }

    function useStock(Attempt memory x, uint256 seed) internal {
        uint256 kind = draw(seed, "delivered") % 12;
        uint256 least = x.plan.minReceived;
        x.delivered = kind == 0 ? 0 : least * (9_800 + draw(seed, "around") % 600) / 10_000;
        if (kind == 1 && least != 0) x.delivered = least - 1;
        if (kind >= 2 && kind <= 4) x.delivered = least;
        if (kind >= 5 && kind <= 8) x.delivered = least * (10_000 + draw(seed, "above") % 300) / 10_000;
        solver.willDeliver(x.delivered);
        (x.solver, x.isSolved) = (address(solver), true);
    }

    /// @dev Part of what it delivers is its own ledger balance, which it withdraws straight to the settler.
    function useLedger(Attempt memory x, uint256 seed) internal {
        uint256 balance = balanceOf(address(solver), x.out);
        uint256 part = draw(seed, "part") % (balance + balance / 8 + 1);
        bytes memory withdrawal = abi.encodeCall(IMatiEscrow.withdraw, (address(x.out), part, address(settler)));
        solver.willCall(address(escrow), withdrawal);
        if (part > balance || part == 0 || x.terms.isAsIs) return;
        x.delivered += part;
        x.data = abi.encode(part);
    }

    function usePools(Attempt memory x, bool isRightWay) internal {
        x.solver = address(uniswap);
        x.data = isRightWay ? path(x.token, x.out) : path(x.out, x.token);
        if (!isRightWay || x.plan.amountIn == 0) return;
        try quoter.quoteExactInput(x.data, x.plan.amountIn) returns (uint256 amountOut) {
            (x.delivered, x.isSolved) = (amountOut, true);
        } catch {}
    }

    /// @dev Nobody is there, or the escrow itself; where nothing is to be solved that does not matter.
    function useNobody(Attempt memory x, bool isEscrow) internal view {
        x.solver = isEscrow ? address(escrow) : STRANGER;
    }

    function drawValue(Attempt memory x, uint256 seed) internal pure {
        uint256 kind = draw(seed, "value") % 32;
        x.value = x.terms.isAcross ? MESSAGE_FEE + draw(seed, "too much") % 2 * 1 ether : 0;
        if (kind == 0) x.value = MESSAGE_FEE - 1;
        if (kind == 1) x.value = 1;
    }

    // ------------------------------------------------------------------------------------ what is expected

    function comparePreview(Attempt memory x) internal view {
        bool isPossible = x.terms.isPossible && x.terms.isAscending;
        try settler.preview(x.group, x.merchants) returns (
            uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible
        ) {
            assertTrue(isPossible, "preview must fail");
            assertEq(amountIn, x.plan.amountIn, "preview: amountIn");
            assertEq(minReceived, x.plan.minReceived, "preview: minReceived");
            assertEq(out, address(x.out), "preview: out");
            assertEq(allowanceBps, x.plan.allowanceBps, "preview: allowance");
            for (uint256 i = 0; i < eligible.length; ++i) {
                assertEq(eligible[i], x.members[i].isEligible, "preview: eligible");
            }
        } catch {
            assertTrue(!isPossible, "preview must succeed");
        }
    }

    /// @return expected Whether it must succeed.
    /// @return isKnown False in the one corner where only the settler's own rounding decides: whether a unit is left of
    /// the tip for a keeper who cannot be paid, when no recipient could be paid either.
    function expects(Attempt memory x) internal view returns (bool expected, bool isKnown) {
        if (x.terms.isAsIs) (x.delivered, x.isSolved) = (x.plan.amountIn, true);
        bool isPaid = x.terms.isAcross ? x.value >= MESSAGE_FEE : x.value == 0;
        expected = x.terms.isPossible && x.terms.isAscending && x.plan.count != 0 && isPaid && x.isSolved
            && x.delivered >= x.plan.minReceived;
        isKnown = true;
        bool isTipped = x.delivered * x.terms.tipBps / 10_000 != 0;
        if (!expected || !isTipped || !refuses(x.out, x.keeper)) return (expected, true);
        return (false, anyRecipientCanBePaid(x));
    }

    function anyRecipientCanBePaid(Attempt memory x) internal view returns (bool) {
        for (uint256 i = 0; i < x.members.length; ++i) {
            if (!x.members[i].isEligible) continue;
            Recipient[] memory named = recipientsOf(x.members[i].account);
            for (uint256 k = 0; k < named.length; ++k) {
                // A share too small for a unit is as good as one that cannot be paid.
                if (!refuses(x.out, named[k].account) && named[k].shareBps != 0) return true;
            }
        }
        return false;
    }

    // ------------------------------------------------------------------------------------ what is compared

    function look(Attempt memory x) internal view returns (Before memory before) {
        before.wallets = new uint256[](people.length);
        for (uint256 i = 0; i < people.length; ++i) {
            before.wallets[i] = x.out.balanceOf(people[i]);
        }
        before.keeperWallet = x.out.balanceOf(x.keeper);
        before.keeperCoins = x.keeper.balance;
    }

    function check(Attempt memory x, Before memory before) internal {
        if (x.isHostile) assertTrue(!solver.succeeded(), "a solver can do no more than deliver");
        if (x.solver == address(solver) && x.data.length == 32 && !x.terms.isAsIs) {
            accounts[x.solver][address(x.out)].debited += abi.decode(x.data, (uint256));
            checkAccount(x.solver, x.out);
        }
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            if (m.isEligible) accounts[m.account][address(x.token)].debited += m.balance;
        }
        uint256 tip = x.delivered * x.terms.tipBps / 10_000;
        uint256 earned = x.out.balanceOf(x.keeper) - before.keeperWallet;
        if (x.terms.isAcross) {
            assertEq(before.keeperCoins - x.keeper.balance, MESSAGE_FEE, "the message costs what it costs");
            checkSent(x, earned);
        } else {
            checkPaid(x, before, tip, earned);
        }
        for (uint256 i = 0; i < x.members.length; ++i) {
            checkAccount(x.members[i].account, x.token);
        }
    }

    function checkPaid(Attempt memory x, Before memory before, uint256 tip, uint256 earned) internal {
        uint256 all;
        uint256 inTokens;
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            if (!m.isEligible) continue;
            uint256 gross = x.delivered * m.balance / x.plan.amountIn;
            uint256 share = tipped(x, gross);
            (uint256 paid, uint256 credited) = checkRecipients(x, before, m.account, share, gross);
            assertGe(paid + credited, x.terms.leastFor(m), "invariant 8");
            assertGe(paid + credited, share, "its share");
            assertLe(paid + credited, gross + 2, "no more than its share");
            all += paid + credited;
            inTokens += paid;
        }
        assertEq(all + earned, x.delivered, "all that was delivered was paid out");
        // Each member's tip is rounded down by itself.
        assertGe(earned + x.plan.count, tip * inTokens / (x.delivered - tip), "tipped for what was paid");
        assertLe(earned, tip * inTokens / (x.delivered - tip) + people.length, "not for what was not");
    }

    /// @dev Those who can be paid are, all others are credited, without a tip: nobody is held up by anybody.
    function checkRecipients(Attempt memory x, Before memory before, address merchant, uint256 share, uint256 gross)
        internal
        returns (uint256 paid, uint256 credited)
    {
        Recipient[] memory named = recipientsOf(merchant);
        for (uint256 i = 0; i < named.length; ++i) {
            (uint256 inTokens, uint256 inLedger) = gained(x, before, named[i].account);
            bool isRefused = refuses(x.out, named[i].account);
            assertEq(isRefused ? inTokens : inLedger, 0, "paid if it can be, else credited");
            uint256 least = share * named[i].shareBps / 10_000;
            uint256 most = (share + 1) * named[i].shareBps / 10_000 + 1;
            // What was tipped of it comes back, rounded down.
            if (isRefused && share != 0) (least, most) = (least * gross / share, most * gross / share + 1);
            assertGe(inTokens + inLedger + (isRefused ? 1 : 0), least, "a recipient's part");
            assertLe(inTokens + inLedger, most, "no more than its part");
            (paid, credited) = (paid + inTokens, credited + inLedger);
        }
    }

    /// @dev A member's share less its own tip, rounded up.
    function tipped(Attempt memory x, uint256 gross) internal pure returns (uint256) {
        return gross - gross * x.terms.tipBps / 10_000;
    }

    /// @dev What an account gained in tokens, and what in its ledger, which is noted.
    function gained(Attempt memory x, Before memory before, address account)
        internal
        returns (uint256 inTokens, uint256 inLedger)
    {
        inTokens = x.out.balanceOf(account) - before.wallets[indexOf(account)];
        inLedger = escrow.ledger(account, address(x.out)).credited - accounts[account][address(x.out)].credited;
        noteCredit(account, x.out, inLedger);
    }

    /// @dev Delivered at once: what chain B credits is what was sent.
    function checkSent(Attempt memory x, uint256 earned) internal {
        arrive();
        uint256 perHead = messageWorth() / x.plan.count;
        uint256 sum;
        for (uint256 i = 0; i < x.members.length; ++i) {
            SettlementModel.Member memory m = x.members[i];
            uint256 got = arrived(m.account) - arrivals[m.account];
            arrivals[m.account] += got;
            sum += got;
            if (!m.isEligible) {
                assertEq(got, 0, "skipped: nothing");
                continue;
            }
            uint256 share = tipped(x, x.delivered * m.balance / x.plan.amountIn);
            assertGe(got, x.terms.leastFor(m), "invariant 8, across");
            assertGe(got, x.terms.carried(share, perHead), "its share");
            assertLe(got, x.terms.carried(share + 1, perHead), "no more than its share");
        }
        assertEq(sum + earned, x.delivered, "all that was delivered was sent or earned");
    }

    // ------------------------------------------------------------------------------------------------ inside

    /// @dev Units of `out` per unit of `token` as a fraction; the rate has 18 decimals, rounded down, as the oracle's.
    function price(IERC20 token, IERC20 out) internal view returns (uint256 numerator, uint256 denominator) {
        if (address(token) == address(out)) return (1, 1);
        (uint256 tokenUsd, uint256 outUsd) = (usd(token), usd(out));
        if (tokenUsd == 0 || outUsd == 0) return (0, 0);
        uint256 rateWad = tokenUsd * 1e18 / outUsd;
        return (rateWad * (address(out) == address(usdc) ? 1e6 : 1e18), address(token) == address(usdc) ? 1e24 : 1e36);
    }

    function usd(IERC20 token) internal view returns (uint256) {
        if (address(token) == address(weth)) return answerOf(ethFeed, 2_500e8);
        return address(token) == address(usdc) ? answerOf(usdcFeed, 1e8) : answerOf(matiFeed, 0.25e8);
    }

    /// @dev What repays the message, in MATI; nothing where nobody knows.
    function messageWorth() internal view returns (uint256) {
        (uint256 nativeUsd, uint256 matiUsd) = (answerOf(nativeFeed, 2_500e8), answerOf(matiFeed, 0.25e8));
        return matiUsd == 0 ? 0 : MESSAGE_FEE * (nativeUsd * 1e18 / matiUsd) / 1e18;
    }

    /// @dev WETH and USDC are traded for MATI only.
    function path(IERC20 from, IERC20 to) internal view returns (bytes memory) {
        bool isDirect = address(from) == address(mati) || address(to) == address(mati);
        return isDirect ? abi.encodePacked(from, FEE, to) : abi.encodePacked(from, FEE, mati, FEE, to);
    }

    function kindOf(Attempt memory x) internal view returns (string memory) {
        if (x.terms.isAcross) return "settle across";
        if (x.terms.isAsIs) return "settle as is";
        return x.solver == address(uniswap) ? "settle through pools" : "settle from stock";
    }

    function indexOf(address account) internal view returns (uint256 index) {
        while (people[index] != account) ++index;
    }

    function reset() internal {
        solver.willDeliver(0);
        solver.willCall(address(0), "");
    }
}
