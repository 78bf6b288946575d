// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GameTest} from "./GameTest.sol";

/// @notice How a keeper divides what he settles wins him nothing: neither one merchant at a time, nor a merchant in
/// parts, earns more tips than all of it at once; it only costs more gas.
/// @dev Two merchants, and one in five parts, by example: `SettlerPartsTest.test_Tip_*`.
contract TipsTest is GameTest {
    /// @dev Any partition of up to eight merchants into up to four settlements, each of them in any parts, at the oracle's
    /// price.
    function testFuzz_NoDivisionEarnsMore(uint256 seed) public {
        uint256[] memory balances = new uint256[](bound(seed, 1, 8));
        for (uint256 i = 0; i < balances.length; ++i) {
            // From 5 USD to 2.5 million: below, at and above a tip's cap.
            balances[i] = bound(_draw(seed, i), 1, 1_000) * 10 ** (15 + _draw(seed, i) % 4);
        }
        (address[] memory all,) = owe(balances);
        uint256 snapshot = vm.snapshotState();
        _settleAll(all, type(uint256).max);
        uint256 together = usdc.balanceOf(keeper);
        assertEq(_left(all), 0, "everybody is worth it");
        vm.revertToState(snapshot);

        uint256 settlements;
        for (uint256 k = 0; k < 4; ++k) {
            address[] memory some = _subset(all, seed, k);
            uint256 maxAmountIn =
                _draw(seed, 100 + k) % 2 == 0 ? type(uint256).max : _draw(seed, 200 + k) % 100 ether + 1;
            // At most twelve parts; what is left is settled at once.
            for (uint256 part = 0; part < 12 && _left(some) != 0; ++part) {
                if (!_settleAll(some, part == 11 ? type(uint256).max : maxAmountIn)) maxAmountIn = type(uint256).max;
                settlements += some.length;
            }
        }
        // Each of a tip's two parts may be a unit more, where its share was rounded up.
        assertLe(usdc.balanceOf(keeper), together + 2 * settlements, "no more");
    }

    /// @dev Through Uniswap's own pool, each worth 2,500 USD; each call a transaction of its own.
    /// forge-config: default.isolate = true
    function test_OneByOneCostsMoreGasForTheSameTips() public {
        emit log("merchants | tips together, USD | one by one | gas together | one by one");
        uint256[4] memory counts = [uint256(1), 2, 5, 10];
        for (uint256 i = 0; i < counts.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            uint256[] memory balances = new uint256[](counts[i]);
            for (uint256 k = 0; k < balances.length; ++k) {
                balances[k] = 1 ether;
            }
            (address[] memory all,) = owe(balances);
            elapse(600);
            uint256 owed = vm.snapshotState();
            uint256 gasTogether = _sell(all);
            uint256 together = usdc.balanceOf(keeper);
            vm.revertToState(owed);
            uint256 gasApart;
            for (uint256 k = 0; k < all.length; ++k) {
                gasApart += _sell(list(all[k]));
            }
            uint256 apart = usdc.balanceOf(keeper);
            emit log(string.concat(
                    string.concat(vm.toString(counts[i]), " | ", _usd(together), " | ", _usd(apart), " | "),
                    string.concat(vm.toString(gasTogether), " | ", vm.toString(gasApart))
                ));
            assertLe(apart, together + counts[i], "no more tips, but for a unit each");
            assertGe(gasApart, gasTogether, "and no less gas");
            vm.revertToState(snapshot);
        }
    }

    /// @return isSettled Whether anything was.
    function _settleAll(address[] memory some, uint256 maxAmountIn) internal returns (bool isSettled) {
        (uint256 amountIn,,,,) = settler.previewPart(here(), some, maxAmountIn);
        if (amountIn == 0) return false;
        solver.willDeliver(worth(amountIn));
        vm.prank(keeper);
        settler.settlePart(here(), some, maxAmountIn, address(solver), "");
        return true;
    }

    function _sell(address[] memory some) internal returns (uint256 gas) {
        vm.prank(keeper);
        settler.settle(here(), some, address(uniswap), wethToUsdc());
        return vm.lastCallGas().gasTotalUsed;
    }

    function _left(address[] memory some) internal view returns (uint256 sum) {
        for (uint256 i = 0; i < some.length; ++i) {
            sum += escrow.balanceOf(some[i], address(weth));
        }
    }

    function _subset(address[] memory all, uint256 seed, uint256 k) internal pure returns (address[] memory some) {
        some = new address[](all.length);
        uint256 count;
        for (uint256 i = 0; i < all.length; ++i) {
            if (_draw(seed, 50 + i) % 4 == k) some[count++] = all[i];
        }
        assembly ("memory-safe") {
            mstore(some, count)
        }
    }

    function _draw(uint256 seed, uint256 what) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }

    function _usd(uint256 amount) internal pure returns (string memory) {
        uint256 cents = amount / 1e4;
        return string.concat(vm.toString(cents / 100), cents % 100 < 10 ? ".0" : ".", vm.toString(cents % 100));
    }
}
