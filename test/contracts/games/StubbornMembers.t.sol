// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CaptureAndSettle} from "../../../contracts/src/CaptureAndSettle.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {UniswapV3Solver} from "../../../contracts/src/solvers/UniswapV3Solver.sol";
import {CaptureOrder, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {ChainPayout, Operator, Payout, Recipient, Registration, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Group, Side, Tier} from "../../../contracts/src/types/Settlement.sol";
import {UnrulyToken} from "../base/Tokens.sol";
import {GameTest} from "./GameTest.sol";
import {pack} from "../base/PackedOrders.sol";

/// @notice Merchants who ask for what cannot be had, or cost more than they bring, stop nobody but themselves
/// (invariant 14).
/// @dev Dust: `SettlerPlanTest.test_Settle_DustIsSkippedAndBlocksNobody` and `attack/SinceDust.t.sol`. Recipients who
/// cannot be paid: `SettlerPayoutsTest`.
contract StubbornMembersTest is GameTest {
    uint8 internal constant ZERO = 2;

    function setUp() public override {
        super.setUp();
        Tier memory params = settler.tier(TIER);
        (params.startBps, params.maxBps) = (0, 0);
        settler.setTier(ZERO, params);
    }

    /// @dev No pool gives the oracle's whole value, less its own fee. The tier is part of the group, so that is that
    /// merchant's affair.
    function test_ATierWithoutAnyAllowanceIsAGroupOfItsOwn() public {
        Group memory stubborn = here();
        stubborn.tier = ZERO;
        register(merchants[0], stubborn, 0);
        register(merchants[1], here(), 0);
        register(merchants[2], here(), 0);
        for (uint256 i = 0; i < 3; ++i) {
            credit(merchants[i], weth, 1 ether, MIDNIGHT);
        }
        elapse(1 days);
        uint256 pays = quote(2 ether);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[1], 1 ether), merchants[0], ISettler.Skip.NotMember);
        _settle(here(), list(merchants[0], merchants[1], merchants[2]));

        uint256 tips = usdc.balanceOf(keeper);
        assertEq(usdc.balanceOf(merchants[1]) + usdc.balanceOf(merchants[2]) + tips, pays, "the pool's price");
        assertEq(escrow.balanceOf(merchants[0], address(weth)), 1 ether, "waits");

        // It waits for a pool that will not come,
        vm.expectPartialRevert(UniswapV3Solver.UniswapV3Solver_TooLittle.selector);
        _settle(stubborn, list(merchants[0]));
        uint256 snapshot = vm.snapshotState();
        // until it is filled from stock, for the tip alone,
        solver.willDeliver(2_500e6);
        vm.prank(keeper);
        settler.settle(stubborn, list(merchants[0]), address(solver), "");
        assertEq(usdc.balanceOf(merchants[0]), 2_500e6 - 2.5e6 - HEAD_USD6, "its whole value, less the tip");
        vm.revertToState(snapshot);
        // or crossed with whoever wants WETH,
        Group memory back = Group({token: address(usdc), asset: address(weth), eid: EID_A, tier: TIER});
        register(address(0xb0b), back, 0);
        credit(address(0xb0b), usdc, 2_500e6, MIDNIGHT);
        Side memory covered = Side({group: stubborn, merchants: list(merchants[0])});
        settler.settleCrossed(covered, Side({group: back, merchants: list(address(0xb0b))}), address(0), "");
        assertEq(usdc.balanceOf(merchants[0]), 2_500e6 - 2.5e6 - HEAD_USD6, "its whole value, less the tip");
        vm.revertToState(snapshot);
        // or withdraws.
        vm.prank(merchants[0]);
        escrow.withdraw(address(weth), 1 ether, merchants[0]);
    }

    /// @dev A payment that fell short of what its merchant tolerates is left, in the transaction that captures and settles
    /// all others.
    function test_AToleranceThatCannotBeMetStopsNoCaptures() public {
        CaptureAndSettle periphery = new CaptureAndSettle(escrow, registry, settler);
        CaptureOrder[] memory orders = new CaptureOrder[](3);
        for (uint256 i = 0; i < 3; ++i) {
            _registerTolerating(merchants[i], i == 0 ? 0 : 500);
            Payment memory payment = _authorized(merchants[i]);
            orders[i] = CaptureOrder({payment: payment, dueAmount: payment.due, feeBps: 0, isFinal: true});
        }
        // What is held was worth 2,500 USD, which is what is due; now it is 1% less.
        ethFeed.updateAnswer(2_475e8);

        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            0,
            abi.encodeWithSelector(IMatiEscrow.Escrow_ShortfallExceeded.selector, uint256(2_500e18) / 2_475, 1 ether, 0)
        );
        vm.prank(keeper);
        periphery.captureAndSettle(
            pack(orders), here(), list(merchants[0], merchants[1], merchants[2]), address(uniswap), wethToUsdc()
        );

        assertTrue(_statusOf(orders[0]) == PaymentStatus.Authorized, "left");
        for (uint256 i = 1; i < 3; ++i) {
            assertTrue(_statusOf(orders[i]) == PaymentStatus.Captured, "captured");
            assertGe(usdc.balanceOf(merchants[i]), 2_475e6 * 99 / 100, "and settled");
        }
    }

    /// @dev A group has the smallest allowance of its members. Whoever credits itself anew in every block holds down only
    /// whoever is settled with it: anyone else is settled without it.
    function test_AMemberWhoStaysFreshIsLeftOut() public {
        for (uint256 i = 0; i < 3; ++i) {
            register(merchants[i], here(), 0);
            credit(merchants[i], weth, 10 ether, MIDNIGHT);
        }
        for (uint256 elapsed = 12; elapsed <= 600; elapsed += 12) {
            elapse(elapsed);
            credit(merchants[0], weth, 10 ether, MIDNIGHT + elapsed);
        }
        assertLe(_allowanceOf(list(merchants[0], merchants[1], merchants[2])), 80, "held down to half");
        assertEq(_allowanceOf(list(merchants[1], merchants[2])), 130, "not without it");

        vm.expectPartialRevert(UniswapV3Solver.UniswapV3Solver_TooLittle.selector);
        _settle(here(), list(merchants[0], merchants[1], merchants[2]));
        uint256 pays = quote(20 ether);
        _settle(here(), list(merchants[1], merchants[2]));

        uint256 paid = usdc.balanceOf(merchants[1]) + usdc.balanceOf(merchants[2]) + usdc.balanceOf(keeper);
        assertEq(paid, pays, "the pool's price");
    }

    /// @dev The dearest member there can be: 16 recipients, each of whom burns all the gas it is given. Others are paid in
    /// the same call; a keeper who minds the gas leaves it out, and nobody tips it for what was not paid.
    function test_SixteenRecipientsThatBurnGasCostGasOnly() public {
        Recipient[] memory named = new Recipient[](16);
        for (uint160 i = 0; i < 16; ++i) {
            named[i] = Recipient({account: address(0xdead0000 + i), shareBps: 625});
            usdc.setBehaviour(named[i].account, UnrulyToken.Behaviour.BurnsGas);
        }
        register(merchants[0], here(), 0, address(settler), named);
        register(merchants[1], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);
        elapse(600);
        uint256 snapshot = vm.snapshotState();
        _settle(here(), list(merchants[1]));
        uint256 alone = vm.lastCallGas().gasTotalUsed;
        uint256 tip = usdc.balanceOf(keeper);
        vm.revertToState(snapshot);

        _settle(here(), list(merchants[0], merchants[1]));

        uint256 extra = vm.lastCallGas().gasTotalUsed - alone;
        emit log(string.concat("gas of a member with 16 recipients that burn all they get: ", vm.toString(extra)));
        assertLe(extra, 16 * 400_000, "300,000 each, and a ledger balance");
        assertLe(usdc.balanceOf(keeper), tip, "for no tip");
        assertGe(usdc.balanceOf(merchants[1]), 2_500e6 * 99 / 100, "the other one is paid");
        assertGe(escrow.balanceOf(named[15].account, address(usdc)), 2_500e6 * 99 / 100 / 16, "each is credited");
    }

    function _settle(Group memory group, address[] memory members) internal {
        vm.prank(keeper);
        settler.settle(group, members, address(uniswap), wethToUsdc());
    }

    function _allowanceOf(address[] memory members) internal view returns (uint256 allowanceBps) {
        (,,, allowanceBps,) = settler.preview(here(), members);
    }

    function _registerTolerating(address merchant, uint16 toleranceBps) internal {
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout(EID_A, address(settler), new Recipient[](0), new Reserve[](0));
        Payout memory payout = Payout(address(usdc), EID_A, 0, TIER, toleranceBps);
        vm.prank(merchant);
        registry.register(Registration(merchant, 1, payout, new Operator[](0), chains), "");
    }

    /// @dev 2,500 USD due, 1 WETH held.
    function _authorized(address merchant) internal returns (Payment memory payment) {
        address payer = makeAddress("payer");
        escrow.setTokenAllowed(address(weth), true);
        (payment.payer, payment.merchant, payment.refundTo) = (payer, merchant, payer);
        (payment.token, payment.maxAmount) = (address(weth), 1 ether);
        (payment.currency, payment.due) = (USD, 2_500e18);
        payment.authorizeBy = payment.captureBy = uint40(block.timestamp + 1 days);
        payment.autoCapture = true;
        weth.mint(payer, 1 ether);
        vm.startPrank(payer);
        weth.approve(address(escrow), 1 ether);
        escrow.authorize(payment, address(0), "");
        vm.stopPrank();
    }

    function _statusOf(CaptureOrder memory order) internal view returns (PaymentStatus) {
        return escrow.paymentState(escrow.paymentId(order.payment)).status;
    }
}
