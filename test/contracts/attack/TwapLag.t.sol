// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";

import {MatiAccess} from "../../../contracts/src/MatiAccess.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {SignatureVerifier} from "../../../contracts/src/SignatureVerifier.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {PayoutAccounts} from "../../../contracts/src/PayoutAccounts.sol";
import {RateOracle} from "../../../contracts/src/RateOracle.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {ISolver} from "../../../contracts/src/interfaces/ISolver.sol";
import {TickPrice} from "../../../contracts/src/libraries/TickPrice.sol";
import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {UniswapV3TwapSource} from "../../../contracts/src/sources/UniswapV3TwapSource.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {ChainPayout, Operator, Payout, Recipient, Registration, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {PoolToken, Pools} from "../base/Pools.sol";

/// @dev Sells what it gets in the pool, delivers the bound and keeps the rest.
contract SkimmingSolver is ISolver {
    IUniswapV3Pool internal immutable _pool;

    constructor(IUniswapV3Pool pool) {
        _pool = pool;
    }

    function solve(address tokenIn, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata) external {
        bool zeroForOne = tokenIn < tokenOut;
        _pool.swap(
            address(this),
            zeroForOne,
            int256(amountIn),
            TickPrice.sqrtPriceX96(zeroForOne ? int24(-887_000) : int24(887_000)),
            abi.encode(tokenIn)
        );
        PoolToken(tokenOut).transfer(msg.sender, minOut);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        PoolToken(abi.decode(data, (address))).transfer(msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }
}

/// @notice While pool and oracle are apart nothing settles. A mean price lags its pool: a keeper who settled into MATI
/// just after it had halved would deliver by the mean and keep the other half.
contract TwapLagTest is Pools {
    int24 internal constant TICK = 92_108; // 10,000 MATI per WETH
    int24 internal constant HALVED = TICK + 6_932;

    IUniswapV3Pool internal pool;
    PoolToken internal weth;
    PoolToken internal mati;
    MockV3Aggregator internal feed = new MockV3Aggregator(8, 2_500e8);
    RateOracle internal oracle;
    IMatiEscrow internal escrow;
    ISettler internal settler;
    SkimmingSolver internal solver;
    address internal merchant = makeAddress("merchant");

    function setUp() public {
        vm.warp(1_800_000_000);
        (pool, weth, mati) = createPool(18, 18, true);
        open(pool, TICK, 1e24, 200);
        solver = new SkimmingSolver(pool);
        address access = address(new MatiAccess(address(this)));
        oracle = new RateOracle(access);
        IMerchantRegistry registry = deployRegistry(40901, new PayoutAccounts());
        escrow = deployEscrow(access, registry, oracle, new SignatureVerifier(access));
        settler = deploySettler(escrow, registry, oracle, address(weth), access);
        oracle.setSource(
            address(weth), new ChainlinkSource(address(feed), address(840), 1 days, 1, 1e15, address(0), 0)
        );
        oracle.setSource(address(mati), new UniswapV3TwapSource(address(pool), address(mati), 1800, 1e18, 1000));
        settler.setTier(
            0,
            Tier({
                startBps: 30,
                maxBps: 100,
                growSeconds: 600,
                tipBps: 5,
                maxMessageBps: 100,
                maxHeadBps: 0,
                maxTipUsd6: UNCAPPED,
                headUsd6: 0
            })
        );
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout(40901, address(settler), new Recipient[](0), new Reserve[](0));
        vm.prank(merchant);
        registry.register(
            Registration(merchant, 1, Payout(address(mati), 40901, 0, 0, 0), new Operator[](0), chains), ""
        );
        vm.warp(1_800_000_000 + 2 hours);
        weth.mint(address(this), 10 ether);
        weth.approve(address(escrow), 10 ether);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(merchant, 10 ether);
        escrow.deposit(address(weth), credits, "");
        vm.warp(vm.getBlockTimestamp() + 10 minutes); // the allowance is the tier's
    }

    function test_SettlesWhileTheyAreTogether() public {
        settle();
        assertMerchantGotWhatThePoolPays();
    }

    function test_RevertWhen_TheMarketMovedAMinuteAgo() public {
        moveTo(pool, HALVED);
        vm.warp(vm.getBlockTimestamp() + 60);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        settle();

        // A capture, in which no keeper chooses the moment, still has the mean.
        assertGe(oracle.rate(address(weth), address(mati)).wad, 9_000e18, "the mean");
    }

    /// @dev The moment's price is back where the mean is, the last minutes' is not.
    function test_RevertWhen_ThePoolIsPushedBackForTheMoment() public {
        moveTo(pool, HALVED);
        vm.warp(vm.getBlockTimestamp() + 200);
        moveTo(pool, TICK);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        settle();
    }

    /// @dev The last minutes' price is the mean, the moment's is not: a sandwich around a settlement.
    function test_RevertWhen_ThePoolIsMovedInTheSameBlock() public {
        moveTo(pool, HALVED);
        vm.expectPartialRevert(IRateOracle.Oracle_PriceUnavailable.selector);
        settle();
    }

    function test_SettlesAgainOnceTheMeanHasComeAfterThePool() public {
        moveTo(pool, HALVED);
        for (uint256 i = 0; i < 12; ++i) {
            vm.warp(vm.getBlockTimestamp() + 15 minutes);
            touch(pool);
        }
        feed.updateAnswer(2_500e8);
        settle();
        assertMerchantGotWhatThePoolPays();
    }

    function settle() internal {
        address[] memory merchants = new address[](1);
        merchants[0] = merchant;
        settler.settle(Group(address(weth), address(mati), 40901, 0), merchants, address(solver), "");
    }

    /// @dev Allowance, tip and the pool's fee are 1.35% at most.
    function assertMerchantGotWhatThePoolPays() internal view {
        uint256 got = mati.balanceOf(merchant);
        assertGe(got, (got + mati.balanceOf(address(solver))) * 98 / 100, "what the pool pays, less 2%");
    }
}
