// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Ledger} from "../../contracts/src/types/Ledger.sol";
import {Recipient} from "../../contracts/src/types/Payout.sol";
import {BothChainsTest} from "./base/BothChains.sol";

/// @notice The whole way of a settlement: from WETH in chain A's escrow to USDC with its recipients on chain B.
contract SettlerBothChainsTest is BothChainsTest {
    address internal alice = address(0xa1);
    address internal bob = address(0xb0);

    function test_SettlesFromWethThereToUsdcHere() public {
        registerOnBoth(merchants[0], new Recipient[](0));
        registerOnBoth(merchants[1], recipients(alice, 3_333, bob, 6_667));
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], weth, 3 ether, MIDNIGHT);

        solver.willDeliver(39_999e18 + 7);
        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE);
        arrive();
        farSolver.willDeliver(9_960_000_003);
        settleOnB(ascending(_account(0), _account(1)));

        assertEq(packets.length, 1, "one message for both");
        // 39,999.000000000000000007 less the tip of 39.999 is 39,959.001000000000000007. A quarter is
        // 9,989.75025000000000000175: less 60 for the message, cut to six decimals, 9,929.750250. Three: 29,909.250750.
        _assertSettled(merchants[0], 1 ether, 9_929.75025e18);
        _assertSettled(merchants[1], 3 ether, 29_909.25075e18);
        assertEq(mati.balanceOf(keeper), 39.999e18 + 120e18 + 7, "earned on A: tip, message and dust");
        assertEq(b.token.balanceOf(address(farSolver)), 39_839.001e18, "what arrived went to the solver on B");
        // 9,960.000003 in 9,929.75025 of 39,839.001 parts is 2,482.499812, rounded down, and 7,477.500191 the rest; less the
        // tips of 2.482499 and 7.477500.
        assertEq(farUsdc.balanceOf(merchants[0]), 2_480_017_313, "the merchant alone");
        assertEq(farUsdc.balanceOf(alice), 2_489_758_562, "33.33%, rounded down");
        assertEq(farUsdc.balanceOf(bob), 4_980_264_129, "the rest");
        assertEq(farUsdc.balanceOf(keeper), 9_959_999, "tip on B");
        _assertEmpty(address(farSettler));
        _assertEmpty(address(b.gateway));
        _assertEmpty(address(b.escrow));
        assertHoldsNothing();
    }

    function _account(uint256 merchant) internal view returns (address) {
        return registry.payoutAccount(merchants[merchant]);
    }

    function _assertSettled(address merchant, uint256 wethAmount, uint256 matiAmount) internal view {
        Ledger memory onA = escrow.ledger(merchant, address(weth));
        Ledger memory onB = b.escrow.ledger(registry.payoutAccount(merchant), address(b.token));
        assertTrue(onA.credited == wethAmount && onA.debited == wethAmount, "all WETH left A's ledger");
        assertEq(onB.credited, matiAmount, "arrived in B's ledger");
        assertEq(onB.debited, matiAmount, "all of it left B's ledger");
    }

    function _assertEmpty(address account) internal view {
        IERC20[2] memory tokens = [IERC20(b.token), farUsdc];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(tokens[i].balanceOf(account), 0, "balance");
            assertEq(tokens[i].allowance(account, address(b.escrow)), 0, "allowance to the escrow");
        }
    }
}
