// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {Vm} from "../base/Vm.sol";
import {GameTest} from "./GameTest.sol";
import {Searcher} from "./Searcher.sol";

/// @notice A searcher who waits for a larger allowance, against a second keeper who does not: what merchants are paid is
/// what the pool would have paid, within what the allowance grows in one block.
/// @dev The model: in each block the searcher goes first, and knows what the rival would do. The rival settles in the
/// first block in which that earns it its cost. The searcher waits for as long as the rival cannot, and takes the
/// settlement in the very block in which it could, delivering the bound: the worst for the merchants.
///
/// Measured is what was delivered, tip included, against what Uniswap's quoter said of the whole balance in the second
/// in which it became due. Nobody else trades in the meantime.
contract CompetitionTest is GameTest {
    struct Outcome {
        uint256 elapsed;
        uint256 allowanceBps;
        /// By the searcher, tip included.
        uint256 delivered;
    }

    address[] internal members;
    uint256 internal owed;
    /// @dev What the pool would have given when the balance became due.
    uint256 internal honest;

    function test_MerchantsGetThePoolsPriceWithin5Bps() public {
        emit log("USD | seconds a block | rival's cost, cents | settled after s | bps below the quote | without a rival");
        uint256[5] memory balances = [uint256(1 ether), 5 ether, 20 ether, 50 ether, 90 ether];
        // A rollup with blocks of 1 and 2 seconds, and Ethereum: 300,000 gas at 0.05 and at 3 gwei.
        uint256[2][3] memory chains = [[uint256(1), 40_000], [uint256(2), 40_000], [uint256(12), 2_250_000]];
        for (uint256 i = 0; i < balances.length; ++i) {
            for (uint256 k = 0; k < chains.length; ++k) {
                uint256 snapshot = vm.snapshotState();
                _owe(balances[i]);
                Outcome memory alone = _race(chains[k][0], false, 0);
                Outcome memory raced = _race(chains[k][0], true, chains[k][1]);
                emit log(string.concat(
                        string.concat(vm.toString(worth(owed) / 1e6), " | ", vm.toString(chains[k][0]), " | "),
                        string.concat(vm.toString(chains[k][1] / 1e4), " | ", vm.toString(raced.elapsed), " | "),
                        string.concat(_lacking(raced), " | ", _lacking(alone))
                    ));
                assertGe(raced.delivered, Math.mulDiv(honest, 9_995, 10_000), "within 5 bps of the pool's price");
                assertEq(alone.allowanceBps, 130, "alone he waits for all of the allowance");
                assertLe(alone.delivered, raced.delivered, "which costs the merchants more");
                vm.revertToState(snapshot);
            }
        }
    }

    /// @dev Whatever the tier, the block time and the balance: no further below than the allowance grows in a block, and a
    /// basis point, in which it is rounded.
    function testFuzz_NeverFurtherThanABlocksGrowth(uint256 seed) public {
        uint256 blockSeconds = bound(seed, 1, 12);
        Tier memory params = settler.tier(TIER);
        params.maxBps = uint16(bound(seed >> 16, 130, 400));
        params.growSeconds = uint32(bound(seed >> 32, 60, 3_600));
        settler.setTier(TIER, params);
        _owe(bound(seed >> 64, 1 ether, 90 ether));

        Outcome memory raced = _race(blockSeconds, true, 40_000);

        uint256 growthBps = Math.ceilDiv(blockSeconds * (params.maxBps - params.startBps), params.growSeconds);
        assertGe(raced.delivered, Math.mulDiv(honest, 10_000 - growthBps - 1, 10_000), "a block's growth");
    }

    /// @dev A balance whose tip is less than what a call costs interests only those who take the rest from its
    /// allowance: two such, of the same cost, leave the merchants all but that.
    function test_WhatTheTipDoesNotPayTheMerchantsDo() public {
        _owe(0.4 ether);
        uint256 cost = 2_250_000;
        uint256 tip = worth(0.4 ether) / 1_000;

        Outcome memory raced = _outcomeAt(12 * _firstBlock(12, 100, address(searcher), cost));

        emit log(string.concat("1,000 USD, a call for 2.25, a tip of 1: ", _lacking(raced), " bps below the quote"));
        // 2 basis points a block, and one in which it is rounded.
        assertGe(raced.delivered + cost - tip + worth(0.4 ether) * 3 / 10_000, honest, "all but what the tip lacks");
    }

    /// @dev Taken by the searcher in the first block in which the rival would settle, or, without one, in which there is
    /// nothing to wait for any more.
    function _race(uint256 blockSeconds, bool hasRival, uint256 rivalsCost) internal returns (Outcome memory) {
        uint256 last = Math.ceilDiv(settler.tier(TIER).growSeconds, blockSeconds);
        uint256 first = hasRival ? _firstBlock(blockSeconds, last, keeper, rivalsCost) : last;
        return _outcomeAt(first * blockSeconds);
    }

    /// @dev The first block in which one of them earns its cost by settling. What it earns never falls as time goes by,
    /// since the allowance grows: found by halves.
    function _firstBlock(uint256 blockSeconds, uint256 last, address who, uint256 cost) internal returns (uint256) {
        uint256 first = 0;
        while (first < last) {
            uint256 middle = (first + last) / 2;
            elapse(middle * blockSeconds);
            if (_earns(who, cost)) last = middle;
            else first = middle + 1;
        }
        return first;
    }

    function _outcomeAt(uint256 elapsed) internal returns (Outcome memory outcome) {
        uint256 snapshot = vm.snapshotState();
        elapse(elapsed);
        outcome.elapsed = elapsed;
        (, uint256 bound,, uint256 allowanceBps,) = settler.preview(here(), members);
        outcome.allowanceBps = allowanceBps;
        assertTrue(_earns(address(searcher), 1), "the searcher earns by it");
        vm.recordLogs();
        _settleAs(address(searcher));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != ISettler.Settled.selector) continue;
            (,, outcome.delivered) = abi.decode(logs[i].data, (Group, uint256, uint256));
        }
        assertEq(outcome.delivered, bound, "the bound: nothing that is done in this block can bring the merchants less");
        vm.revertToState(snapshot);
    }

    function _owe(uint256 balance) internal {
        uint256[] memory balances = new uint256[](1);
        balances[0] = balance;
        (members, owed) = owe(balances);
        honest = quote(owed);
    }

    /// @dev Whether somebody would earn at least so much by settling now.
    function _earns(address who, uint256 least) internal returns (bool) {
        uint256 snapshot = vm.snapshotState();
        uint256 before = wealthOf(who);
        bool isSettled = _settleAs(who);
        uint256 wealth = wealthOf(who);
        vm.revertToState(snapshot);
        return isSettled && wealth >= before + least;
    }

    /// @dev The keeper delivers all that the pool gives, by Uniswap's solver; the searcher the bound, and keeps the rest.
    function _settleAs(address who) internal returns (bool isSettled) {
        if (who == keeper) {
            vm.prank(keeper);
            try settler.settle(here(), members, address(uniswap), wethToUsdc()) {
                isSettled = true;
            } catch {}
        } else {
            Searcher.Play memory p;
            (p.group, p.merchants, p.maxAmountIn, p.isFromPool) = (here(), members, type(uint256).max, true);
            try searcher.play(p) {
                isSettled = true;
            } catch {}
        }
    }

    function _lacking(Outcome memory outcome) internal view returns (string memory) {
        return inBps(int256(honest) - int256(outcome.delivered), honest);
    }
}
