// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";

import {CheckedSource} from "../../../contracts/src/sources/CheckedSource.sol";
import {CrossSource} from "../../../contracts/src/sources/CrossSource.sol";
import {UniswapV3TwapSource} from "../../../contracts/src/sources/UniswapV3TwapSource.sol";
import {CaptureOrder, Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PoolToken, Pools} from "../../contracts/base/Pools.sol";
import {PaymentsBench} from "./PaymentsBench.sol";
import {pack} from "../../contracts/base/PackedOrders.sol";

/// @notice Payments on a day like any other: every balance, ledger, allowance and word of nonces was written before.
contract PaymentsGasBench is PaymentsBench, Pools {
    function setUp() public override {
        super.setUp();
        authorizeByErc3009(numbered(1));
        authorizeByPermit2(numbered(2), 0);
        authorizeByAllowance(numbered(3));
        captureBy(merchant, numbered(1), 50e6);
        captureBy(merchant, numbered(2), 50e6);
        token.mint(stranger, 1);
        vm.warp(block.timestamp + 1 days);
        refreshFeeds();
    }

    /// @dev The yardstick: another figure than that of other benches would mean another token.
    function test_Erc20Transfer() public {
        vm.prank(payer);
        token.transfer(stranger, 50e6);
        tell("erc20_transfer", lastGas());
    }

    function test_AuthorizeByErc3009() public {
        tell("authorize_erc3009", authorizeByErc3009(numbered(4)));
    }

    function test_AuthorizeByPermit2() public {
        tell("authorize_permit2", authorizeByPermit2(numbered(4), 1));
    }

    function test_AuthorizeByAllowance() public {
        tell("authorize_allowance", authorizeByAllowance(numbered(4)));
    }

    function test_ChargeByErc3009() public {
        tell("charge_erc3009", chargeByErc3009(numbered(4)));
    }

    /// @dev Guarded: counters of this window were begun.
    function test_Guarded() public {
        guardIntake();
        authorizeByAllowance(numbered(4));
        tell("authorize_erc3009_guarded", authorizeByErc3009(numbered(5)));
        tell("authorize_permit2_guarded", authorizeByPermit2(numbered(6), 1));
        tell("authorize_allowance_guarded", authorizeByAllowance(numbered(7)));
        tell("charge_erc3009_guarded", chargeByErc3009(numbered(8)));
    }

    function test_Capture() public {
        authorizeByAllowance(numbered(4));
        tell("capture", captureBy(merchant, numbered(4), 50e6));
    }

    function test_CaptureByOperator() public {
        authorizeByAllowance(numbered(4));
        tell("capture_by_operator", captureBy(operator, numbered(4), 50e6));
    }

    function test_CaptureOfPart() public {
        Payment memory p = numbered(4);
        authorizeByAllowance(p);
        vm.prank(merchant);
        escrow.capture(p, p.due / 2, p.minFeeBps, false);
        tell("capture_part", lastGas());
        assertState(escrow.paymentId(p), PaymentStatus.Authorized, 25e6, 25e6);
    }

    function test_CaptureInFiat() public {
        authorizeByAllowance(inEuro(4));
        tell("capture_fiat_2_feeds", captureBy(merchant, inEuro(4), 44e6));
    }

    function test_CaptureInFiatGuarded() public {
        _checkAgainstPool();
        authorizeByAllowance(inEuro(4));
        tell("capture_fiat_guarded", captureBy(merchant, inEuro(4), 44e6));
    }

    function test_CaptureBatches() public {
        tell("capture_batch_20_each", _captureMany(_numbered(20)));
        tell("capture_batch_100_each", _captureMany(_numbered(100)));
        tell("capture_batch_100_of_many_payers_each", _captureMany(_ofManyPayers(100)));
    }

    function test_Void() public {
        Payment memory p = numbered(4);
        authorizeByAllowance(p);
        vm.prank(merchant);
        escrow.void(p);
        tell("void", lastGas());
        assertState(escrow.paymentId(p), PaymentStatus.Voided, 0, 0);
    }

    function test_Reclaim() public {
        Payment memory p = numbered(4);
        authorizeByAllowance(p);
        vm.warp(p.captureBy + 1);
        vm.prank(stranger);
        escrow.reclaim(p);
        tell("reclaim", lastGas());
        assertState(escrow.paymentId(p), PaymentStatus.Reclaimed, 0, 0);
    }

    /// @dev Half of it.
    function test_RefundFromLedger() public {
        Payment memory p = numbered(4);
        authorizeByAllowance(p);
        captureBy(merchant, p, 50e6);
        uint256 before = token.balanceOf(payer);
        vm.prank(merchant);
        escrow.refund(p, 25e6, Funding.Ledger);
        tell("refund_from_ledger", lastGas());
        assertEq(token.balanceOf(payer) - before, 25e6, "refunded");
    }

    function test_Withdraw() public {
        vm.prank(merchant);
        escrow.withdraw(address(token), 50e6, stranger);
        tell("withdraw", lastGas());
    }

    /// @dev By the merchant, in one transaction.
    function _captureMany(Payment[] memory payments) internal returns (uint256 each) {
        CaptureOrder[] memory orders = new CaptureOrder[](payments.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            Payment memory p = payments[i];
            authorize(p);
            orders[i] = CaptureOrder({payment: p, dueAmount: p.due, feeBps: p.minFeeBps, isFinal: true});
        }
        vm.prank(merchant);
        escrow.captureMany(pack(orders));
        each = lastGas() / orders.length;
        for (uint256 i = 0; i < orders.length; ++i) {
            assertState(escrow.paymentId(payments[i]), PaymentStatus.Captured, 0, payments[i].maxAmount);
        }
    }

    function _numbered(uint256 count) internal view returns (Payment[] memory payments) {
        payments = new Payment[](count);
        for (uint256 i = 0; i < count; ++i) {
            payments[i] = numbered(1_000 * count + i);
        }
    }

    /// @dev Each has its own payer, amount and deadlines.
    function _ofManyPayers(uint256 count) internal returns (Payment[] memory payments) {
        payments = _numbered(count);
        for (uint256 i = 0; i < count; ++i) {
            Payment memory p = payments[i];
            p.payer = p.refundTo = makeAddress(string.concat("payer ", vm.toString(i)));
            p.maxAmount = p.due = uint112(10e6 + 12_345 * i);
            p.authorizeBy += uint40(i);
            p.captureBy += uint40(i);
            token.mint(p.payer, p.maxAmount);
            vm.prank(p.payer);
            token.approve(address(escrow), p.maxAmount);
        }
    }

    /// @dev The token's feed counts only beside the mean price of a pool that was traded every minute.
    function _checkAgainstPool() internal {
        PoolToken other = new PoolToken(6);
        IUniswapV3Pool pool = IUniswapV3Pool(factory.createPool(address(token), address(other), FEE));
        open(pool, 0, 1e15, 128);
        for (uint256 i = 0; i < 128; ++i) {
            vm.warp(vm.getBlockTimestamp() + 1 minutes);
            touch(pool);
        }
        MockV3Aggregator otherFeed = new MockV3Aggregator(8, 1e8);
        CrossSource mean = new CrossSource(
            new UniswapV3TwapSource(address(pool), address(token), 30 minutes, 1e12, 500),
            source(address(otherFeed), 0.9e8, 1.1e8)
        );
        oracle.setSource(address(token), new CheckedSource(source(address(usdcFeed), 0.9e8, 1.1e8), mean, 200));
        refreshFeeds();
    }
}
