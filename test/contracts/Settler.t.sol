// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "../../contracts/src/interfaces/IMatiGateway.sol";
import {IRateOracle} from "../../contracts/src/interfaces/IRateOracle.sol";
import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {ChainlinkSource} from "../../contracts/src/sources/ChainlinkSource.sol";
import {Recipient} from "../../contracts/src/types/Payout.sol";
import {Group, Tier} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice Who is settled, how far below the oracle's value, and that nobody gets around it.
contract SettlerPlanTest is SettlerTest {
    // ── who is due ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_Cycle_DueIfArrivedByTheBoundary() public {
        register(merchants[0], here(), 1 hours);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        vm.warp(MIDNIGHT);
        assertTrue(_isEligible(merchants[0]), "in the boundary's own second");
        register(merchants[1], here(), 1 hours);
        credit(merchants[1], weth, 1 ether, MIDNIGHT + 1);
        vm.warp(MIDNIGHT + 1 hours - 1);
        assertTrue(!_isEligible(merchants[1]), "arrived a second after the boundary");
        vm.warp(MIDNIGHT + 1 hours);
        assertTrue(_isEligible(merchants[1]), "at the next boundary");
    }

    function test_NoCycle_DueOnArrival() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT + 7);
        vm.warp(MIDNIGHT + 7);

        assertTrue(_isEligible(merchants[0]), "at once");
    }

    function test_Settle_SkipsIneligibleMembersWithTheirReason() public {
        register(merchants[0], here(), 1 days);
        credit(merchants[0], weth, 1 ether, MIDNIGHT + 1);
        register(merchants[1], here(), 0);
        register(merchants[2], here(), 0);
        credit(merchants[2], weth, 1 ether, MIDNIGHT);
        vm.warp(MIDNIGHT + 2);
        solver.willDeliver(2_500e6);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[2], 1 ether), merchants[0], ISettler.Skip.NotDue);
        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[2], 1 ether), merchants[1], ISettler.Skip.Empty);
        settle(here(), list(merchants[0], merchants[1], merchants[2]));

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 1 ether, "skipped: untouched");
        assertEq(usdc.balanceOf(merchants[2]), 2_497.5e6, "settled");
    }

    function test_Settle_SkipsWhoeverIsNoMember() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);
        Group memory otherAsset = here();
        otherAsset.asset = address(mati);
        Group memory otherTier = here();
        otherTier.tier = 2;
        Group memory otherEid = here();
        otherEid.eid = EID_B;

        _assertNotMember(address(0x2001), otherAsset, address(settler));
        _assertNotMember(address(0x2002), otherTier, address(settler));
        _assertNotMember(address(0x2003), otherEid, address(settler));
        _assertNotMember(address(0x2004), here(), makeAddress("another settler"));
        _assertNotMember(address(0x2005), here(), address(0));
        credit(address(0x2006), weth, 1 ether, MIDNIGHT);
        _assertSkipped(address(0x2006), ISettler.Skip.NotMember);
    }

    function test_Settle_SkipsWhatWouldRoundToNothing() public {
        register(merchants[0], here(), 0);
        register(merchants[1], here(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);
        // 1 unit of USDC is 4e8 units of WETH; less 0.3% allowance and 0.1% tip, 2 units are left as 1.
        credit(merchants[0], weth, 8e8 - 1, MIDNIGHT);
        assertTrue(!_isEligible(merchants[0]), "worth less than 2 units");
        credit(merchants[0], weth, 1, MIDNIGHT);
        assertTrue(!_isEligible(merchants[0]), "2 units less the allowance is 1, less the tip nothing");
        credit(merchants[0], weth, 4e8, MIDNIGHT);
        assertTrue(_isEligible(merchants[0]), "3 units");
    }

    function test_Settle_DustIsSkippedAndBlocksNobody() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1, MIDNIGHT);
        register(merchants[1], here(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[1], 1 ether), merchants[0], ISettler.Skip.TooSmall);
        settle(here(), list(merchants[0], merchants[1]));

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 1, "waits");
        assertEq(usdc.balanceOf(merchants[1]), 2_497.5e6, "settled");
    }

    function test_RevertWhen_NothingToSettle() public {
        register(merchants[0], here(), 0);

        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        settle(here(), list(merchants[0]));
        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        settle(here(), new address[](0));
    }

    function test_RevertWhen_MembersAreNotAscending() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_NotAscending.selector, merchants[0]));
        settle(here(), list(merchants[0], merchants[0]));
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_NotAscending.selector, merchants[0]));
        settle(here(), list(merchants[1], merchants[0]));
    }

    // ── how far below the oracle's value ────────────────────────────────────────────────────────────────────────

    function test_Allowance_GrowsLinearlyFromArrival() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);

        _assertAllowance(MIDNIGHT, 30);
        _assertAllowance(MIDNIGHT + 5, 30);
        _assertAllowance(MIDNIGHT + 6, 31);
        _assertAllowance(MIDNIGHT + 300, 80);
        _assertAllowance(MIDNIGHT + 599, 129);
        _assertAllowance(MIDNIGHT + 600, 130);
        _assertAllowance(MIDNIGHT + 10 days, 130);
    }

    function test_Allowance_OfATimeToComeIsTheFirst() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT + 1);

        _assertAllowance(MIDNIGHT, 30);
    }

    function test_Allowance_GrowsFromTheFirstBoundaryAfterTheCredit() public {
        register(merchants[0], here(), 1 hours);
        credit(merchants[0], weth, 1 ether, MIDNIGHT - 30 minutes);

        _assertAllowance(MIDNIGHT, 30);
        _assertAllowance(MIDNIGHT + 300, 80);
        _assertAllowance(MIDNIGHT + 1 hours - 1, 130);
        _assertAllowance(MIDNIGHT + 1 hours, 130);
    }

    function test_Allowance_OfAGroupIsTheSmallestOfThoseSettled() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT - 600);
        register(merchants[1], here(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT - 300);
        register(merchants[2], here(), 1 hours);
        credit(merchants[2], weth, 1 ether, MIDNIGHT + 1);

        (uint256 amountIn, uint256 minReceived,, uint256 allowanceBps,) =
            settler.preview(here(), list(merchants[0], merchants[1], merchants[2]));

        assertEq(amountIn, 2 ether, "the third is not due");
        assertEq(allowanceBps, 80, "of the second");
        assertEq(minReceived, 4_960e6, "5,000 less 0.8%");
    }

    function test_Preview_RoundsUpWhatMustBeReceived() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether + 1, MIDNIGHT);

        (, uint256 minReceived,,,) = settler.preview(here(), list(merchants[0]));

        // 2500.000001 (rounded up) * 0.997 = 2492.500000997
        assertEq(minReceived, 2_492_500_001, "rounded up twice");
    }

    function test_Preview_SaysWhatSettleDoes() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        register(merchants[1], across(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);

        (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible) =
            settler.preview(here(), list(merchants[0], merchants[1]));

        assertEq(amountIn, 1 ether, "amountIn");
        assertEq(minReceived, 2_492.5e6, "minReceived");
        assertEq(out, address(usdc), "out");
        assertEq(allowanceBps, 30, "allowance");
        assertTrue(eligible.length == 2 && eligible[0] && !eligible[1], "eligible");
        (, minReceived, out,,) = settler.preview(across(), list(merchants[1]));
        assertEq(minReceived, 9_970e18, "minReceived across");
        assertEq(out, address(mati), "out across");
    }

    function test_Preview_OfNobodyIsEmpty() public view {
        (uint256 amountIn, uint256 minReceived, address out, uint256 allowanceBps, bool[] memory eligible) =
            settler.preview(here(), list(merchants[0]));

        assertEq(amountIn + minReceived + allowanceBps, 0, "nothing");
        assertEq(out, address(usdc), "out");
        assertTrue(eligible.length == 1 && !eligible[0], "nobody");
    }

    // ── the bound ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_Settle_TakesTheLeastTheBoundAllows() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_492.5e6);

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(
            idOf(weth, merchants[0], 1 ether), merchants[0], address(weth), 1 ether, 1 ether, 2_490_007_500
        );
        vm.expectEmit(address(settler));
        emit ISettler.Settled(
            idOf(weth, merchants[0], 1 ether),
            address(weth),
            keeper,
            here(),
            1 ether,
            2_492.5e6,
            2_492.5e6,
            30,
            2_492_500,
            0,
            2_500e18,
            11,
            22,
            0
        );
        bytes32 id = settle(here(), list(merchants[0]));

        assertEq(id, idOf(weth, merchants[0], 1 ether), "id");
        assertEq(usdc.balanceOf(merchants[0]), 2_490_007_500, "paid");
        assertEq(usdc.balanceOf(keeper), 2_492_500, "tip");
        assertEq(weth.balanceOf(address(solver)), 1 ether, "the solver keeps what it was given");
        assertEq(solver.lastAmountIn(), 1 ether, "amountIn");
        assertEq(solver.lastMinOut(), 2_492.5e6, "minOut");
        assertEq(solver.lastData(), "route", "data");
        assertHoldsNothing();
    }

    function test_RevertWhen_SolverDeliversLess() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);

        solver.willDeliver(2_492.5e6 - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 2_492.5e6 - 1, 2_492.5e6));
        settle(here(), list(merchants[0]));
        solver.willDeliver(0);
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 0, 2_492.5e6));
        settle(here(), list(merchants[0]));

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 1 ether, "nothing moved");
    }

    function test_RevertWhen_ADonationShouldCountAsDelivery() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        usdc.mint(address(settler), 10_000e6);

        solver.willDeliver(2_492.5e6 - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 2_492.5e6 - 1, 2_492.5e6));
        settle(here(), list(merchants[0]));
        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));

        assertEq(usdc.balanceOf(address(settler)), 10_000e6, "what was donated stays");
        assertEq(usdc.balanceOf(merchants[0]) + usdc.balanceOf(keeper), 2_500e6, "what was delivered went");
    }

    function test_Settle_SolverMayDeliverFromItsLedgerBalance() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(address(solver), usdc, 2_500e6, MIDNIGHT);
        solver.willCall(
            address(escrow), abi.encodeCall(IMatiEscrow.withdraw, (address(usdc), 2_500e6, address(settler)))
        );

        settle(here(), list(merchants[0]));

        assertEq(escrow.balanceOf(address(solver), address(usdc)), 0, "its own money");
        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "paid");
        assertHoldsNothing();
    }

    function test_Settle_SolverCannotSettleInside() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        Group memory asIs = Group({token: address(usdc), asset: address(usdc), eid: EID_A, tier: TIER});
        // Its own USDC, paid out to the settler by another settlement, would count twice.
        register(merchants[1], asIs, 0);
        credit(merchants[1], usdc, 5_000e6, MIDNIGHT);
        solver.willCall(
            address(settler), abi.encodeCall(ISettler.settle, (asIs, list(merchants[1]), address(solver), ""))
        );
        solver.willDeliver(2_500e6);

        settle(here(), list(merchants[0]));

        assertTrue(!solver.succeeded(), "the inner settlement");
        assertEq(
            solver.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "why it failed"
        );
    }

    function test_RevertWhen_SolverTouchesAnothersBalance() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], usdc, 5_000e6, MIDNIGHT);
        solver.willCall(
            address(escrow), abi.encodeCall(IMatiEscrow.withdraw, (address(usdc), 2_500e6, address(settler)))
        );

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 0, 2_492.5e6));
        settle(here(), list(merchants[0]));
    }

    function test_RevertWhen_RateUnavailable() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        vm.warp(MIDNIGHT + MAX_AGE + 1);
        bytes memory stale =
            abi.encodeWithSelector(ChainlinkSource.ChainlinkSource_Stale.selector, MIDNIGHT, MAX_AGE, block.timestamp);
        bytes memory unavailable =
            abi.encodeWithSelector(IRateOracle.Oracle_PriceUnavailable.selector, address(weth), stale);

        vm.expectRevert(unavailable);
        settle(here(), list(merchants[0]));
        vm.expectRevert(unavailable);
        settler.preview(here(), list(merchants[0]));
    }

    function test_Settle_IdsDiffer() public {
        register(merchants[0], here(), 0);
        solver.willDeliver(2_500e6);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        assertEq(settle(here(), list(merchants[0])), idOf(weth, merchants[0], 1 ether), "first");
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        assertEq(settle(here(), list(merchants[0])), idOf(weth, merchants[0], 2 ether), "second");
    }

    // ── configuration ───────────────────────────────────────────────────────────────────────────────────────────

    function test_SetTier() public {
        Tier memory params = Tier({
            startBps: 1_000,
            maxBps: 1_000,
            growSeconds: 1,
            tipBps: 100,
            maxMessageBps: 500,
            maxHeadBps: 0,
            maxTipUsd6: UNCAPPED,
            headUsd6: 0
        });

        vm.expectEmit(address(settler));
        emit ISettler.TierSet(7, params);
        settler.setTier(7, params);

        assertEq(abi.encode(settler.tier(7)), abi.encode(params), "tier");
    }

    function test_RevertWhen_TierIsOutOfBounds() public {
        Tier memory params = tier();
        (params.startBps, params.maxBps) = (1_000, 1_001);
        _assertBadTier(params);
        (params.startBps, params.maxBps) = (131, 130);
        _assertBadTier(params);
        params = tier();
        params.growSeconds = 0;
        _assertBadTier(params);
        params = tier();
        params.tipBps = 101;
        _assertBadTier(params);
        params = tier();
        params.maxMessageBps = 501;
        _assertBadTier(params);
    }

    function test_RevertWhen_TierIsNotSet() public {
        Group memory group = here();
        group.tier = 9;
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BadTier.selector, 9));
        settle(group, list(merchants[0]));
    }

    function test_SetGateway() public {
        vm.expectEmit(address(settler));
        emit ISettler.GatewaySet(5, gateway);
        settler.setGateway(5, gateway);

        assertEq(address(settler.gateway(5)), address(gateway), "gateway");
    }

    function test_RevertWhen_ConfiguredByAStranger() public {
        bytes memory unauthorized = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, keeper);
        vm.prank(keeper);
        vm.expectRevert(unauthorized);
        settler.setTier(TIER, tier());
        vm.prank(keeper);
        vm.expectRevert(unauthorized);
        settler.setGateway(EID_B, IMatiGateway(address(0)));
    }

    function test_Constructor() public view {
        assertEq(address(settler.escrow()), address(escrow), "escrow");
        assertEq(address(settler.registry()), address(registry), "registry");
        assertEq(address(settler.oracle()), address(oracle), "oracle");
        assertEq(settler.wrappedNative(), address(wrappedNative), "wrappedNative");
    }

    function _isEligible(address merchant) internal view returns (bool) {
        (,,,, bool[] memory eligible) = settler.preview(here(), list(merchant));
        return eligible[0];
    }

    function _assertAllowance(uint256 timestamp, uint256 expectedBps) internal {
        vm.warp(timestamp);
        refreshFeeds();
        (, uint256 minReceived,, uint256 allowanceBps,) = settler.preview(here(), list(merchants[0]));
        assertEq(allowanceBps, expectedBps, "allowance");
        assertEq(minReceived, 2_500e6 * (10_000 - expectedBps) / 10_000, "minReceived");
    }

    function _assertNotMember(address merchant, Group memory its, address itsSettler) internal {
        register(merchant, its, 0, itsSettler, new Recipient[](0));
        credit(merchant, weth, 1 ether, MIDNIGHT);
        _assertSkipped(merchant, ISettler.Skip.NotMember);
    }

    /// @dev Settled together with a merchant who is eligible; undone afterwards.
    function _assertSkipped(address merchant, ISettler.Skip reason) internal {
        uint256 state = vm.snapshotState();
        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[0], 1 ether), merchant, reason);
        settle(here(), list(merchants[0], merchant));
        assertEq(escrow.balanceOf(merchant, address(weth)), 1 ether, "untouched");
        vm.revertToState(state);
    }

    function _assertBadTier(Tier memory params) internal {
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BadTier.selector, TIER));
        settler.setTier(TIER, params);
    }
}
