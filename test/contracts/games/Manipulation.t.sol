// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Group, Side} from "../../../contracts/src/types/Settlement.sol";
import {GameTest} from "./GameTest.sol";
import {Searcher} from "./Searcher.sol";

/// @notice A searcher moves the pool, settles and moves it back in one transaction: all it wins him is the allowance of
/// that moment and the capped tip, and most of the time the pool's fees take a part of that (invariant 8).
/// @dev Where the oracle itself asks the pool, he cannot even settle: see `attack/TwapLag.t.sol`.
contract ManipulationTest is GameTest {
    struct Before {
        uint256 allowanceBps;
        uint256 searcher;
        uint256 pool;
        /// Each merchant's USDC, and its WETH in the ledger.
        uint256[] paid;
        uint256[] owed;
    }

    struct Result {
        bool isSettled;
        int256 profit;
        uint256 shortfall;
    }

    /// What all merchants are owed, and what that is worth at the oracle's rate.
    address[] internal members;
    uint256 internal owed;
    uint256 internal value;
    bool internal isPoolAtOracle = true;

    function setUp() public override {
        super.setUp();
        uint256[] memory balances = new uint256[](2);
        (balances[0], balances[1]) = (20 ether, 30 ether);
        (members, owed) = owe(balances);
        value = worth(owed);
    }

    /// @dev At seven moments of the auction: his best of 2 directions, 14 sizes and 3 ways to fill.
    function test_MovingThePoolWinsNoMoreThanAllowanceAndTip() public {
        emit log("125,000 USD in a pool of 25 million at 0.3%; a tip is at most 50 USD, a head 0.01 USD.");
        emit log("His profit, and what the merchants lack of the oracle's value at worst, tips included, in bps of it:");
        emit log("second | allowance | filled from stock | from the pool, less the skim | Uniswap's solver, sandwiched");
        uint256[7] memory times = [uint256(0), 120, 240, 360, 480, 600, 1 days];
        for (uint256 i = 0; i < times.length; ++i) {
            elapse(times[i]);
            uint256 allowanceBps = _allowanceAfter(times[i]);
            Result[3] memory best = [_best(false, false), _best(false, true), _best(true, false)];
            string memory row = string.concat(vm.toString(times[i]), " | ", vm.toString(allowanceBps));
            for (uint256 k = 0; k < best.length; ++k) {
                assertTrue(best[k].isSettled, "he can always settle, if need be at a loss");
                row = string.concat(row, " | ", inBps(best[k].profit, value), ", ");
                row = string.concat(row, inBps(int256(best[k].shortfall), value));
                if (times[i] >= 360) assertTrue(best[k].profit > 0, "and at last with a profit");
            }
            emit log(row);
            assertGe(
                uint256(best[0].profit), value * allowanceBps / 10_000, "the allowance, at least, is there to be won"
            );
        }
    }

    /// @dev Any push, either way, undone in any part, settled in any part, at any time, with the pool anywhere within
    /// 5% of the oracle's price.
    function testFuzz_WhateverHeDoes(uint256 seed) public {
        elapse(bound(seed >> 16, 0, 700));
        isPoolAtOracle = seed & 64 != 0;
        int256 apart = isPoolAtOracle ? int256(0) : int256(bound(seed >> 32, 0, 500 ether)) - 250 ether;
        if (apart > 0) searcher.swap(address(weth), address(usdc), uint256(apart));
        if (apart < 0) searcher.swap(address(usdc), address(weth), worth(uint256(-apart)));

        Searcher.Play memory p = _play(seed & 1 != 0, seed & 2 != 0);
        p.isTokenFirst = seed & 4 != 0;
        uint256 push = bound(seed >> 64, 0, seed & 8 != 0 ? 20 ether : 2_000 ether);
        p.push = p.isTokenFirst ? push : worth(push);
        p.backBps = seed & 16 != 0 ? 10_000 : bound(seed >> 128, 0, 10_000);
        if (seed & 128 != 0 && !p.isThroughUniswap) p.short = bound(seed >> 192, 0, 100e6);
        if (seed & 32 != 0) p.maxAmountIn = bound(seed >> 160, 0.1 ether, owed);
        _tries(p);
    }

    /// @dev His own USDC is crossed with the merchants' WETH: the oracle's rate is all he gets for it, and of what is
    /// left over the allowance.
    function test_CrossingWithHisOwnBalanceWinsNoMore() public {
        Group memory back = Group({token: address(usdc), asset: address(weth), eid: EID_A, tier: TIER});
        register(address(searcher), back, 0);
        Side memory theirs = Side({group: here(), merchants: members});
        Side memory his = Side({group: back, merchants: list(address(searcher))});
        uint256 snapshot = vm.snapshotState();
        emit log("second | allowance | he is covered, half of it | they are covered; his profit in bps of their value:");
        uint256[3] memory times = [uint256(0), 300, 600];
        for (uint256 i = 0; i < times.length; ++i) {
            credit(address(searcher), usdc, value / 2, MIDNIGHT);
            elapse(times[i]);
            uint256 allowanceBps = _allowanceAfter(times[i]);
            Before memory before = _look(allowanceBps);
            searcher.cross(his, theirs, false);
            Result memory covered = _check(before);

            vm.revertToState(snapshot);
            credit(address(searcher), usdc, value * 2, MIDNIGHT);
            elapse(times[i]);
            before = _look(0);
            searcher.cross(theirs, his, false);
            Result memory covering = _check(before);
            vm.revertToState(snapshot);

            string memory row = string.concat(vm.toString(times[i]), " | ", vm.toString(allowanceBps), " | ");
            emit log(string.concat(row, inBps(covered.profit, value), " | ", inBps(covering.profit, value)));
        }
    }

    /// @return best The most profitable of what settles.
    function _best(bool isThroughUniswap, bool isFromPool) internal returns (Result memory best) {
        uint256[14] memory pushes = [uint256(0), 1, 2, 5, 10, 15, 20, 25, 30, 40, 60, 100, 200, 1_000];
        best.profit = type(int256).min;
        Searcher.Play memory p = _play(isThroughUniswap, isFromPool);
        p.backBps = 10_000;
        for (uint256 i = 0; i < 2 * pushes.length; ++i) {
            p.isTokenFirst = i % 2 == 0;
            uint256 push = pushes[i / 2] * 1 ether;
            p.push = p.isTokenFirst ? push : worth(push);
            Result memory its = _tries(p);
            if (!its.isSettled) continue;
            its.shortfall = Math.max(its.shortfall, best.shortfall);
            (best.isSettled, best.shortfall) = (true, its.shortfall);
            if (its.profit > best.profit) best.profit = its.profit;
        }
    }

    function _play(bool isThroughUniswap, bool isFromPool) internal view returns (Searcher.Play memory p) {
        (p.group, p.merchants, p.maxAmountIn) = (here(), members, type(uint256).max);
        (p.isThroughUniswap, p.isFromPool) = (isThroughUniswap, isFromPool);
    }

    /// @dev Plays and takes it back.
    function _tries(Searcher.Play memory p) internal returns (Result memory its) {
        uint256 snapshot = vm.snapshotState();
        Before memory before = _look(_allowanceAfter(vm.getBlockTimestamp() - MIDNIGHT));
        try searcher.play(p) {
            assertEq(p.short, 0, "not a unit less than the bound");
            its = _check(before);
        } catch {}
        vm.revertToState(snapshot);
    }

    /// @dev 30 basis points at first, 130 after ten minutes.
    function _allowanceAfter(uint256 elapsed) internal pure returns (uint256) {
        return 30 + 100 * Math.min(elapsed, 600) / 600;
    }

    function _look(uint256 allowanceBps) internal view returns (Before memory before) {
        before.allowanceBps = allowanceBps;
        before.searcher = wealthOf(address(searcher));
        before.pool = wealthOf(market);
        before.paid = new uint256[](members.length);
        before.owed = new uint256[](members.length);
        for (uint256 i = 0; i < members.length; ++i) {
            before.paid[i] = usdc.balanceOf(members[i]);
            before.owed[i] = escrow.balanceOf(members[i], address(weth));
        }
    }

    /// @dev Each merchant got its oracle value less allowance and capped tip; these two, and what the pool lost, are all
    /// that the searcher won; and nothing else lost or won anything.
    function _check(Before memory before) internal view returns (Result memory its) {
        its.isSettled = true;
        uint256 sold;
        uint256 received;
        uint256 tip;
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 debited = before.owed[i] - escrow.balanceOf(members[i], address(weth));
            uint256 got = usdc.balanceOf(members[i]) - before.paid[i];
            if (debited == 0) continue;
            uint256 bound = worth(debited) * (10_000 - before.allowanceBps) / 10_000;
            uint256 byBps = (bound + HEAD_USD6) * tier().tipBps / 10_000;
            assertGe(got + HEAD_USD6 + Math.min(byBps, MAX_TIP_USD6) + 1, bound, "invariant 8");
            tip += HEAD_USD6 + Math.min((got + HEAD_USD6) * tier().tipBps / (10_000 - tier().tipBps) + 1, MAX_TIP_USD6);
            (sold, received) = (sold + debited, received + got);
        }
        uint256 gross = worth(sold);
        its.shortfall = gross - Math.min(gross, received);
        its.profit = int256(wealthOf(address(searcher))) - int256(before.searcher);
        int256 poolGain = int256(wealthOf(market)) - int256(before.pool);

        // A unit for each of the values that are rounded.
        int256 created = its.profit + poolGain + int256(received) - int256(gross);
        assertTrue(created >= -5 && created <= 5, "what one won another lost");
        int256 most = int256(gross * before.allowanceBps / 10_000 + tip) - poolGain;
        assertTrue(its.profit <= most + 5, "no more than allowance, tip, and what the pool lost");
        if (isPoolAtOracle) {
            assertTrue(poolGain >= -1, "a pool at the oracle's price cannot lose to anybody");
            assertTrue(
                its.profit <= int256(gross * before.allowanceBps / 10_000 + tip), "no more than allowance and tip"
            );
        }
    }
}
