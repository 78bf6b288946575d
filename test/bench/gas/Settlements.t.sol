// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {CaptureOrder, Payment} from "../../../contracts/src/types/Payment.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {MarketTest} from "../../contracts/base/Market.sol";
import {BenchToken} from "./BenchToken.sol";
import {GasBench} from "./GasBench.sol";

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
        pool(weth, 10_000 ether, IERC20(address(dollar)), 25_000_000e6, FULL_RANGE);
        dollar.mint(keeper, 1e6);
        for (uint160 i = 1; i <= SHOPS; ++i) {
            shops.push(address(i * 0x1111_1111_1111_1111_1111));
            register(shops[i - 1], _group(weth), 0);
            dollar.mint(shops[i - 1], 1e6);
        }
        _earn(weth, 0.1 ether);
        _earn(dollar, 100e6);
        credit(feeReceiver, dollar, 1e6, MIDNIGHT);
        vm.warp(MIDNIGHT + 600);
        _settle(weth, SHOPS);
        _settle(dollar, SHOPS);
        vm.warp(MIDNIGHT + 1 days);
        ethFeed.updateAnswer(ethFeed.latestAnswer());
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

    /// @dev By a keeper: all captures in one transaction, all payouts in another.
    function test_CaptureAndSettle() public {
        CaptureOrder[] memory orders = new CaptureOrder[](SHOPS * PAYMENTS_EACH);
        dollar.mint(payer, 1_000_000e6);
        vm.prank(payer);
        dollar.approve(address(escrow), 1_000_000e6);
        for (uint256 i = 0; i < orders.length; ++i) {
            Payment memory p = _payment(shops[i / PAYMENTS_EACH], i);
            orders[i] = CaptureOrder({payment: p, dueAmount: p.due, feeBps: p.minFeeBps, isFinal: true});
            vm.prank(payer);
            escrow.authorize(p, address(0), "");
        }
        uint256 before = dollar.balanceOf(shops[0]);
        vm.prank(keeper);
        escrow.captureMany(orders);
        uint256 captured = lastGas();
        uint256 settled = _settle(dollar, SHOPS);
        assertGe(dollar.balanceOf(shops[0]) - before, 494e6, "paid out");
        tell("capture_plus_settle_each", (captured + settled) / orders.length);
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

    /// @dev Of 50 in the token itself, with 1% fee, which anyone may capture.
    function _payment(address shop, uint256 number) internal view returns (Payment memory p) {
        (p.payer, p.refundTo, p.merchant, p.feeReceiver) = (payer, payer, shop, feeReceiver);
        p.token = p.currency = address(dollar);
        p.maxAmount = p.due = 50e6;
        p.minFeeBps = p.maxFeeBps = 100;
        p.authorizeBy = uint40(block.timestamp + 1 hours);
        p.captureBy = uint40(block.timestamp + 7 days);
        p.autoCapture = true;
        p.invoice = keccak256(abi.encode("invoice", number));
    }

    function _group(IERC20 token) internal view returns (Group memory) {
        return Group({token: address(token), asset: address(dollar), eid: EID_A, tier: TIER});
    }
}
