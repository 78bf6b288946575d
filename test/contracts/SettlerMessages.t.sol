// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors as EndpointErrors} from "@layerzerolabs/lz-evm-protocol-v2/contracts/libs/Errors.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

import {IMatiGateway} from "../../contracts/src/interfaces/IMatiGateway.sol";
import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {LedgerEntry} from "../../contracts/src/types/Ledger.sol";
import {Group} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice How settled value leaves for another chain, who bears the message, and what arrives there.
contract SettlerMessagesTest is SettlerTest {
    function test_Settle_SendsOneMessageForAll() public {
        _member(0, 1 ether);
        _member(1, 3 ether);
        solver.willDeliver(40_000e18);
        LedgerEntry[] memory payouts = new LedgerEntry[](2);
        // Less the tip of 40: 39,960, a quarter and three; less 60 each, half of the message's worth.
        payouts[0] = LedgerEntry({account: registry.payoutAccount(merchants[0]), amount: 9_990e18 - 60e18});
        payouts[1] = LedgerEntry({account: registry.payoutAccount(merchants[1]), amount: 29_970e18 - 60e18});
        bytes32 guid = a.endpoint.nextGuid(address(mati), EID_B, padded(address(b.token)));

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(
            idOf(weth, merchants[0], 1 ether), merchants[0], address(weth), 1 ether, 1 ether, payouts[0].amount
        );
        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(
            idOf(weth, merchants[0], 1 ether), merchants[1], address(weth), 3 ether, 3 ether, payouts[1].amount
        );
        vm.expectEmit(address(gateway));
        emit IMatiGateway.PayoutsSent(guid, EID_B, address(settler), 39_840e18, payouts);
        vm.expectEmit(address(settler));
        emit ISettler.Settled(
            idOf(weth, merchants[0], 1 ether),
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
            33,
            guid
        );
        vm.expectCall(address(gateway), MESSAGE_FEE, abi.encodeCall(IMatiGateway.send, (EID_B, payouts, keeper)));
        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE + 1 ether);

        assertEq(keeper.balance, NATIVE - MESSAGE_FEE, "the rest comes back");
        assertEq(mati.balanceOf(keeper), 160e18, "tip and message fee");
        assertHoldsNothing();
        assertEq(arrive(), guid, "guid");
        assertEq(packets.length, 1, "one message");
        assertEq(arrived(merchants[0]), payouts[0].amount, "first");
        assertEq(arrived(merchants[1]), payouts[1].amount, "second");
        assertEq(b.token.balanceOf(address(b.escrow)), 39_840e18, "all of it");
    }

    function test_Settle_MatiNeedsNoSolver() public {
        Group memory group = across();
        group.token = address(mati);
        register(merchants[0], group, 0);
        credit(merchants[0], mati, 10_000e18, MIDNIGHT);

        vm.prank(keeper);
        settler.settle{value: MESSAGE_FEE}(group, list(merchants[0]), address(0), "");

        // 10,000 less 10 tip less min(120, 1%) of the message.
        assertEq(mati.balanceOf(keeper), 109.9e18, "earned");
        assertHoldsNothing();
        arrive();
        assertEq(arrived(merchants[0]), 9_990e18 - 99.9e18, "arrived");
    }

    function test_Settle_NobodyBearsMoreThanItsCap() public {
        _member(0, 0.1 ether);
        _member(1, 1 ether);
        solver.willDeliver(11_000e18);

        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE);

        // Less the tip of 11: 999 and 9,990. The small one bears 1% instead of 60, and the caller what is missing.
        assertEq(mati.balanceOf(keeper), 11e18 + 69.99e18, "earned");
        arrive();
        assertEq(arrived(merchants[0]), 999e18 - 9.99e18, "the small one");
        assertEq(arrived(merchants[1]), 9_990e18 - 60e18, "the other");
    }

    function test_Settle_DustThatTheBridgeCannotCarryJoinsTheTip() public {
        _member(0, 1 ether);
        _member(1, 1 ether);
        solver.willDeliver(20_000e18 + 1e12);

        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE);

        // 20,000.000001 less the tip (20.000000001) is 19,980.000000999, in halves of 9,990.0000004995.
        assertEq(mati.balanceOf(keeper), 140e18 + 1e12, "tip, dust and message fee");
        assertHoldsNothing();
        arrive();
        assertEq(arrived(merchants[0]), 9_930e18, "first, cut");
        assertEq(arrived(merchants[1]), 9_930e18, "second, cut");
    }

    function test_Settle_SkipsWhatTheBridgeCannotCarry() public {
        // 1e12 units of MATI, the least that is carried, after 0.3% allowance, 0.1% tip and 1% for the message.
        _member(0, 101_415_458);
        _member(1, 1 ether);
        solver.willDeliver(10_000e18 + 1e12);

        vm.expectEmit(address(settler));
        emit ISettler.MemberSkipped(idOf(weth, merchants[1], 1 ether), merchants[0], ISettler.Skip.TooSmall);
        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE);
        arrive();
        assertEq(arrived(merchants[0]), 0, "waits");
        assertEq(arrived(merchants[1]), 9_990e18 - 99.9e18, "the other");
        credit(merchants[0], weth, 1, MIDNIGHT);
        solver.willDeliver(1_011_112_126_230);
        settle(across(), list(merchants[0]), MESSAGE_FEE);

        arrive();
        assertEq(arrived(merchants[0]), 1e12, "carried as soon as it can be");
    }

    function test_Settle_AsksForAMessageOfThoseWhoAreSettled() public {
        _member(0, 1);
        _member(1, 1 ether);
        solver.willDeliver(10_000e18);

        vm.expectCall(address(gateway), abi.encodeCall(IMatiGateway.quote, (EID_B, 1)));
        settle(across(), list(merchants[0], merchants[1]), MESSAGE_FEE);
    }

    function test_Settle_WithoutANativeRateRepaysNothing() public {
        nativeFeed.updateAnswer(0);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);

        settle(across(), list(merchants[0]), MESSAGE_FEE);

        assertEq(mati.balanceOf(keeper), 10e18, "tip");
        arrive();
        assertEq(arrived(merchants[0]), 9_990e18, "less the tip only");
    }

    function test_Settle_CoinsForcedUponItStay() public {
        vm.deal(address(settler), 1 ether);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);
        uint256 fee = settler.quoteMessage(EID_B, 1);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_MessageUnpaid.selector, fee - 1, fee));
        settle(across(), list(merchants[0]), fee - 1);
        settle(across(), list(merchants[0]), fee + 1);

        assertEq(address(settler).balance, 1 ether, "as before");
        assertEq(keeper.balance, NATIVE - fee, "the caller paid");
    }

    /// @dev Another gateway may quote too much: what its message did not need is the caller's.
    function test_Settle_WhatTheMessageDidNotNeedComesBackToTheCaller() public {
        _quoteIs(MESSAGE_FEE + 0.5 ether);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);

        settle(across(), list(merchants[0]), MESSAGE_FEE + 1 ether);

        assertEq(keeper.balance, NATIVE - MESSAGE_FEE, "what it cost");
        assertHoldsNothing();
    }

    function test_RevertWhen_GatewayQuotesTooLittle() public {
        _quoteIs(MESSAGE_FEE - 1);
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);

        vm.expectRevert(
            abi.encodeWithSelector(EndpointErrors.LZ_InsufficientFee.selector, MESSAGE_FEE, MESSAGE_FEE - 1, 0, 0)
        );
        settle(across(), list(merchants[0]), MESSAGE_FEE);

        assertEq(escrow.balanceOf(merchants[0], address(weth)), 1 ether, "nothing moved");
    }

    function test_RevertWhen_CallerCannotTakeTheRest() public {
        _member(0, 1 ether);
        solver.willDeliver(10_000e18);
        vm.etch(keeper, hex"5f5ffd");
        uint256 fee = settler.quoteMessage(EID_B, 1);

        vm.expectRevert(Errors.FailedCall.selector);
        settle(across(), list(merchants[0]), fee + 1);
        settle(across(), list(merchants[0]), fee);
    }

    function test_RevertWhen_NoGateway() public {
        settler.setGateway(EID_B, IMatiGateway(address(0)));
        bytes memory noGateway = abi.encodeWithSelector(ISettler.Settler_NoGateway.selector, EID_B);
        _member(0, 1 ether);

        vm.expectRevert(noGateway);
        settle(across(), list(merchants[0]), MESSAGE_FEE);
        vm.expectRevert(noGateway);
        settler.preview(across(), list(merchants[0]));
        vm.expectRevert(noGateway);
        settler.quoteMessage(EID_B, 1);
    }

    function test_RevertWhen_DeliveredInTheOtherChainsAsset() public {
        _member(0, 1 ether);
        solver.willDeliver(0);
        usdc.mint(address(settler), 2_500e6);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 0, 9_970e18));
        settle(across(), list(merchants[0]), MESSAGE_FEE);
    }

    function test_QuoteMessage() public {
        vm.expectCall(address(gateway), abi.encodeCall(IMatiGateway.quote, (EID_B, 2)));
        assertEq(settler.quoteMessage(EID_B, 2), MESSAGE_FEE, "the gateway's");
        assertEq(settler.quoteMessage(EID_A, 2), 0, "none for this chain");
    }

    function _member(uint256 i, uint256 amount) internal {
        register(merchants[i], across(), 0);
        credit(merchants[i], weth, amount, MIDNIGHT);
    }

    /// @dev The genuine gateway never errs about its fee; one set later might.
    function _quoteIs(uint256 fee) internal {
        vm.mockCall(address(gateway), abi.encodeWithSelector(IMatiGateway.quote.selector), abi.encode(fee));
    }
}
