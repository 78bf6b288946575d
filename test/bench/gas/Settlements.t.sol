// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IUniswapV3Factory} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";

import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {CheckedSource} from "../../../contracts/src/sources/CheckedSource.sol";
import {CrossSource} from "../../../contracts/src/sources/CrossSource.sol";
import {UniswapV3TwapSource} from "../../../contracts/src/sources/UniswapV3TwapSource.sol";
import {CaptureOrder, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {MarketTest} from "../../contracts/base/Market.sol";
import {BenchToken} from "./BenchToken.sol";
import {GasBench} from "./GasBench.sol";
import {pack} from "../../contracts/base/PackedOrders.sol";

/// @notice Ten merchants settled on a day like any other: each was settled before, whoever is paid held the asset
/// before. Rates from two Chainlink feeds, one hop through Uniswap's own pool, a tier that caps tips and charges heads.
contract SettlementsGasBench is GasBench, MarketTest {
    uint256 internal constant SHOPS = 10;
    uint256 internal constant PAYMENTS_EACH = 10;

    BenchToken internal dollar;
    MockV3Aggregator internal dollarFeed;
    address[] internal shops;
    address internal payer = makeAddress("payer");
    address internal feeReceiver = makeAddress("feeReceiver");

    function setUp() public override {
        super.setUp();
        dollar = new BenchToken();
        dollarFeed = feed(oracle, address(dollar), 1e8, 22);
        escrow.setTokenAllowed(address(dollar), true);
        Tier memory params = tier();
        (params.maxHeadBps, params.maxTipUsd6, params.headUsd6) = (100, 50e6, 10_000);
        settler.setTier(TIER, params);
        // As deep as those of such pairs are: no settlement here moves its tick.
        pool(weth, 1_000_000 ether, dollar, 2_500_000_000e6, FULL_RANGE);
        dollar.mint(keeper, 1e6);
        for (uint160 i = 1; i <= SHOPS; ++i) {
            shops.push(address(i * 0x1111_1111_1111_1111_1111));
            register(shops[i - 1], _group(weth), 0);
            dollar.mint(shops[i - 1], 1e6);
        }
        dollar.mint(payer, 1_000_000e6);
        vm.prank(payer);
        dollar.approve(address(escrow), 1_000_000e6);
        _earn(weth, 0.1 ether);
        _earn(dollar, 100e6);
        credit(feeReceiver, dollar, 1e6, MIDNIGHT);
        vm.warp(MIDNIGHT + 600);
        _settle(weth, SHOPS);
        _settle(dollar, SHOPS);
        vm.warp(MIDNIGHT + 1 days);
        refreshFeeds();
        dollarFeed.updateAnswer(dollarFeed.latestAnswer());
    }

    function test_SettleWithSwap() public {
        _earn(weth, 0.1 ether);
        vm.warp(vm.getBlockTimestamp() + 600);
        uint256 before = vm.snapshotState();
        uint256 one = _settle(weth, 1);
        vm.revertToState(before);
        uint256 ten = _settle(weth, SHOPS);
        tell("settle_1_merchant_with_swap", one);
        tell("settle_extra_merchant_same_swap", (ten - one) / (SHOPS - 1));
    }

    /// @dev A merchant and a keeper who never held the asset.
    function test_SettleWithSwapFirst() public {
        shops[0] = makeAddress("new shop");
        keeper = makeAddress("new keeper");
        register(shops[0], _group(weth), 0);
        credit(shops[0], weth, 0.1 ether, vm.getBlockTimestamp());
        vm.warp(vm.getBlockTimestamp() + 600);
        tell("settle_1_merchant_with_swap_first", _settle(weth, 1));
    }

    function test_SettleWithSwapGuarded() public {
        _checkAgainstPool();
        _earn(weth, 0.1 ether);
        vm.warp(vm.getBlockTimestamp() + 600);
        tell("settle_1_merchant_with_swap_guarded", _settle(weth, 1));
    }

    /// @dev A transaction by each merchant, and one by a keeper for all of them.
    function test_CaptureAndSettle() public {
        uint256 gas;
        for (uint256 i = 0; i < SHOPS; ++i) {
            gas += _captureMany(shops[i], _authorized(i, 1, false));
        }
        gas += _settle(dollar, SHOPS);
        tell("capture_plus_settle_by_merchant_each", gas / (SHOPS * PAYMENTS_EACH));
    }

    /// @dev Two transactions by a keeper, of what anyone may capture.
    function test_CaptureAutomaticallyAndSettle() public {
        uint256 gas = _captureMany(keeper, _authorized(0, SHOPS, true));
        gas += _settle(dollar, SHOPS);
        tell("capture_plus_settle_each", gas / (SHOPS * PAYMENTS_EACH));
    }

    function _captureMany(address caller, CaptureOrder[] memory orders) internal returns (uint256 gas) {
        vm.prank(caller);
        escrow.captureMany(pack(orders));
        gas = lastGas();
        for (uint256 i = 0; i < orders.length; ++i) {
            PaymentStatus status = escrow.paymentState(escrow.paymentId(orders[i].payment)).status;
            assertTrue(status == PaymentStatus.Captured, "captured");
        }
    }

    function _settle(IERC20 token, uint256 count) internal returns (uint256 gas) {
        address[] memory members = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            members[i] = shops[i];
        }
        bool asIs = address(token) == address(dollar);
        bytes memory path = asIs ? bytes("") : abi.encodePacked(weth, FEE, dollar);
        vm.prank(keeper);
        settler.settle(_group(token), members, asIs ? address(0) : address(uniswap), path);
        gas = lastGas();
        for (uint256 i = 0; i < count; ++i) {
            assertEq(escrow.balanceOf(shops[i], address(token)), 0, "settled");
        }
    }

    /// @dev Every shop gets a ledger balance now.
    function _earn(IERC20 token, uint256 amount) internal {
        for (uint256 i = 0; i < SHOPS; ++i) {
            credit(shops[i], token, amount, vm.getBlockTimestamp());
        }
    }

    /// @dev Payments of 50 in the token itself with 1% fee, held for `count` shops one after the other.
    function _authorized(uint256 firstShop, uint256 count, bool autoCapture)
        internal
        returns (CaptureOrder[] memory orders)
    {
        orders = new CaptureOrder[](count * PAYMENTS_EACH);
        for (uint256 i = 0; i < orders.length; ++i) {
            Payment memory p = orders[i].payment;
            (p.payer, p.refundTo, p.feeReceiver) = (payer, payer, feeReceiver);
            p.merchant = shops[firstShop + i / PAYMENTS_EACH];
            p.token = p.currency = address(dollar);
            p.maxAmount = p.due = 50e6;
            p.minFeeBps = p.maxFeeBps = 100;
            p.authorizeBy = uint40(block.timestamp + 1 hours);
            p.captureBy = uint40(block.timestamp + 7 days);
            p.autoCapture = autoCapture;
            p.invoice = keccak256(abi.encode("invoice", firstShop, i));
            (orders[i].dueAmount, orders[i].feeBps, orders[i].isFinal) = (p.due, p.minFeeBps, true);
            vm.prank(payer);
            escrow.authorize(p, address(0), "");
        }
    }

    /// @dev WETH's feed counts only beside the mean price of the pool, to which somebody added every minute.
    function _checkAgainstPool() internal {
        address itsPool = IUniswapV3Factory(factory).getPool(address(weth), address(dollar), FEE);
        IUniswapV3Pool(itsPool).increaseObservationCardinalityNext(128);
        for (uint256 i = 0; i < 128; ++i) {
            vm.warp(vm.getBlockTimestamp() + 1 minutes);
            pool(weth, 1 ether, dollar, 2_500e6, FULL_RANGE);
        }
        refreshFeeds();
        dollarFeed.updateAnswer(dollarFeed.latestAnswer());
        UniswapV3TwapSource mean = new UniswapV3TwapSource(itsPool, address(weth), 30 minutes, 1e12, 500);
        CrossSource inUsd = new CrossSource(mean, _source(dollarFeed));
        oracle.setSource(address(weth), new CheckedSource(_source(ethFeed), inUsd, 200));
    }

    function _source(MockV3Aggregator itsFeed) internal returns (ChainlinkSource) {
        uint256 answer = uint256(itsFeed.latestAnswer());
        return new ChainlinkSource(address(itsFeed), USD, MAX_AGE, answer / 10, answer * 10, address(0), 0);
    }

    function _group(IERC20 token) internal view returns (Group memory) {
        return Group({token: address(token), asset: address(dollar), eid: EID_A, tier: TIER});
    }
}
