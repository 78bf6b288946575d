// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {UniswapV3Solver} from "../../contracts/src/solvers/UniswapV3Solver.sol";
import {MarketTest} from "./base/Market.sol";

/// @notice The solver against Uniswap's own factory, router, position manager and pools.
contract UniswapV3SolverTest is MarketTest {
    function setUp() public override {
        super.setUp();
        pool(weth, 1_000 ether, mati, 10_000_000e18, FULL_RANGE);
        pool(mati, 10_000_000e18, usdc, 2_500_000e6, FULL_RANGE);
    }

    function test_Solve_OneHop() public {
        fund(weth, address(uniswap), 1 ether);

        uniswap.solve(address(weth), 1 ether, address(mati), 9_950e18, _path(weth, mati));

        // 10,000 less the pool's fee of 0.3% and the price it moves, 0.1%.
        assertEq(mati.balanceOf(address(this)) / 1e18, 9_960, "delivered to the caller");
        _assertHoldsNothing();
    }

    function test_Solve_TwoHops() public {
        fund(weth, address(uniswap), 1 ether);

        uniswap.solve(address(weth), 1 ether, address(usdc), 2_470e6, abi.encodePacked(weth, FEE, mati, FEE, usdc));

        assertEq(usdc.balanceOf(address(this)) / 1e6, 2_480, "delivered to the caller");
        _assertHoldsNothing();
    }

    function test_Solve_SwapsNoMoreThanItWasToldOf() public {
        fund(weth, address(uniswap), 3 ether);

        uniswap.solve(address(weth), 1 ether, address(mati), 0, _path(weth, mati));

        assertEq(weth.balanceOf(address(uniswap)), 2 ether, "a donation stays");
        assertEq(weth.allowance(address(uniswap), router), 0, "allowance");
    }

    function test_RevertWhen_LessThanMinOut() public {
        fund(weth, address(uniswap), 1 ether);

        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Too little received"));
        uniswap.solve(address(weth), 1 ether, address(mati), 9_970e18, _path(weth, mati));
    }

    function test_RevertWhen_NotSentTheTokens() public {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "STF"));
        uniswap.solve(address(weth), 1 ether, address(mati), 0, _path(weth, mati));
    }

    /// @dev A pool that runs dry takes less than it was offered, and the router does not mind.
    function test_RevertWhen_PoolRunsDry() public {
        pool(weth, 1 ether, usdc, 2_500e6, 0);
        uint256 amountIn = 100 ether;
        fund(weth, address(uniswap), amountIn);

        (bool success, bytes memory answer) = address(uniswap)
            .call(abi.encodeCall(uniswap.solve, (address(weth), amountIn, address(usdc), 1, _path(weth, usdc))));

        assertTrue(!success, "refused");
        uint256 left = _word(answer);
        assertEq(answer, abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_NotFilled.selector, left), "error");
        assertTrue(left > 90 ether && left < amountIn, "what the pool did not take");
        uniswap.solve(address(weth), 0.1 ether, address(usdc), 1, _path(weth, usdc));
    }

    function test_RevertWhen_PathDoesNotLeadFromInToOut() public {
        fund(weth, address(uniswap), 1 ether);
        _assertBadPath("");
        _assertBadPath(abi.encodePacked(weth));
        _assertBadPath(abi.encodePacked(weth, mati));
        _assertBadPath(abi.encodePacked(weth, FEE, mati, uint8(0)));
        _assertBadPath(abi.encodePacked(weth, FEE, FEE, mati));
        _assertBadPath(_path(usdc, mati));
        _assertBadPath(_path(weth, usdc));
        _assertBadPath(_path(mati, weth));

        bytes memory noPool = abi.encodePacked(weth);
        vm.expectRevert(abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_BadPath.selector, noPool));
        uniswap.solve(address(weth), 1 ether, address(weth), 0, noPool);
    }

    function test_Settle_AlongAPath() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        vm.warp(MIDNIGHT + 600);

        vm.prank(keeper);
        settler.settle(here(), list(merchants[0]), address(uniswap), abi.encodePacked(weth, FEE, mati, FEE, usdc));

        uint256 paid = usdc.balanceOf(merchants[0]);
        assertTrue(paid > 2_475e6 && paid < 2_485e6, "paid");
        assertHoldsNothing();
        _assertHoldsNothing();
    }

    function test_RevertWhen_ThePoolIsWorseThanTheBound() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);

        // 30 bps are allowed at first; two pools take more. The router refuses before the settler has to.
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Too little received"));
        vm.prank(keeper);
        settler.settle(here(), list(merchants[0]), address(uniswap), abi.encodePacked(weth, FEE, mati, FEE, usdc));
    }

    function _path(IERC20 from, IERC20 to) internal pure returns (bytes memory) {
        return abi.encodePacked(from, FEE, to);
    }

    function _assertBadPath(bytes memory path) internal {
        vm.expectRevert(abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_BadPath.selector, path));
        uniswap.solve(address(weth), 1 ether, address(mati), 0, path);
    }

    function _assertHoldsNothing() internal view {
        IERC20[3] memory tokens = [IERC20(weth), usdc, mati];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(tokens[i].balanceOf(address(uniswap)), 0, "the solver's balance");
            assertEq(tokens[i].allowance(address(uniswap), router), 0, "allowance to the router");
        }
    }

    /// @dev The value of an error.
    function _word(bytes memory answer) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(answer, 0x24))
        }
    }
}
