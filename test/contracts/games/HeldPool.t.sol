// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GameTest} from "./GameTest.sol";
import {Searcher} from "./Searcher.sol";

/// @notice A searcher pushes the pool down when a balance becomes due and holds it there, so that honest keepers, who
/// know no other place to sell, must wait for a larger allowance; then he moves it back and settles himself. What that
/// costs him are the pool's fees, what it can win him grows with the balance: it does not pay for one of up to the
/// pool's fee (0.3%) of its depth, and it does for larger ones.
/// @dev He stays where nobody else earns anything by trading the pool back, within the fee of the oracle's price. Beyond
/// it he would give to others what he hopes to win.
contract HeldPoolTest is GameTest {
    struct Outcome {
        uint256 elapsed;
        int256 profit;
        uint256 delivered;
    }

    uint256 internal constant BLOCK = 2;
    /// @dev Moves the price by the pool's fee, 0.3%.
    uint256 internal constant MAX_PUSH = 15 ether;

    address[] internal members;
    uint256 internal owed;
    uint256 internal honest;

    function test_HoldingThePoolPaysOnlyForBalancesThatAreLargeForIt() public {
        emit log("balance, bps of the pool | waits: s | wins by it, bps | merchants lack, bps of the quote");
        uint256[6] memory balances = [uint256(1 ether), 5 ether, 10 ether, 25 ether, 50 ether, 80 ether];
        for (uint256 i = 0; i < balances.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _owe(balances[i]);
            Outcome memory fair = _hold(0);
            Outcome memory best = fair;
            for (uint256 push = 1 ether; push <= MAX_PUSH; push += 2 ether) {
                Outcome memory its = _hold(push);
                if (its.profit > best.profit) best = its;
            }
            emit log(string.concat(
                    string.concat(inBps(int256(owed), DEPTH), " | ", vm.toString(best.elapsed), " | "),
                    string.concat(inBps(best.profit - fair.profit, worth(owed)), " | "),
                    inBps(int256(honest) - int256(best.delivered), honest)
                ));
            if (balances[i] <= DEPTH * 30 / 10_000) {
                assertEq(best.elapsed, fair.elapsed, "not worth it");
                assertGe(best.delivered, honest * 9_995 / 10_000, "within 5 bps of the pool's price");
            } else {
                assertTrue(best.profit > fair.profit, "worth it: the limit is where it is said to be");
                assertGe(best.delivered, honest * (10_000 - 35) / 10_000, "by no more than the pool's fee");
            }
            vm.revertToState(snapshot);
        }
    }

    /// @dev Holds it until the block in which an honest keeper could settle all the same.
    function _hold(uint256 push) internal returns (Outcome memory outcome) {
        uint256 snapshot = vm.snapshotState();
        uint256 before = wealthOf(address(searcher));
        elapse(0);
        uint256 brought = searcher.swap(address(weth), address(usdc), push);
        outcome.elapsed = BLOCK * _firstBlock();
        elapse(outcome.elapsed);
        searcher.swap(address(usdc), address(weth), brought);
        (, outcome.delivered,,,) = settler.preview(here(), members);
        Searcher.Play memory p;
        (p.group, p.merchants, p.maxAmountIn, p.isFromPool) = (here(), members, type(uint256).max, true);
        searcher.play(p);
        outcome.profit = int256(wealthOf(address(searcher))) - int256(before);
        vm.revertToState(snapshot);
    }

    /// @dev The first block in which the pool, as it is, gives what must be delivered; found by halves.
    function _firstBlock() internal returns (uint256 first) {
        uint256 pays = quote(owed);
        uint256 last = 600 / BLOCK;
        while (first < last) {
            uint256 middle = (first + last) / 2;
            elapse(middle * BLOCK);
            (, uint256 minReceived,,,) = settler.preview(here(), members);
            if (pays >= minReceived) last = middle;
            else first = middle + 1;
        }
    }

    function _owe(uint256 balance) internal {
        uint256[] memory balances = new uint256[](1);
        balances[0] = balance;
        (members, owed) = owe(balances);
        honest = quote(owed);
    }
}
