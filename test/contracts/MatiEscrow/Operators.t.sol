// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {CAPTURE, VOID, ChainPayout, Operator, Payout, Registration} from "../../../contracts/src/types/Payout.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @notice What a merchant's operators may do with its payments: what they were appointed to, and no longer than that.
contract OperatorsTest is EscrowTest {
    address internal shop = makeAddress("shop");
    address internal till = makeAddress("till");
    address internal clerk = makeAddress("clerk");

    function setUp() public override {
        super.setUp();
        Operator[] memory operators = new Operator[](2);
        operators[0] = Operator({account: till, actions: CAPTURE, until: uint40(block.timestamp + 10 minutes)});
        operators[1] = Operator({account: clerk, actions: VOID, until: 0});
        Payout memory payout = Payout({asset: address(usdc), eid: LOCAL_EID, cycle: 0, tier: 0, toleranceBps: 0});
        vm.prank(shop);
        registry.register(Registration(shop, 1, payout, operators, new ChainPayout[](0)), "");
    }

    function test_Capture_ByWhoMayCapture() public {
        Payment memory payment = _authorized();

        vm.prank(till);
        escrow.capture(payment, payment.due, payment.minFeeBps, true);
    }

    function test_Void_ByWhoMayVoid() public {
        Payment memory payment = _authorized();

        vm.prank(clerk);
        escrow.void(payment);
    }

    function test_RevertWhen_CapturedByWhoMayOnlyVoid() public {
        Payment memory payment = _authorized();

        vm.prank(clerk);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, clerk, shop));
        escrow.capture(payment, payment.due, payment.minFeeBps, true);
    }

    function test_RevertWhen_VoidedByWhoMayOnlyCapture() public {
        Payment memory payment = _authorized();

        vm.prank(till);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, till, shop));
        escrow.void(payment);
    }

    function test_RevertWhen_CapturedAfterTheOperatorsTime() public {
        Payment memory payment = _authorized();
        vm.warp(block.timestamp + 10 minutes + 1);

        vm.prank(till);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, till, shop));
        escrow.capture(payment, payment.due, payment.minFeeBps, true);
    }

    function _authorized() internal returns (Payment memory payment) {
        payment = terms();
        payment.merchant = shop;
        vm.prank(payer);
        escrow.authorize(payment, address(0), "");
    }
}
