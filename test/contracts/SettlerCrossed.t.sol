// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {Group, Side} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice Opposite balances crossed at the oracle's rate: WETH wanted as USDC, and USDC wanted as WETH.
contract SettlerCrossedTest is SettlerTest {
    function setUp() public override {
        super.setUp();
        register(merchants[0], here(), 0);
        register(merchants[1], _back(), 0);
        fund(weth, address(solver), 10 ether);
    }

    function test_SettleCrossed_ExactlyWithoutAnySolver() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], usdc, 2_500e6, MIDNIGHT);

        vm.prank(keeper);
        settler.settleCrossed(_side(here(), merchants[0]), _side(_back(), merchants[1]), address(0), "");

        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "its value less the tip");
        assertEq(weth.balanceOf(merchants[1]), 0.999 ether, "its value less the tip");
        assertEq(usdc.balanceOf(keeper), 2.5e6, "tip of the one");
        assertEq(weth.balanceOf(keeper), 0.001 ether, "tip of the other");
        assertHoldsNothing();
    }

    function test_SettleCrossed_TheRestGoesThroughTheSolver() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], usdc, 5_000e6, MIDNIGHT);
        // 2 WETH less 0.3%, of which 1 is crossed.
        solver.willDeliver(0.994 ether);

        vm.prank(keeper);
        settler.settleCrossed(_side(here(), merchants[0]), _side(_back(), merchants[1]), address(solver), "route");

        assertEq(solver.lastAmountIn(), 2_500e6, "what was left");
        assertEq(solver.lastMinOut(), 0.994 ether, "what was missing");
        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "crossed at the oracle's rate");
        assertEq(weth.balanceOf(merchants[1]), 1.992006 ether, "1.994 less the tip");
        assertHoldsNothing();
    }

    function test_RevertWhen_TheRestIsBelowTheBound() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], usdc, 5_000e6, MIDNIGHT);
        solver.willDeliver(0.994 ether - 1);

        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 1.994 ether - 1, 1.994 ether));
        settler.settleCrossed(_side(here(), merchants[0]), _side(_back(), merchants[1]), address(solver), "");
    }

    function test_RevertWhen_NotCovered() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], usdc, 2_500e6 - 1, MIDNIGHT);

        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_NotCovered.selector, 2_500e6, 2_500e6 - 1));
        settler.settleCrossed(_side(here(), merchants[0]), _side(_back(), merchants[1]), address(solver), "");
    }

    function test_RevertWhen_NotOpposite() public {
        Side memory side = _side(here(), merchants[0]);
        Group memory far = _back();
        far.eid = EID_B;
        Group memory same = Group({token: address(usdc), asset: address(usdc), eid: EID_A, tier: TIER});

        vm.expectRevert(ISettler.Settler_NotOpposite.selector);
        settler.settleCrossed(side, side, address(solver), "");
        vm.expectRevert(ISettler.Settler_NotOpposite.selector);
        settler.settleCrossed(side, _side(far, merchants[1]), address(solver), "");
        vm.expectRevert(ISettler.Settler_NotOpposite.selector);
        settler.settleCrossed(_side(same, merchants[0]), _side(same, merchants[1]), address(solver), "");
    }

    function _back() internal view returns (Group memory) {
        return Group({token: address(usdc), asset: address(weth), eid: EID_A, tier: TIER});
    }

    function _side(Group memory group, address merchant) internal pure returns (Side memory) {
        return Side({group: group, merchants: list(merchant)});
    }
}
