// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {DenyList} from "../../contracts/src/DenyList.sol";
import {IntakeLimits} from "../../contracts/src/IntakeLimits.sol";
import {IIntakeLimits} from "../../contracts/src/interfaces/IIntakeLimits.sol";
import {IScreener} from "../../contracts/src/interfaces/IScreener.sol";
import {Payment, PaymentStatus} from "../../contracts/src/types/Payment.sol";
import {EscrowTest} from "./MatiEscrow/EscrowTest.sol";

/// given no limit → everything comes in, nothing is counted
/// given a limit of the token, or of the merchant in it
///   → up to it comes in within a window, one unit more is refused; the next window starts at nothing
///   → another merchant and another token have their own
///   given a payment was let go → what it counted stays counted
///   given the limit was lowered below what came in → nothing more, until the next window
/// given a screener that refuses payer, merchant, refundTo or the escrow's caller → reverts, naming the account
/// given limits reached and accounts refused → the ways out never ask
/// when a stranger counts or configures → reverts
contract IntakeLimitsTest is EscrowTest {
    uint256 internal constant WINDOW = 1 days;
    IntakeLimits internal limits;
    DenyList internal list;

    function setUp() public override {
        super.setUp();
        limits = new IntakeLimits(address(access), address(escrow), WINDOW);
        list = new DenyList(address(access));
        limits.setScreener(list);
        escrow.setIntakeGuard(limits);
    }

    function test_WithoutLimitsEverythingComesInUncounted() public {
        authorize(usdcTerms());
        assertUsed(0, 0);
    }

    function test_TokensLimitIsTheLastUnitThatComesIn() public {
        limits.setTokenLimit(address(usdc), 100e6);
        authorize(invoice(1, 50e6));
        authorize(invoice(2, 50e6 - 1));
        expectExceeded(invoice(3, 2), address(0), 1);
        authorize(invoice(4, 1));
        expectExceeded(invoice(5, 1), address(0), 0);
        assertUsed(100e6, 0);
    }

    function test_MerchantsLimitIsItsOwn() public {
        limits.setMerchantLimit(address(usdc), merchant, 60e6);
        authorize(invoice(1, 50e6));
        expectExceeded(invoice(2, 50e6), merchant, 10e6);

        Payment memory p = invoice(3, 50e6);
        p.merchant = stranger;
        authorize(p);
        authorize(terms());
        assertUsed(0, 50e6);
    }

    function test_BothLimitsCount() public {
        limits.setTokenLimit(address(usdc), 100e6);
        limits.setMerchantLimit(address(usdc), merchant, 60e6);
        authorize(invoice(1, 50e6));
        assertUsed(50e6, 50e6);
        expectExceeded(invoice(2, 50e6), merchant, 10e6);
        assertUsed(50e6, 50e6);
    }

    function test_NextWindowStartsAtNothing() public {
        limits.setTokenLimit(address(usdc), 50e6);
        authorize(invoice(1, 50e6));
        vm.warp((block.timestamp / WINDOW + 1) * WINDOW - 1);
        expectExceeded(invoice(2, 1), address(0), 0);
        vm.warp(vm.getBlockTimestamp() + 1);
        assertUsed(0, 0);
        authorize(invoice(3, 50e6));
        assertUsed(50e6, 0);
    }

    function test_WhatWasLetGoStaysCounted() public {
        limits.setMerchantLimit(address(usdc), merchant, 50e6);
        Payment memory p = invoice(1, 50e6);
        authorize(p);
        vm.prank(merchant);
        escrow.void(p);
        expectExceeded(invoice(2, 1), merchant, 0);
    }

    function test_LoweredLimitLetsNothingIn() public {
        limits.setTokenLimit(address(usdc), 100e6);
        authorize(invoice(1, 50e6));
        limits.setTokenLimit(address(usdc), 10e6);
        expectExceeded(invoice(2, 1), address(0), 0);
        limits.setTokenLimit(address(usdc), 0);
        authorize(invoice(3, 50e6));
        assertUsed(50e6, 0);
    }

    function test_RevertWhen_AnyPartyIsRefused() public {
        expectRefused(payer, payer);
        expectRefused(merchant, payer);
        expectRefused(refundTo, payer);
        expectRefused(stranger, stranger);
    }

    /// @dev Invariant 15: limits and screening act on entry, never on exit.
    function test_ExitsNeverAsk() public {
        Payment memory p = invoice(1, 50e6);
        bytes32 id = authorize(p);
        Payment memory q = invoice(2, 50e6);
        authorize(q);
        limits.setTokenLimit(address(usdc), 1);
        setRefused(merchant, true);
        setRefused(refundTo, true);
        limits.setScreener(IScreener(stranger));

        vm.startPrank(merchant);
        escrow.capture(p, 50e6, 100, true);
        escrow.void(q);
        escrow.withdraw(address(usdc), 49.5e6, merchant);
        vm.stopPrank();
        assertState(id, PaymentStatus.Captured, 0, 50e6);
        assertEq(usdc.balanceOf(refundTo), 50e6, "void");
        assertEq(usdc.balanceOf(merchant), 49.5e6, "withdraw");
    }

    function testFuzz_CountsLikeASum(uint64[8] memory amounts, uint16[8] memory waits, uint64 limit) public {
        limits.setTokenLimit(address(usdc), limit);
        uint256 used;
        uint256 window = block.timestamp / WINDOW;
        for (uint256 i = 0; i < 8; ++i) {
            vm.warp(vm.getBlockTimestamp() + waits[i]);
            if (vm.getBlockTimestamp() / WINDOW != window) (window, used) = (vm.getBlockTimestamp() / WINDOW, 0);
            uint256 amount = bound(amounts[i], 1, 100_000e6);
            Payment memory p = invoice(i, uint112(amount));
            vm.prank(payer);
            (bool success,) = address(escrow).call(abi.encodeCall(escrow.authorize, (p, address(0), "")));
            assertEq(success, limit == 0 || used + amount <= limit, "comes in");
            if (success && limit != 0) used += amount;
            assertUsed(used, 0);
        }
    }

    function test_RevertWhen_NotTheEscrowCounts() public {
        Payment memory p = usdcTerms();
        vm.expectRevert(
            abi.encodeWithSelector(IIntakeLimits.IntakeLimits_NotEscrow.selector, address(this), address(escrow))
        );
        limits.onAuthorize(p, 0, payer);
    }

    function test_RevertWhen_ConfiguredByAStranger() public {
        bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(expected);
        limits.setTokenLimit(address(usdc), 1);
        vm.expectRevert(expected);
        limits.setMerchantLimit(address(usdc), merchant, 1);
        vm.expectRevert(expected);
        limits.setScreener(IScreener(address(0)));
        vm.expectRevert(expected);
        list.setRefused(new address[](1), true);
        vm.stopPrank();
    }

    function test_ConfigurationEmits() public {
        vm.expectEmit(address(limits));
        emit IIntakeLimits.TokenLimitSet(address(usdc), 1);
        limits.setTokenLimit(address(usdc), 1);
        vm.expectEmit(address(limits));
        emit IIntakeLimits.MerchantLimitSet(address(usdc), merchant, 2);
        limits.setMerchantLimit(address(usdc), merchant, 2);
        vm.expectEmit(address(limits));
        emit IIntakeLimits.ScreenerSet(IScreener(stranger));
        limits.setScreener(IScreener(stranger));
        vm.expectEmit(address(list));
        emit DenyList.RefusedSet(stranger, true);
        setRefused(stranger, true);
    }

    function test_RevertWhen_WindowIsTooShort() public {
        vm.expectRevert(abi.encodeWithSelector(IIntakeLimits.IntakeLimits_BadWindow.selector, 1));
        new IntakeLimits(address(access), address(escrow), 1);
    }

    function invoice(uint256 number, uint112 amount) internal view returns (Payment memory p) {
        p = usdcTerms();
        p.invoice = bytes32(number);
        p.maxAmount = amount;
        p.due = amount;
        p.authorizeBy = uint40(vm.getBlockTimestamp() + 1 days);
    }

    function setRefused(address account, bool refused) internal {
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        list.setRefused(accounts, refused);
    }

    function assertUsed(uint256 byToken, uint256 byMerchant) internal view {
        (, uint256 used) = limits.tokenLimit(address(usdc));
        assertEq(used, byToken, "token");
        (, used) = limits.merchantLimit(address(usdc), merchant);
        assertEq(used, byMerchant, "merchant");
    }

    function expectExceeded(Payment memory p, address limited, uint256 available) internal {
        uint256 windowEnd = (vm.getBlockTimestamp() / WINDOW + 1) * WINDOW;
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IIntakeLimits.IntakeLimits_Exceeded.selector, p.token, limited, p.maxAmount, available, windowEnd
            )
        );
        escrow.authorize(p, address(0), "");
    }

    function expectRefused(address account, address caller) internal {
        setRefused(account, true);
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IIntakeLimits.IntakeLimits_Refused.selector, account));
        escrow.authorize(p, address(escrow), sig);
        setRefused(account, false);
    }
}
