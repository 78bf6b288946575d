// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

import {IMatiGateway} from "../../contracts/src/interfaces/IMatiGateway.sol";
import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {LedgerEntry} from "../../contracts/src/types/Ledger.sol";
import {Rate} from "../../contracts/src/types/Rate.sol";
import {Group} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice How settled value leaves for another chain, and who bears the message.
contract SettlerMessagesTest is SettlerTest {
    /// @dev Of two members, as the gateway asks for it; worth 120 MATI, 60 per head.
    uint256 internal constant FEE = 0.012 ether;

    function test_Settle_SendsOneMessageForAll() public {
        _member(0, 1 ether);
        _member(1, 3 ether);
        solver.willDeliver(40_000e18);
        LedgerEntry[] memory payouts = new LedgerEntry[](2);
        // Less the tip of 40: 39,960, a quarter and three.
        payouts[0] = LedgerEntry({account: merchants[0], amount: 9_990e18 - 60e18});
        payouts[1] = LedgerEntry({account: merchants[1], amount: 29_970e18 - 60e18});
        bytes32 guid = keccak256(abi.encode(OTHER_EID, payouts));

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(idOf(1), merchants[0], address(weth), 1 ether, 1 ether, payouts[0].amount);
        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(idOf(1), merchants[1], address(weth), 3 ether, 3 ether, payouts[1].amount);
        vm.expectEmit(address(settler));
        emit ISettler.Settled(
            idOf(1),
            address(weth),
            keeper,
            across(),
            4 ether,
            40_000e18,
            39_880e18,
            30,
            40e18,
            120e18,
            10_000e18,
            11,
            22,
            guid
        );
        settle(across(), list(merchants[0], merchants[1]), FEE + 1 ether);

        assertEq(abi.encode(gateway.sent()), abi.encode(payouts), "payouts");
        assertEq(gateway.sentTo(), OTHER_EID, "eid");
        assertEq(gateway.sender(), address(settler), "sender");
        assertEq(gateway.refundTo(), keeper, "refundTo");
        assertEq(gateway.paid(), FEE, "exactly the fee");
        assertEq(keeper.balance, NATIVE - FEE, "the rest comes back");
        assertEq(mati.balanceOf(keeper), 160e18, "tip and message fee");
        assertHoldsNothing();
    }

    function test_Settle_MatiNeedsNoSolver() public {
        Group memory group = across();
        group.token = address(mati);
        register(merchants[0], group, 0);
        credit(merchants[0], mati, 10_000e18, MIDNIGHT);

        vm.prank(keeper);
        settler.settle{value: 0.011 ether}(group, list(merchants[0]), address(0), "");

        // 10,000 less 10 tip less min(110, 1%) of the message.
        assertEq(gateway.sent()[0].amount, 9_990e18 - 99.9e18, "sent");
        assertEq(mati.balanceOf(keeper), 109.9e18, "earned");
        assertHoldsNothing();
    }

    function test_Settle_NobodyBearsMoreThanItsCap() public {
        _member(0, 0.1 ether);
        _member(1, 1 ether);
        solver.willDeliver(11_000e18);

        settle(across(), list(merchants[0], merchants[1]), FEE);

        // Less the tip of 11: 999 and 9,990. The small one bears 1% instead of 60, and the caller what is missing.
        assertEq(gateway.sent()[0].amount, 999e18 - 9.99e18, "the small one");
        assertEq(gateway.sent()[1].amount, 9_990e18 - 60e18, "the other");
        assertEq(mati.balanceOf(keeper), 11e18 + 69.99e18, "earned");
    }

    function test_Settle_DustThatTheBridgeCannotCarryJoinsTheTip() public {
        _member(0, 1 ether);
        _member(1, 1 ether);
        solver.willDeliver(20_000e18 + 1e12);

        settle(across(), list(merchants[0], merchants[1]), FEE);

        // 20,000.000001 less the tip (20.000000001) is 19,980.000000999, in halves of 9,990.0000004995.
        assertEq(gateway.sent()[0].amount, 9_930e18, "first, cut");
        assertEq(gateway.sent()[1].amount, 9_930e18, "second, cut");
        assertEq(mati.balanceOf(keeper), 140e18 + 1e12, "tip, dust and message fee");
        assertHoldsNothing();
    }

    function test_Settle_SkipsWhatTheBridgeCannotCarry() public {
        // 1e12 units of MATI, the least that is carried, after 0.3% allowance, 0.1% tip and 1% for the message.
        _member(0, 101_415_458);
        _member(1, 1 ether);
        solver.willDeliver(10_000e18 + 1e12);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(1), merchants[0], ISettler.Skip.TooSmall);
        settle(across(), list(merchants[0], merchants[1]), FEE);
        credit(merchants[0], weth, 1, MIDNIGHT);
        solver.willDeliver(1_011_112_126_230);
        settle(across(), list(merchants[0]), FEE);

        assertEq(gateway.sent()[1].amount, 1e12, "carried as soon as it can be");
    }

    function test_Settle_WithoutANativeRateRepaysNothing() public {
        Rate memory none;
        oracle.set(wrappedNative, address(mati), none);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);

        settle(across(), list(merchants[0]), FEE);

        assertEq(gateway.sent()[0].amount, 9_990e18, "less the tip only");
        assertEq(mati.balanceOf(keeper), 10e18, "tip");
    }

    function test_Settle_CoinsForcedUponItStay() public {
        vm.deal(address(settler), 1 ether);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);
        uint256 fee = settler.quoteMessage(OTHER_EID, 1);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_MessageUnpaid.selector, fee - 1, fee));
        settle(across(), list(merchants[0]), fee - 1);
        settle(across(), list(merchants[0]), fee + 1);

        assertEq(address(settler).balance, 1 ether, "as before");
        assertEq(keeper.balance, NATIVE - fee, "the caller paid");
    }

    function test_RevertWhen_CallerCannotTakeTheRest() public {
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);
        vm.etch(keeper, hex"5f5ffd");
        uint256 fee = settler.quoteMessage(OTHER_EID, 1);

        vm.expectRevert(Errors.FailedCall.selector);
        settle(across(), list(merchants[0]), fee + 1);
        settle(across(), list(merchants[0]), fee);
    }

    function test_RevertWhen_NoGateway() public {
        settler.setGateway(OTHER_EID, IMatiGateway(address(0)));
        bytes memory noGateway = abi.encodeWithSelector(ISettler.Settler_NoGateway.selector, OTHER_EID);
        _member(0, 1 ether);

        vm.expectRevert(noGateway);
        settle(across(), list(merchants[0]), FEE);
        vm.expectRevert(noGateway);
        settler.preview(across(), list(merchants[0]));
        vm.expectRevert(noGateway);
        settler.quoteMessage(OTHER_EID, 1);
    }

    function test_RevertWhen_DeliveredInTheOtherChainsAsset() public {
        _member(0, 1 ether);
        solver.willDeliver(0);
        usdc.mint(address(settler), 2_500e6);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 0, 9_970e18));
        settle(across(), list(merchants[0]), FEE);
    }

    function test_QuoteMessage() public view {
        assertEq(settler.quoteMessage(OTHER_EID, 2), FEE, "the gateway's");
        assertEq(settler.quoteMessage(EID, 2), 0, "none for this chain");
    }

    function _member(uint256 i, uint256 amount) internal {
        register(merchants[i], across(), 0);
        credit(merchants[i], weth, amount, MIDNIGHT);
    }
}
