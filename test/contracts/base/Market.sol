// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IQuoter} from "@uniswap/v3-periphery/contracts/interfaces/IQuoter.sol";

import {UniswapV3Solver} from "../../../contracts/src/solvers/UniswapV3Solver.sol";
import {SettlerTest} from "./SettlerTest.sol";

/// @notice Uniswap's own factory, router, quoter, position manager and pools, for whoever settles against them.
abstract contract MarketTest is SettlerTest {
    uint24 internal constant FEE = 3_000;
    /// @dev The widest range that the fee's tick spacing of 60 allows.
    int24 internal constant FULL_RANGE = 887_220;
    string private constant PERIPHERY = "@uniswap/v3-periphery/artifacts/contracts/";

    UniswapV3Solver internal uniswap;
    address internal factory;
    address internal router;
    IQuoter internal quoter;
    IPositionManager internal positions;

    function setUp() public virtual override {
        super.setUp();
        factory = deployArtifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "");
        bytes memory args = abi.encode(factory, weth);
        router = deployArtifact(string.concat(PERIPHERY, "SwapRouter.sol/SwapRouter.json"), args);
        quoter = IQuoter(deployArtifact(string.concat(PERIPHERY, "lens/Quoter.sol/Quoter.json"), args));
        positions = IPositionManager(
            deployArtifact(
                string.concat(PERIPHERY, "NonfungiblePositionManager.sol/NonfungiblePositionManager.json"),
                abi.encode(factory, weth, address(0))
            )
        );
        uniswap = new UniswapV3Solver(factory);
    }

    /// @dev A pool with one position, priced at what is put in of both; a `range` of 0 is the narrowest around it.
    function pool(IERC20 token0, uint256 amount0, IERC20 token1, uint256 amount1, int24 range)
        internal
        returns (address made)
    {
        if (address(token0) > address(token1)) {
            (token0, amount0, token1, amount1) = (token1, amount1, token0, amount0);
        }
        uint160 sqrtPriceX96 = uint160(Math.sqrt(Math.mulDiv(amount1, 1 << 192, amount0)));
        made = positions.createAndInitializePoolIfNecessary(address(token0), address(token1), FEE, sqrtPriceX96);
        (, int24 tick,,,,,) = IUniswapV3Pool(made).slot0();
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
        discard(token0);
        discard(token1);
    }

    /// @dev What a position did not take would be mistaken for what a swap delivered.
    function discard(IERC20 token) internal {
        uint256 left = token.balanceOf(address(this));
        if (left != 0) token.transfer(address(0xdead), left);
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
