// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CaptureAndSettle} from "../../contracts/src/CaptureAndSettle.sol";
import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {CaptureOrders} from "../../contracts/src/libraries/CaptureOrders.sol";
import {CaptureOrder, Payment, PaymentStatus} from "../../contracts/src/types/Payment.sol";
import {
    CAPTURE,
    ChainPayout,
    Operator,
    Payout,
    Recipient,
    Registration,
    Reserve
} from "../../contracts/src/types/Payout.sol";
import {SettlerTest} from "./base/SettlerTest.sol";
import {pack} from "./base/PackedOrders.sol";

/// @notice One transaction from hold to payout, for whoever may capture.
contract CaptureAndSettleTest is SettlerTest {
    CaptureAndSettle internal periphery;
    address internal payer = makeAddress("payer");
    address internal till = makeAddress("till");

    function setUp() public override {
        super.setUp();
        periphery = new CaptureAndSettle(escrow, registry, settler);
        escrow.setTokenAllowed(address(weth), true);
        weth.mint(payer, 10 ether);
        vm.prank(payer);
        weth.approve(address(escrow), type(uint256).max);
        register(merchants[0], here(), 0);
    }

    function test_CaptureAndSettle_ByAnyoneForAutoCapture() public {
        Payment memory payment = _authorized(merchants[0], true);
        solver.willDeliver(2_500e6);

        _captureAndSettle(keeper, payment, payment.due);

        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "paid");
        assertEq(usdc.balanceOf(keeper), 2.5e6, "tip");
        assertEq(usdc.balanceOf(address(periphery)), 0, "holds nothing");
        assertTrue(escrow.paymentState(escrow.paymentId(payment)).status == PaymentStatus.Captured, "captured");
    }

    function test_RevertWhen_NotAutoCaptureAndNothingElseToSettle() public {
        Payment memory payment = _authorized(merchants[0], false);

        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        _captureAndSettle(keeper, payment, payment.due);
    }

    function test_CaptureAndSettle_SkipsWhatCannotBeCaptured() public {
        Payment memory payment = _authorized(merchants[0], false);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);

        _captureAndSettle(keeper, payment, payment.due);

        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "what was there");
        assertTrue(escrow.paymentState(escrow.paymentId(payment)).status == PaymentStatus.Authorized, "still held");
    }

    function test_CaptureAndSettle_ByAnOperatorOfAMerchantWhoAppointedIt() public {
        _appoint(merchants[1]);
        Payment memory payment = _authorized(merchants[1], false);
        solver.willDeliver(1_250e6);

        // A part, as only a merchant's own may.
        _captureAndSettle(till, payment, payment.due / 2);

        assertEq(usdc.balanceOf(merchants[1]), 1_248.75e6, "paid");
    }

    function test_RevertWhen_AStrangerUsesTheAppointment() public {
        _appoint(merchants[1]);
        Payment memory payment = _authorized(merchants[1], true);

        vm.expectRevert(
            abi.encodeWithSelector(CaptureAndSettle.CaptureAndSettle_NotMerchant.selector, 0, keeper, merchants[1])
        );
        _captureAndSettle(keeper, payment, payment.due / 2);
    }

    /// @dev Wherever it stands among others, twice or once.
    function test_RevertWhen_AStrangerUsesTheAppointmentBehindOthers() public {
        _appoint(merchants[1]);
        CaptureOrder[] memory orders = new CaptureOrder[](4);
        for (uint256 i = 0; i < orders.length; ++i) {
            address merchant = merchants[i == 2 ? 1 : 0];
            orders[i] = _orders(_authorized(merchant, true, i), 1 ether)[0];
        }

        vm.prank(keeper);
        vm.expectRevert(
            abi.encodeWithSelector(CaptureAndSettle.CaptureAndSettle_NotMerchant.selector, 2, keeper, merchants[1])
        );
        periphery.captureAndSettle(pack(orders), here(), list(merchants[0]), address(solver), "");
    }

    function test_RevertWhen_OrdersAreMalformed() public {
        vm.prank(keeper);
        vm.expectRevert(CaptureOrders.CaptureOrders_Malformed.selector);
        periphery.captureAndSettle(hex"00", here(), list(merchants[0]), address(solver), "");
    }

    function test_CaptureAndSettle_WhatTheMessageDidNotNeedComesBack() public {
        register(merchants[2], across(), 0);
        Payment memory payment = _authorized(merchants[2], true);
        solver.willDeliver(10_000e18);
        CaptureOrder[] memory orders = _orders(payment, payment.due);

        vm.prank(keeper);
        periphery.captureAndSettle{value: 1 ether}(pack(orders), across(), list(merchants[2]), address(solver), "");

        assertEq(keeper.balance, NATIVE - MESSAGE_FEE, "the rest came back");
        assertEq(mati.balanceOf(keeper), 10e18 + 99.9e18, "tip, and what repays the message");
    }

    function _captureAndSettle(address caller, Payment memory payment, uint256 dueAmount) internal {
        CaptureOrder[] memory orders = _orders(payment, dueAmount);
        vm.prank(caller);
        periphery.captureAndSettle(pack(orders), here(), list(payment.merchant), address(solver), "");
    }

    function _orders(Payment memory payment, uint256 dueAmount) internal pure returns (CaptureOrder[] memory orders) {
        orders = new CaptureOrder[](1);
        orders[0] = CaptureOrder({payment: payment, dueAmount: dueAmount, feeBps: 0, isFinal: true});
    }

    /// @dev 1 WETH due in WETH, without a fee.
    function _authorized(address merchant, bool isAutomatic) internal returns (Payment memory) {
        return _authorized(merchant, isAutomatic, 0);
    }

    function _authorized(address merchant, bool isAutomatic, uint256 number) internal returns (Payment memory payment) {
        payment.invoice = bytes32(number);
        payment.payer = payer;
        payment.merchant = merchant;
        payment.token = payment.currency = address(weth);
        payment.maxAmount = payment.due = 1 ether;
        payment.authorizeBy = payment.captureBy = uint40(block.timestamp + 1 days);
        payment.autoCapture = isAutomatic;
        payment.refundTo = payer;
        vm.prank(payer);
        escrow.authorize(payment, address(0), "");
    }

    function _appoint(address merchant) internal {
        Operator[] memory operators = new Operator[](2);
        operators[0] = Operator({account: address(periphery), actions: CAPTURE, until: 0});
        operators[1] = Operator({account: till, actions: CAPTURE, until: 0});
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout(EID_A, address(settler), new Recipient[](0), new Reserve[](0));
        Payout memory payout = Payout({asset: address(usdc), eid: EID_A, cycle: 0, tier: TIER, toleranceBps: 0});
        vm.prank(merchant);
        registry.register(Registration(merchant, 1, payout, operators, chains), "");
    }
}
