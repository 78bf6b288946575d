// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {StockSolver} from "../../contracts/src/solvers/StockSolver.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice A keeper fills from its own tokens, and nobody else from them.
contract StockSolverTest is SettlerTest {
    StockSolver internal stock;

    function setUp() public override {
        super.setUp();
        stock = new StockSolver(settler);
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        usdc.mint(keeper, 10_000e6);
        vm.prank(keeper);
        usdc.approve(address(stock), type(uint256).max);
    }

    function test_Settle_PaysTheBoundAndGetsTheTokens() public {
        vm.prank(keeper);
        stock.settle(here(), list(merchants[0]), type(uint256).max, 2_492.5e6);

        // 2,492.50 paid, of which the tip of 2.4925 came back.
        assertEq(usdc.balanceOf(keeper), 10_000e6 - 2_492.5e6 + 2_492_500, "paid, less the tip");
        assertEq(weth.balanceOf(keeper), 1 ether, "what it bought");
        assertEq(usdc.balanceOf(merchants[0]), 2_490_007_500, "the merchant");
        assertEq(weth.balanceOf(address(stock)) + usdc.balanceOf(address(stock)), 0, "holds nothing");
        assertHoldsNothing();
    }

    function test_Settle_InPart() public {
        vm.prank(keeper);
        stock.settle(here(), list(merchants[0]), 0.4 ether, 997e6);

        assertEq(weth.balanceOf(keeper), 0.4 ether, "the part");
        assertEq(escrow.balanceOf(merchants[0], address(weth)), 0.6 ether, "the rest");
    }

    function test_RevertWhen_TooDear() public {
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(StockSolver.StockSolver_TooDear.selector, 2_492.5e6, 2_492.5e6 - 1));
        stock.settle(here(), list(merchants[0]), type(uint256).max, 2_492.5e6 - 1);
    }

    function test_RevertWhen_AStrangerSettlesWithAKeepersApproval() public {
        bytes memory notAsked = abi.encodeWithSelector(StockSolver.StockSolver_NotAsked.selector, address(settler));

        vm.prank(merchants[1]);
        vm.expectRevert(notAsked);
        settler.settle(here(), list(merchants[0]), address(stock), abi.encode(type(uint256).max));
    }

    function test_RevertWhen_AStrangerAsksTheSolver() public {
        bytes memory notAsked = abi.encodeWithSelector(StockSolver.StockSolver_NotAsked.selector, merchants[1]);

        vm.prank(merchants[1]);
        vm.expectRevert(notAsked);
        stock.solve(address(weth), 0, address(usdc), 1e6, abi.encode(type(uint256).max));
    }

    function test_RevertWhen_AfterAKeepersOwnCall() public {
        vm.prank(keeper);
        stock.settle(here(), list(merchants[0]), 0.4 ether, 997e6);

        vm.expectRevert(abi.encodeWithSelector(StockSolver.StockSolver_NotAsked.selector, address(settler)));
        settler.settle(here(), list(merchants[0]), address(stock), abi.encode(type(uint256).max));
    }

    function test_RevertWhen_TheStrangerHasNothing() public {
        vm.prank(merchants[1]);
        vm.expectRevert();
        stock.settle(here(), list(merchants[0]), type(uint256).max, type(uint256).max);

        assertEq(usdc.balanceOf(keeper), 10_000e6, "the keeper's own");
    }
}
