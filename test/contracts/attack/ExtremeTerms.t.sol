// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {MIN_RATE_WAD, Rate} from "../../../contracts/src/types/Rate.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";

/// @notice Whatever terms are taken in, every way out of them goes to its end: nothing overflows, nothing is stuck.
contract ExtremeTermsTest is EscrowTest {
    uint112 internal constant MAX = type(uint112).max;
    uint40 internal constant NEVER = type(uint40).max;

    function setUp() public override {
        super.setUp();
        weth.mint(payer, 4 * uint256(MAX));
    }

    /// @dev One account is everybody, and all of it is fee.
    function test_OneAccountIsEverybody() public {
        Payment memory p = largest();
        (p.merchant, p.feeReceiver, p.arbiter, p.refundTo) = (payer, payer, payer, payer);
        (p.minFeeBps, p.maxFeeBps, p.defaultMerchantBps) = (10_000, 10_000, 10_000);
        (p.currency, p.due) = (p.token, MAX);
        p.captureAfter = uint40(block.timestamp + 1);
        bytes32 id = authorize(p);
        uint256 before = weth.balanceOf(payer);
        uint256 snapshot = vm.snapshotState();

        vm.startPrank(payer);
        escrow.void(p);
        assertEq(weth.balanceOf(payer), before + MAX, "voided");
        vm.revertToState(snapshot);

        escrow.dispute(p);
        escrow.resolve(p, MAX);
        assertState(id, PaymentStatus.Resolved, 0, MAX);
        takeOutAndRefund(p);
        vm.revertToState(snapshot);

        vm.warp(p.captureAfter);
        escrow.capture(p, MAX, 10_000, false);
        assertState(id, PaymentStatus.Captured, 0, MAX);
        takeOutAndRefund(p);
        vm.stopPrank();
        assertEq(weth.balanceOf(payer), before + MAX, "all of it is back");
        assertEq(weth.balanceOf(address(escrow)), 0, "nothing stays");
    }

    /// @dev The least rate between the most and the fewest decimals makes the due worth 2^232 units.
    function test_DueIsWorthMoreThanThereIs() public {
        Payment memory p = largest();
        p.autoCapture = true;
        bytes32 id = authorize(p);
        quote(MIN_RATE_WAD, 24, 0);
        uint256 worth = uint256(MAX) * 1e36;
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_ShortfallExceeded.selector, worth, MAX, 500));
        escrow.capture(p, MAX, 0, true);

        vm.prank(merchant);
        assertEq(escrow.capture(p, MAX, 10_000, true), MAX, "all that is held");

        assertState(id, PaymentStatus.Captured, 0, MAX);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_RefundExceeded.selector, worth, MAX));
        escrow.refundDue(p, MAX, MAX, Funding.Caller);
        assertEq(escrow.refund(p, MAX, Funding.Caller), MAX, "all of the due");
        vm.stopPrank();
    }

    /// @dev The other end: one unit held for the largest due, in a split of which every part counts for some of it.
    function test_OneUnitIsHeldForTheLargestDue() public {
        Payment memory p = largest();
        (p.maxAmount, p.fallbackAmount, p.minFeeBps) = (1, 1, 10_000);
        (p.arbiter, p.captureAfter, p.defaultMerchantBps) = (stranger, NEVER, 9_999);
        bytes32 id = authorize(p);
        vm.prank(payer);
        escrow.dispute(p);
        vm.prank(stranger);
        escrow.resolve(p, 1);
        assertState(id, PaymentStatus.Resolved, 0, 1);
        assertEq(escrow.capturedDue(p), MAX, "all of the due");
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), 1, "all of it is fee");
        vm.prank(payer);
        assertEq(escrow.refund(p, 1, Funding.Caller), MAX, "all of the due");
    }

    /// @dev The last second that terms can name. The largest fallback in parts comes to all of it, to the unit.
    function test_LastSecondThereIs() public {
        Payment memory p = largest();
        bytes32 id = authorize(p);
        vm.warp(NEVER);
        vm.mockCallRevert(address(oracle), abi.encodeCall(IRateOracle.rate, (p.token, p.currency)), "");
        uint256 snapshot = vm.snapshotState();
        vm.startPrank(merchant);
        uint256 sum = escrow.capture(p, 1, 9_999, false);
        sum += escrow.capture(p, MAX / 3, 9_999, false);
        sum += escrow.capture(p, MAX - MAX / 3 - 1, 9_999, false);
        vm.stopPrank();
        assertEq(sum, MAX, "all of the fallback");
        assertState(id, PaymentStatus.Captured, 0, MAX);
        assertEq(escrow.balanceOf(feeReceiver, address(weth)), uint256(MAX) * 9_999 / 10_000, "one capture's fee");
        vm.revertToState(snapshot);

        vm.warp(uint256(NEVER) + 1);
        escrow.reclaim(p);
        assertEq(weth.balanceOf(refundTo), MAX, "reclaimed");
    }

    /// @dev A hold may end at the token itself or at a settler: where its payer said, and nowhere else.
    function test_RefundToIsNobodyWhoCouldTakeItOut() public {
        address[3] memory odd = [address(weth), address(registry), address(oracle)];
        for (uint256 i = 0; i < odd.length; ++i) {
            Payment memory p = largest();
            (p.maxAmount, p.fallbackAmount, p.refundTo) = (5, 0, odd[i]);
            authorize(p);
            vm.prank(merchant);
            assertEq(escrow.void(p), 5, "ended");
            assertEq(weth.balanceOf(odd[i]), 5, "where it was to go");
        }
    }

    function largest() internal view returns (Payment memory p) {
        p = terms();
        (p.maxAmount, p.due, p.fallbackAmount) = (MAX, MAX, MAX);
        (p.minFeeBps, p.maxFeeBps) = (0, 10_000);
        (p.authorizeBy, p.captureAfter, p.captureBy) = (NEVER, 0, NEVER);
        (p.arbiter, p.resolveBy) = (stranger, NEVER);
    }

    /// @dev As `payer`.
    function takeOutAndRefund(Payment memory p) internal {
        uint256 snapshot = vm.snapshotState();
        escrow.refund(p, MAX, Funding.Ledger);
        assertEq(escrow.balanceOf(payer, address(weth)), 0, "refunded");
        assertEq(weth.balanceOf(payer), 1000e18 + 4 * uint256(MAX), "refunded");
        vm.revertToState(snapshot);
        escrow.withdraw(address(weth), MAX, payer);
    }

    function quote(uint256 wad, uint8 baseDecimals, uint8 quoteDecimals) internal {
        Rate memory rate = Rate(wad, baseDecimals, quoteDecimals, uint40(block.timestamp), 0, 0);
        vm.mockCall(address(oracle), abi.encodeCall(IRateOracle.rate, (address(weth), USD)), abi.encode(rate));
    }
}
