// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {Recipient, Reserve} from "../../contracts/src/types/Payout.sol";
import {Rest} from "../../contracts/src/types/Rest.sol";
import {Group, Tier} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice Settlements that leave something: reserves, and parts for a shallow pool. And what a head costs.
contract SettlerPartsTest is SettlerTest {
    // ── reserves ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_Reserve_StaysInTheLedger() public {
        _keep(merchants[0], 0.4 ether, 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(1_500e6);

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(
            idOf(weth, merchants[0], 0.6 ether), merchants[0], address(weth), 0.6 ether, 0.6 ether, 1_498.5e6
        );
        settle(here(), list(merchants[0]));

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 0.4 ether, "kept");
        assertEq(usdc.balanceOf(merchants[0]), 1_498.5e6, "the rest was settled");
    }

    function test_Reserve_OfTheWholeBalanceIsSkipped() public {
        _keep(merchants[0], 1 ether, 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        register(merchants[1], here(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[1], 1 ether), merchants[0], ISettler.Skip.Reserved);
        settle(here(), list(merchants[0], merchants[1]));
    }

    function test_Reserve_DoesNotAgeWhatArrivesLater() public {
        _keep(merchants[0], 1 ether, 0);
        credit(merchants[0], weth, 2 ether, MIDNIGHT - 30 days);
        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));
        _at(MIDNIGHT + 1 days);
        credit(merchants[0], weth, 1 ether, MIDNIGHT + 1 days);

        assertEq(_allowanceOf(merchants[0]), 30, "its auction begins as it arrives");
        _at(MIDNIGHT + 1 days + 300);
        assertEq(_allowanceOf(merchants[0]), 80, "and grows from there");
    }

    function test_Reserve_DoesNotMakeACycleEndEarly() public {
        _keep(merchants[0], 1 ether, 1 hours);
        credit(merchants[0], weth, 2 ether, MIDNIGHT - 30 days);
        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));
        _at(MIDNIGHT + 30 minutes);
        credit(merchants[0], weth, 1 ether, MIDNIGHT + 30 minutes);

        assertTrue(!_isEligible(merchants[0]), "its hour has not ended");
        _at(MIDNIGHT + 1 hours);
        assertTrue(_isEligible(merchants[0]), "now it has");
    }

    // ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_SettlePart_InOrderUntilTheAmountIsTaken() public {
        for (uint256 i = 0; i < 3; ++i) {
            register(merchants[i], here(), 0);
            credit(merchants[i], weth, 1 ether, MIDNIGHT);
        }
        solver.willDeliver(3_750e6);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[0], 1 ether), merchants[2], ISettler.Skip.NoRoom);
        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(
            idOf(weth, merchants[0], 1 ether), merchants[1], address(weth), 0.5 ether, 0.5 ether, 1_248.75e6
        );
        _settlePart(list(merchants[0], merchants[1], merchants[2]), 1.5 ether);

        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "whole");
        assertEq(usdc.balanceOf(merchants[1]), 1_248.75e6, "in part");
        assertEq(escrow.balanceOf(merchants[1], address(weth)), 0.5 ether, "its rest");
        assertEq(escrow.balanceOf(merchants[2], address(weth)), 1 ether, "untouched");
        assertHoldsNothing();
    }

    function test_SettlePart_OfEverythingLeavesNoRest() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(1_250e6);
        _settlePart(list(merchants[0]), 0.5 ether);
        assertEq(settler.restOf(merchants[0], address(weth)).credited, 1 ether, "a rest is noted");

        settle(here(), list(merchants[0]));

        Rest memory none;
        assertEq(abi.encode(settler.restOf(merchants[0], address(weth))), abi.encode(none), "and forgotten");
    }

    /// @dev The more was taken, the younger the auction of the rest: nobody leaves a remainder at the full allowance.
    function test_SettlePart_SetsTheAuctionOfTheRestBackByThePart() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT - 30 days);
        assertEq(_allowanceOf(merchants[0]), 130, "fully grown");
        solver.willDeliver(2_500e6);

        uint256 before = vm.snapshotState();
        _settlePart(list(merchants[0]), 0.01 ether);
        assertEq(_allowanceOf(merchants[0]), 129, "after a hundredth");
        vm.revertToState(before);
        _settlePart(list(merchants[0]), 0.5 ether);
        assertEq(_allowanceOf(merchants[0]), 80, "after half");
        vm.revertToState(before);
        _settlePart(list(merchants[0]), 0.99 ether);
        assertEq(_allowanceOf(merchants[0]), 31, "after nearly all");
    }

    function test_SettlePart_LeavesNoOldRemainderForWhatArrivesLater() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT - 30 days);
        solver.willDeliver(2_500e6);
        _settlePart(list(merchants[0]), 0.99 ether);
        _at(MIDNIGHT + 1 hours);
        credit(merchants[0], weth, 0.99 ether, MIDNIGHT + 1 hours);

        // A hundredth is an hour old, the rest new: 36 seconds in the mean. By the ledger's mean it were 7 hours.
        assertEq(_allowanceOf(merchants[0]), 36, "36 seconds of 600, of 100 basis points, after 30");
    }

    function test_RevertWhen_PartIsNothing() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);

        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        _settlePart(list(merchants[0]), 0);
    }

    // ── tips and heads ──────────────────────────────────────────────────────────────────────────────────────────

    function test_Tip_IsCappedPerMerchant() public {
        _pays({maxTipUsd6: 1e6, headUsd6: 0});
        _two(1 ether);
        solver.willDeliver(5_000e6);

        settle(here(), list(merchants[0], merchants[1]));

        assertEq(usdc.balanceOf(keeper), 2e6, "1 USD each, instead of 2.50");
    }

    function test_Head_CostsEachTheSame() public {
        _pays({maxTipUsd6: 1e6, headUsd6: 50_000});
        _two(1 ether);
        solver.willDeliver(5_000e6);

        settle(here(), list(merchants[0], merchants[1]));

        assertEq(usdc.balanceOf(keeper), 2.1e6, "1 USD and 5 cents each");
    }

    function test_Head_ABalanceNotWorthItWaits() public {
        _pays({maxTipUsd6: 1e6, headUsd6: 50_000});
        register(merchants[0], here(), 0);
        // 1% of 4.99 USD is less than 5 cents.
        credit(merchants[0], weth, 0.002 ether, MIDNIGHT);
        assertTrue(!_isEligible(merchants[0]), "5 USD less the allowance");
        credit(merchants[0], weth, 0.0001 ether, MIDNIGHT);
        assertTrue(_isEligible(merchants[0]), "5.25 USD");
    }

    function test_Tip_SettlingOneByOneEarnsNoMoreThanTogether() public {
        _pays({maxTipUsd6: 1e6, headUsd6: 50_000});
        _two(1 ether);
        uint256 before = vm.snapshotState();
        solver.willDeliver(5_000e6);
        settle(here(), list(merchants[0], merchants[1]));
        uint256 together = usdc.balanceOf(keeper);
        vm.revertToState(before);

        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));
        settle(here(), list(merchants[1]));

        assertEq(usdc.balanceOf(keeper), together, "2.10 USD either way");
    }

    function test_Tip_SettlingInPartsEarnsNoMoreThanAtOnce() public {
        _pays({maxTipUsd6: 1e6, headUsd6: 50_000});
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 10 ether, MIDNIGHT);

        for (uint256 i = 0; i < 5; ++i) {
            solver.willDeliver(5_000e6);
            _settlePart(list(merchants[0]), 2 ether);
        }

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 0, "all of it");
        assertLe(usdc.balanceOf(keeper), 1.05e6, "1 USD and 5 cents, once");
        assertGe(usdc.balanceOf(keeper), 1.05e6 - 10, "but for a unit of rounding a part and charge");
    }

    function test_Tip_NobodyIsTippedWithoutARateInUsd() public {
        Group memory asIs = Group({token: address(usdc), asset: address(usdc), eid: EID_A, tier: TIER});
        register(merchants[0], asIs, 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        usdcFeed.updateAnswer(0);

        settle(asIs, list(merchants[0]));

        assertEq(usdc.balanceOf(merchants[0]), 1_000e6, "all of it");
    }

    function _two(uint256 amount) internal {
        for (uint256 i = 0; i < 2; ++i) {
            register(merchants[i], here(), 0);
            credit(merchants[i], weth, amount, MIDNIGHT);
        }
    }

    function _pays(uint48 maxTipUsd6, uint48 headUsd6) internal {
        Tier memory params = tier();
        (params.maxHeadBps, params.maxTipUsd6, params.headUsd6) = (100, maxTipUsd6, headUsd6);
        settler.setTier(TIER, params);
    }

    function _keep(address merchant, uint112 amount, uint32 cycle) internal {
        Reserve[] memory reserves = new Reserve[](1);
        reserves[0] = Reserve({token: address(weth), amount: amount});
        register(merchant, here(), cycle, address(settler), new Recipient[](0), reserves);
    }

    function _settlePart(address[] memory members, uint256 maxAmountIn) internal {
        vm.prank(keeper);
        settler.settlePart(here(), members, maxAmountIn, address(solver), "");
    }

    function _at(uint256 timestamp) internal {
        vm.warp(timestamp);
        refreshFeeds();
    }

    function _allowanceOf(address merchant) internal view returns (uint256 allowanceBps) {
        (,,, allowanceBps,) = settler.preview(here(), list(merchant));
    }

    function _isEligible(address merchant) internal view returns (bool) {
        (,,,, bool[] memory eligible) = settler.preview(here(), list(merchant));
        return eligible[0];
    }
}
