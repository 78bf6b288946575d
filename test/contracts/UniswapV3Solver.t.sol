// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";

import {UniswapV3Solver} from "../../contracts/src/solvers/UniswapV3Solver.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice The solver against Uniswap's own factory, router, position manager and pools.
contract UniswapV3SolverTest is SettlerTest {
    uint24 internal constant FEE = 3_000;
    /// @dev The widest range that the fee's tick spacing of 60 allows.
    int24 internal constant FULL_RANGE = 887_220;

    UniswapV3Solver internal uniswap;
    address internal router;
    IPositionManager internal positions;

    function setUp() public override {
        super.setUp();
        address factory =
            deployArtifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "");
        router = deployArtifact(
            "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json", abi.encode(factory, weth)
        );
        positions = IPositionManager(
            deployArtifact(
                "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
                abi.encode(factory, weth, address(0))
            )
        );
        uniswap = new UniswapV3Solver(router);
        _pool(weth, 1_000 ether, mati, 10_000_000e18, FULL_RANGE);
        _pool(mati, 10_000_000e18, usdc, 2_500_000e6, FULL_RANGE);
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
        _pool(weth, 1 ether, usdc, 2_500e6, 0);
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

    /// @dev A pool with one position, priced at what is put in of both; a `range` of 0 is the narrowest around it.
    function _pool(IERC20 token0, uint256 amount0, IERC20 token1, uint256 amount1, int24 range) internal {
        if (address(token0) > address(token1)) {
            (token0, amount0, token1, amount1) = (token1, amount1, token0, amount0);
        }
        uint160 sqrtPriceX96 = uint160(Math.sqrt(Math.mulDiv(amount1, 1 << 192, amount0)));
        address pool = positions.createAndInitializePoolIfNecessary(address(token0), address(token1), FEE, sqrtPriceX96);
        (, int24 tick,,,,,) = IUniswapV3Pool(pool).slot0();
        int24 lower = range == 0 ? tick / 60 * 60 - 60 : -range;
        fund(token0, address(this), amount0);
        fund(token1, address(this), amount1);
        token0.approve(address(positions), amount0);
        token1.approve(address(positions), amount1);
        positions.mint(
            IPositionManager.MintParams({
                token0: address(token0),
                token1: address(token1),
                fee: FEE,
                tickLower: lower,
                tickUpper: range == 0 ? lower + 120 : range,
                amount0Desired: amount0,
                amount1Desired: amount1,
                amount0Min: 0,
                amount1Min: 0,
                recipient: address(this),
                deadline: block.timestamp
            })
        );
        _discard(token0);
        _discard(token1);
    }

    /// @dev What a position did not take would be mistaken for what a swap delivered.
    function _discard(IERC20 token) internal {
        uint256 left = token.balanceOf(address(this));
        if (left != 0) token.transfer(address(0xdead), left);
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

/// @dev What these tests use of `NonfungiblePositionManager`, whose own interface wants OpenZeppelin 3.
interface IPositionManager {
    struct MintParams {
        address token0;
        address token1;
        uint24 fee;
        int24 tickLower;
        int24 tickUpper;
        uint256 amount0Desired;
        uint256 amount1Desired;
        uint256 amount0Min;
        uint256 amount1Min;
        address recipient;
        uint256 deadline;
    }

    function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96)
        external
        payable
        returns (address pool);
    function mint(MintParams calldata params)
        external
        payable
        returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
}
