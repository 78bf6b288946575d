// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IUniswapV3Factory} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";

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
    }

    function test_RevertWhen_LessThanMinOut() public {
        fund(weth, address(uniswap), 1 ether);

        uint256 snapshot = vm.snapshotState();
        uniswap.solve(address(weth), 1 ether, address(mati), 0, _path(weth, mati));
        uint256 out = mati.balanceOf(address(this));
        vm.revertToState(snapshot);

        vm.expectRevert(abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_TooLittle.selector, out, out + 1));
        uniswap.solve(address(weth), 1 ether, address(mati), out + 1, _path(weth, mati));
        uniswap.solve(address(weth), 1 ether, address(mati), out, _path(weth, mati));
    }

    function test_RevertWhen_NotSentTheTokens() public {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(uniswap), 0, 1 ether)
        );
        uniswap.solve(address(weth), 1 ether, address(mati), 0, _path(weth, mati));
    }

    function test_RevertWhen_MoreThanASwapCanTake() public {
        uint256 amount = uint256(type(int256).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintToInt.selector, amount));
        uniswap.solve(address(weth), amount, address(mati), 0, _path(weth, mati));
    }

    /// @dev Where the factory has no pool, there is nothing to call.
    function test_RevertWhen_NoSuchPool() public {
        fund(weth, address(uniswap), 1 ether);

        vm.expectRevert(bytes(""));
        uniswap.solve(address(weth), 1 ether, address(mati), 0, abi.encodePacked(weth, uint24(500), mati));
        assertEq(weth.balanceOf(address(uniswap)), 1 ether, "untouched");
    }

    /// @dev What lies here in the middle of a settlement goes to genuine pools only, whatever a caller says of itself.
    function test_RevertWhen_CallbackIsNoPools() public {
        fund(weth, address(uniswap), 1 ether);
        address genuine = IUniswapV3Factory(factory).getPool(address(weth), address(mati), FEE);

        vm.expectRevert(
            abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_NotPool.selector, address(this), genuine)
        );
        uniswap.uniswapV3SwapCallback(1 ether, -1, _path(weth, mati));
        vm.expectRevert(
            abi.encodeWithSelector(UniswapV3Solver.UniswapV3Solver_NotPool.selector, address(this), genuine)
        );
        uniswap.uniswapV3SwapCallback(-1, 1 ether, _path(weth, mati));
        assertEq(weth.balanceOf(address(uniswap)), 1 ether, "untouched");
    }

    /// @dev A genuine pool calls back its caller, not whom that caller names.
    function test_RevertWhen_SomebodyElseSwaps() public {
        fund(weth, address(uniswap), 1 ether);
        address genuine = IUniswapV3Factory(factory).getPool(address(weth), address(mati), FEE);
        bool zeroForOne = address(weth) < address(mati);
        uint160 limit = zeroForOne ? 4295128740 : 1461446703485210103287273052203988822378723970341;

        vm.expectRevert(bytes(""));
        IUniswapV3Pool(genuine).swap(address(uniswap), zeroForOne, 1 ether, limit, _path(weth, mati));
        assertEq(weth.balanceOf(address(uniswap)), 1 ether, "untouched");
    }

    /// @dev Both ways through a pool, whichever token is its first.
    function test_Solve_ThereAndBack() public {
        fund(weth, address(uniswap), 1 ether);
        uniswap.solve(address(weth), 1 ether, address(mati), 0, _path(weth, mati));
        uint256 got = mati.balanceOf(address(this));
        mati.transfer(address(uniswap), got);

        uniswap.solve(address(mati), got, address(weth), 0.99 ether, _path(mati, weth));

        assertTrue(weth.balanceOf(address(this)) < 0.995 ether, "less the fees");
        _assertHoldsNothing();
    }

    /// @dev What a later pool does not take would stay here.
    function test_RevertWhen_SecondPoolRunsDry() public {
        pool(weth, 1 ether, usdc, 2_500e6, 0);
        fund(mati, address(uniswap), 1_000_000e18);

        vm.expectPartialRevert(UniswapV3Solver.UniswapV3Solver_NotFilled.selector);
        uniswap.solve(address(mati), 1_000_000e18, address(usdc), 1, abi.encodePacked(mati, FEE, weth, FEE, usdc));
        assertEq(mati.balanceOf(address(uniswap)), 1_000_000e18, "untouched");
    }

    /// @dev A pool that runs dry takes less than it was offered.
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

        // 30 bps are allowed at first; two pools take more. The solver refuses before the settler has to.
        vm.expectPartialRevert(UniswapV3Solver.UniswapV3Solver_TooLittle.selector);
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
            assertEq(tokens[i].allowance(address(uniswap), router), 0, "allowance");
        }
    }

    /// @dev The value of an error.
    function _word(bytes memory answer) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(answer, 0x24))
        }
    }
}
