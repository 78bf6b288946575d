// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppCore.sol";
import {Errors} from "@layerzerolabs/lz-evm-protocol-v2/contracts/libs/Errors.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IMatiEscrow} from "../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "../../contracts/src/interfaces/IMatiGateway.sol";
import {LedgerEntry} from "../../contracts/src/types/Ledger.sol";
import {Returnable} from "../../contracts/src/types/Returnable.sol";
import {BridgeTest} from "./base/Bridge.sol";

contract MatiGatewayTest is BridgeTest {
    uint256 internal constant FEE = 100;

    address internal alice = makeAddress("alice");
    address internal stranger = makeAddress("stranger");

    function setUp() public override {
        super.setUp();
        vm.deal(stranger, 1 ether);
        a.token.approve(address(a.gateway), type(uint256).max);
    }

    // -------------------------------------------------------------------------------------------------- views

    function test_Views() public view {
        assertEq(a.gateway.token(), address(a.token), "token");
        assertEq(a.gateway.MAX_PAYOUTS(), 100, "max");
        assertEq(a.gateway.unit(), UNIT, "unit");
        assertEq(a.gateway.peer(EID_B), padded(address(b.gateway)), "peer");
        assertEq(address(a.gateway.ESCROW()), address(a.escrow), "escrow");
        assertEq(a.gateway.ENDPOINT(), address(a.endpoint), "endpoint");
    }

    // ------------------------------------------------------------------------------------------------ setPeer

    function test_SetPeer() public {
        vm.expectEmit(address(a.gateway));
        emit IMatiGateway.PeerSet(7, padded(alice));
        a.gateway.setPeer(7, padded(alice));

        assertEq(a.gateway.peer(7), padded(alice), "peer");
    }

    function test_RevertWhen_SetPeerByAStranger() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        a.gateway.setPeer(EID_B, padded(stranger));
    }

    // --------------------------------------------------------------------------------------------------- send

    function test_SendCreditsEveryAccountOnTheOtherChain() public {
        LedgerEntry[] memory payouts = somePayouts(3);
        bytes32 expectedGuid = a.endpoint.nextGuid(address(a.token), EID_B, padded(address(b.token)));
        vm.expectEmit(address(a.gateway));
        emit IMatiGateway.PayoutsSent(expectedGuid, EID_B, address(this), 6e18, payouts);
        (bytes32 guid, uint256 nativeFee) = a.gateway.send{value: FEE}(EID_B, payouts, address(this));

        assertEq(guid, expectedGuid, "guid");
        assertEq(nativeFee, FEE, "fee");
        assertEq(a.token.balanceOf(address(this)), GENESIS - 6e18, "pulled");
        assertEq(a.token.balanceOf(address(a.gateway)), 0, "nothing stays");

        assertEq(deliverLast(), guid, "delivered");
        assertEq(
            composes[0].message,
            abi.encodePacked(uint64(1), EID_A, uint256(6e18), padded(address(a.gateway)), payloadOf(payouts)),
            "message"
        );
        vm.expectEmit(address(b.gateway));
        emit IMatiGateway.PayoutsCredited(guid, EID_A, 6e18, 3);
        composeLast();

        for (uint256 i = 0; i < 3; ++i) {
            assertEq(b.escrow.balanceOf(payouts[i].account, address(b.token)), payouts[i].amount, "credited");
        }
        assertEq(b.token.balanceOf(address(b.escrow)), 6e18, "escrow");
        assertEq(b.token.balanceOf(address(b.gateway)), 0, "gateway is empty");
        assertEq(b.token.allowance(address(b.gateway), address(b.escrow)), 0, "no allowance left");
        assertTrue(b.gateway.isProcessed(guid), "processed");
        assertEq(b.gateway.returnable(guid).from, 0, "not returnable");
    }

    function test_SendNamesTheGuidInTheEscrowsCredits() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
        bytes32 guid = deliverLast();

        vm.expectEmit(address(b.escrow));
        emit IMatiEscrow.Credited(somePayouts(1)[0].account, address(b.token), guid, address(b.gateway), 1e18, 1e18);
        composeLast();
    }

    function test_SendCreditsAnAccountForEachTimeItOccurs() public {
        LedgerEntry[] memory payouts = somePayouts(2);
        payouts[1].account = payouts[0].account;
        a.gateway.send{value: FEE}(EID_B, payouts, address(this));
        deliverLast();
        composeLast();

        assertEq(b.escrow.balanceOf(payouts[0].account, address(b.token)), 3e18, "sum");
    }

    function test_SendReturnsWhatTheMessageDidNotNeed() public {
        vm.deal(stranger, 1 ether);
        uint256 quoted = a.gateway.quote(EID_B, 1);
        a.gateway.send{value: 0.4 ether}(EID_B, somePayouts(1), stranger);

        assertEq(quoted, FEE, "quote");
        assertEq(stranger.balance, 1.4 ether - FEE, "rest to refundTo");
        assertEq(address(a.gateway).balance, 0, "nothing stays");
    }

    function test_SendCarriesTheMostPayouts() public {
        LedgerEntry[] memory payouts = somePayouts(100);
        a.gateway.send{value: FEE}(EID_B, payouts, address(this));
        deliverLast();
        composeLast();

        assertEq(b.token.balanceOf(address(b.escrow)), sumOf(payouts), "credited");
        assertEq(b.escrow.balanceOf(payouts[99].account, address(b.token)), 100e18, "last");
        // 10,000 bytes are LayerZero's default limit; 81 + 32 of the packet are header and guid.
        assertLe(packets[0].packet.length, 10_000, "fits");
    }

    function testFuzz_SendCarriesAnyCutAmount(uint64 first, uint64 second) public {
        LedgerEntry[] memory payouts = somePayouts(2);
        payouts[0].amount = uint112(bound(first, 1, 50_000_000e6) * UNIT);
        payouts[1].amount = uint112(bound(second, 1, 50_000_000e6) * UNIT);
        a.gateway.send{value: FEE}(EID_B, payouts, address(this));
        deliverLast();
        composeLast();

        assertEq(b.escrow.balanceOf(payouts[0].account, address(b.token)), payouts[0].amount, "first");
        assertEq(b.escrow.balanceOf(payouts[1].account, address(b.token)), payouts[1].amount, "second");
    }

    function test_RevertWhen_SendToAChainWithoutPeer() public {
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NoPeer.selector, uint32(7)));
        a.gateway.send{value: FEE}(7, somePayouts(1), address(this));
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NoPeer.selector, uint32(7)));
        a.gateway.quote(7, 1);
    }

    function test_RevertWhen_NoPayoutsOrTooMany() public {
        uint256[2] memory counts = [uint256(0), 101];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory refused = abi.encodeWithSelector(IMatiGateway.Gateway_BadCount.selector, counts[i], 100);
            vm.expectRevert(refused);
            a.gateway.send{value: FEE}(EID_B, somePayouts(counts[i]), address(this));
            vm.expectRevert(refused);
            a.gateway.quote(EID_B, counts[i]);
        }
    }

    function test_RevertWhen_APayoutCannotBeCarriedOrCredited() public {
        expectBadPayout(LedgerEntry(address(0), 1e18));
        expectBadPayout(LedgerEntry(address(a.escrow), 1e18));
        expectBadPayout(LedgerEntry(alice, 0));
        expectBadPayout(LedgerEntry(alice, 1e18 + 1));
        expectBadPayout(LedgerEntry(alice, uint112(UNIT - 1)));
    }

    function expectBadPayout(LedgerEntry memory bad) internal {
        LedgerEntry[] memory payouts = somePayouts(2);
        payouts[1] = bad;
        vm.expectRevert(
            abi.encodeWithSelector(IMatiGateway.Gateway_BadPayout.selector, 1, bad.account, uint256(bad.amount))
        );
        a.gateway.send{value: FEE}(EID_B, payouts, address(this));
    }

    function test_RevertWhen_SendIsNotAllowedTheAmount() public {
        a.token.approve(address(a.gateway), 1e18 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(a.gateway), 1e18 - 1, 1e18)
        );
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
    }

    function test_RevertWhen_SendDoesNotPayItsFee() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.LZ_InsufficientFee.selector, FEE, FEE - 1, 0, 0));
        a.gateway.send{value: FEE - 1}(EID_B, somePayouts(1), address(this));
    }

    // ---------------------------------------------------------------------------- lzCompose: who, once, how

    function test_RevertWhen_ComposedByAnotherThanTheEndpoint() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
        bytes32 guid = deliverLast();

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NotEndpoint.selector, stranger));
        b.gateway.lzCompose(address(b.token), guid, composes[0].message, stranger, "");
    }

    function test_RevertWhen_TheComposeIsNotOurTokens() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
        bytes32 guid = deliverLast();
        vm.startPrank(stranger);
        b.endpoint.sendCompose(address(b.gateway), guid, 0, composes[0].message);

        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NotToken.selector, stranger));
        b.endpoint.lzCompose(stranger, address(b.gateway), guid, 0, composes[0].message, "");
    }

    function test_RevertWhen_AGuidIsProcessedTwice() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
        bytes32 guid = deliverLast();
        composeLast();

        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.LZ_ComposeNotFound.selector, bytes32(uint256(1)), keccak256(composes[0].message)
            )
        );
        relay.compose(composes[0], gasleft());
        // Even an endpoint that forgot what it composed credits nothing twice (invariant 12).
        vm.prank(address(b.endpoint));
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_AlreadyProcessed.selector, guid));
        b.gateway.lzCompose(address(b.token), guid, composes[0].message, stranger, "");
    }

    function test_RevertWhen_AReturnableGuidIsProcessedAgain() public {
        bytes32 guid = arriveFrom(stranger, "hello");

        vm.prank(address(b.endpoint));
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_AlreadyProcessed.selector, guid));
        b.gateway.lzCompose(address(b.token), guid, composes[0].message, stranger, "");
    }

    function test_RevertWhen_ComposedWithValue() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(1), address(this));
        deliverLast();

        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_UnexpectedValue.selector, 1));
        relay.compose{value: 1}(composes[0], gasleft());
    }

    function test_RevertWhen_ComposedWithTooLittleGas() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(2), address(this));
        bytes32 guid = deliverLast();

        vm.prank(address(b.endpoint));
        // The second word tells the floor: 7/8 of the 240,000 that the executor is asked for.
        (bool success, bytes memory reason) = address(b.gateway).call{gas: 200_000}(
            abi.encodeCall(b.gateway.lzCompose, (address(b.token), guid, composes[0].message, stranger, ""))
        );

        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(IMatiGateway.Gateway_InsufficientGas.selector), "error");
        (uint256 given, uint256 required) = abi.decode(withoutSelector(reason), (uint256, uint256));
        assertEq(required, 210_000, "required");
        assertLe(given, 200_000, "given");
        assertEq(b.gateway.isProcessed(guid), false, "nothing happened");
    }

    function testFuzz_LittleGasNeverChangesTheOutcome(uint256 gasLimit, bool isReadable) public {
        bytes32 guid;
        if (isReadable) {
            a.gateway.send{value: FEE}(EID_B, somePayouts(3), address(this));
            guid = deliverLast();
        } else {
            guid = deliverFrom(stranger, abi.encodePacked(payloadOf(somePayouts(3)), "x"));
        }

        vm.prank(stranger);
        try relay.compose(composes[0], bound(gasLimit, 0, 400_000)) {}
        catch {
            assertEq(b.gateway.isProcessed(guid), false, "not processed");
            assertEq(b.token.balanceOf(address(b.gateway)), 6e18, "still waiting");
            composeLast();
        }

        assertTrue(b.gateway.isProcessed(guid), "processed");
        assertEq(b.token.balanceOf(address(b.escrow)), isReadable ? 6e18 : 0, "credited");
        assertEq(b.gateway.returnable(guid).amount, isReadable ? 0 : 6e18, "returnable");
    }

    function test_AFailingDepositRevertsAndIsRetried() public {
        a.gateway.send{value: FEE}(EID_B, somePayouts(2), address(this));
        bytes32 guid = deliverLast();
        bytes memory failure = abi.encodeWithSelector(IMatiEscrow.Escrow_IntakePaused.selector);
        vm.mockCallRevert(address(b.escrow), abi.encodeWithSelector(IMatiEscrow.deposit.selector), failure);
        vm.expectRevert(failure);
        relay.compose(composes[0], gasleft());
        assertEq(b.gateway.isProcessed(guid), false, "not processed");

        vm.clearMockedCalls();
        composeLast();

        assertEq(b.token.balanceOf(address(b.escrow)), 3e18, "credited");
    }

    // ------------------------------------------------------------------------------ lzCompose: what is kept

    function test_AnUnknownSendersPayloadIsKeptForItAlone() public {
        bytes32 guid = deliverFrom(stranger, "hello");
        vm.expectEmit(address(b.gateway));
        emit IMatiGateway.PayoutsReturnable(
            guid,
            EID_A,
            padded(stranger),
            6e18,
            "",
            abi.encodeWithSelector(IMatiGateway.Gateway_UnknownSender.selector, EID_A, padded(stranger))
        );
        composeLast();

        assertKept(guid, stranger, "");
    }

    function test_AnUnknownSendersReadablePayloadIsKeptWithIt() public {
        bytes memory payload = payloadOf(somePayouts(3));
        bytes32 guid = arriveFrom(stranger, payload);

        assertKept(guid, stranger, payload);
        assertEq(b.token.balanceOf(address(b.escrow)), 0, "not credited");
    }

    function test_ThePeersUnreadablePayloadIsKeptWithIt() public {
        bytes32 guid = deliverFrom(address(a.gateway), "hello");
        vm.expectEmit(address(b.gateway));
        emit IMatiGateway.PayoutsReturnable(
            guid,
            EID_A,
            padded(address(a.gateway)),
            6e18,
            "hello",
            abi.encodeWithSelector(IMatiGateway.Gateway_UnreadablePayload.selector, 6e18, 0)
        );
        composeLast();

        assertKept(guid, address(a.gateway), "hello");
    }

    function test_ThePeersPayloadThatDoesNotAddUpIsKept() public {
        LedgerEntry[] memory payouts = somePayouts(3);
        payouts[0].amount += uint112(UNIT);
        bytes32 guid = deliverFrom(address(a.gateway), payloadOf(payouts));
        vm.expectEmit(address(b.gateway));
        emit IMatiGateway.PayoutsReturnable(
            guid,
            EID_A,
            padded(address(a.gateway)),
            6e18,
            payloadOf(payouts),
            abi.encodeWithSelector(IMatiGateway.Gateway_UnreadablePayload.selector, 6e18, 6e18 + UNIT)
        );
        composeLast();
    }

    function test_PayloadsThatNoGatewayWritesAreKept() public {
        LedgerEntry[] memory payouts = somePayouts(3);
        expectKept(hex"02");
        expectKept(abi.encodePacked(payloadOf(payouts), uint8(0)));
        expectKept(payloadOf(new LedgerEntry[](0)));
        bytes memory otherVersion = payloadOf(payouts);
        otherVersion[0] = 0x02;
        expectKept(otherVersion);
        payouts[1].account = address(0);
        expectKept(payloadOf(payouts));
        payouts[1].account = address(b.escrow);
        expectKept(payloadOf(payouts));
        payouts = somePayouts(3);
        payouts[0].amount = 3e18;
        payouts[1].amount = 0;
        expectKept(payloadOf(payouts));
        // One more than a message may carry, though they add up.
        payouts = new LedgerEntry[](101);
        for (uint256 i = 0; i < 101; ++i) {
            payouts[i] = LedgerEntry(alice, i == 0 ? 5.9e18 : 0.001e18);
        }
        expectKept(payloadOf(payouts));
    }

    /// @dev As long as LayerZero carries, and yet no dearer than the most payouts.
    function test_AnOverlongPayloadIsKeptForTheGasOfTheMostPayouts() public {
        bytes32 guid = deliverFrom(stranger, new bytes(9_800));
        relay.compose(composes[0], 4_160_000);

        assertKept(guid, stranger, "");
    }

    function expectKept(bytes memory payload) internal {
        bytes32 guid = arriveFrom(address(a.gateway), payload);
        assertKept(guid, address(a.gateway), payload);
    }

    /// @dev Whatever the payload: exactly credited or exactly returnable, and what is left here is accounted for.
    function testFuzz_AnyPayloadIsCreditedOrReturnable(bytes memory noise, bool isFromPeer, uint256 kind, uint256 at)
        public
    {
        bytes memory valid = payloadOf(somePayouts(3));
        bytes memory payload = payloadOf(somePayouts(3));
        at = at % payload.length;
        bool isReadable = true;
        if (kind % 4 == 1 && noise.length != 0) {
            (payload, isReadable) = (noise, false);
        } else if (kind % 4 == 2) {
            // One bit flipped: another account is as good as the first, but no other version and no other amount.
            payload[at] ^= 0x01;
            isReadable = at != 0 && (at - 1) % 28 < 20;
        } else if (kind % 4 == 3) {
            (payload, isReadable) = (shortened(payload, 1 + at), 1 + at == payload.length);
        }
        bytes32 guid = arriveFrom(isFromPeer ? address(a.gateway) : stranger, payload);

        Returnable memory kept = b.gateway.returnable(guid);
        bool isCredited = isFromPeer && isReadable;
        assertEq(b.token.balanceOf(address(b.escrow)), isCredited ? 6e18 : 0, "credited");
        assertEq(b.token.balanceOf(address(b.gateway)), isCredited ? 0 : 6e18, "gateway");
        assertEq(kept.amount, isCredited ? 0 : 6e18, "kept");
        if (!isFromPeer) assertEq(kept.payloadHash, isReadable ? keccak256(payload) : keccak256(""), "returns with");
        if (kind % 4 == 0) assertEq(payload, valid, "untouched");
    }

    // ----------------------------------------------------------------------------------------------- giveBack

    function test_GiveBackPlainlyToWhoSentIt() public {
        bytes32 guid = arriveFrom(stranger, "hello");
        uint256 before = a.token.balanceOf(stranger);
        uint256 quoted = b.gateway.quoteGiveBack(guid, "");
        bytes32 expectedGuid = b.endpoint.nextGuid(address(b.token), EID_A, padded(address(a.token)));
        vm.deal(alice, 1 ether);
        vm.expectEmit(address(b.gateway));
        emit IMatiGateway.PayoutsReturned(guid, expectedGuid, 6e18);
        vm.prank(alice);
        bytes32 returnGuid = b.gateway.giveBack{value: 0.4 ether}(guid, "");

        assertEq(quoted, FEE, "quote");
        assertEq(returnGuid, expectedGuid, "guid");
        assertEq(alice.balance, 1 ether - FEE, "rest to the caller");
        assertEq(b.gateway.returnable(guid).from, 0, "record is closed");
        assertEq(b.token.totalSupply(), 0, "left");

        deliverLast();

        assertEq(a.token.balanceOf(stranger), before + 6e18, "back");
        assertEq(composes.length, 1, "plain");
    }

    /// @dev A gateway cannot take a plain send: its accounts are credited where the value came from.
    function test_GiveBackToAGatewayThatIsNoPeerHereCreditsItsAccounts() public {
        b.gateway.setPeer(EID_A, 0);
        LedgerEntry[] memory payouts = somePayouts(3);
        a.gateway.send{value: FEE}(EID_B, payouts, address(this));
        bytes32 guid = deliverLast();
        composeLast();
        assertKept(guid, address(a.gateway), payloadOf(payouts));

        b.gateway.giveBack{value: FEE}(guid, payloadOf(payouts));
        bytes32 returnGuid = deliverLast();
        vm.expectEmit(address(a.gateway));
        emit IMatiGateway.PayoutsCredited(returnGuid, EID_B, 6e18, 3);
        composeLast();

        assertEq(a.escrow.balanceOf(payouts[2].account, address(a.token)), 3e18, "credited at the source");
        assertEq(a.token.balanceOf(address(a.escrow)), 6e18, "all");
        (uint128 receiveGas, uint128 composeGas) = relay.gasIn(packets[1].options);
        assertEq(receiveGas, 221_200, "receive gas for three");
        assertEq(composeGas, 280_000, "compose gas for three");
    }

    function test_GiveBackOfWhatNeitherGatewayReadsStaysClaimable() public {
        bytes32 guid = arriveFrom(address(a.gateway), "hello");
        b.gateway.giveBack{value: FEE}(guid, "hello");
        bytes32 returnGuid = deliverLast();
        composeLast();

        assertEq(a.gateway.returnable(returnGuid).from, padded(address(b.gateway)), "waits at the source");
        assertEq(a.token.balanceOf(address(a.gateway)), 6e18, "accounted for");
    }

    function test_RevertWhen_GivenBackTwiceOrNeverKept() public {
        bytes32 guid = arriveFrom(stranger, "hello");
        b.gateway.giveBack{value: FEE}(guid, "");

        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NotReturnable.selector, guid));
        b.gateway.giveBack{value: FEE}(guid, "");
        vm.expectRevert(abi.encodeWithSelector(IMatiGateway.Gateway_NotReturnable.selector, bytes32("x")));
        b.gateway.quoteGiveBack("x", "");
    }

    function test_RevertWhen_GivenBackWithAnotherPayload() public {
        bytes32 plain = arriveFrom(stranger, "hello");
        bytes32 composed = arriveFrom(address(a.gateway), "hello");

        vm.expectRevert(
            abi.encodeWithSelector(IMatiGateway.Gateway_WrongPayload.selector, keccak256("hello"), keccak256(""))
        );
        b.gateway.giveBack{value: FEE}(plain, "hello");
        vm.expectRevert(
            abi.encodeWithSelector(IMatiGateway.Gateway_WrongPayload.selector, keccak256(""), keccak256("hello"))
        );
        b.gateway.giveBack{value: FEE}(composed, "");
    }

    function test_GiveBackWhileTheWayBackIsClosedStaysClaimable() public {
        bytes32 guid = arriveFrom(stranger, "hello");
        setTokenPeer(b, EID_A, 0);
        vm.expectRevert(abi.encodeWithSelector(IOAppCore.NoPeer.selector, EID_A));
        b.gateway.giveBack{value: FEE}(guid, "");
        assertEq(b.gateway.returnable(guid).amount, 6e18, "still claimable");

        setTokenPeer(b, EID_A, padded(address(a.token)));
        b.gateway.giveBack{value: FEE}(guid, "");
        deliverLast();

        assertEq(a.token.balanceOf(stranger), 6e18, "back");
    }

    // ------------------------------------------------------------------------------------------------ helpers

    /// @dev 6 tokens from `sender` on A to the gateway on B with a payload, delivered but not composed.
    function deliverFrom(address sender, bytes memory payload) internal returns (bytes32 guid) {
        a.token.transfer(sender, 6e18);
        vm.deal(sender, sender.balance + FEE);
        vm.startPrank(sender);
        sendToken(a.token, sendParam(EID_B, padded(address(b.gateway)), 6e18, payload));
        vm.stopPrank();
        return deliverLast();
    }

    function arriveFrom(address sender, bytes memory payload) internal returns (bytes32 guid) {
        guid = deliverFrom(sender, payload);
        composeLast();
    }

    function assertKept(bytes32 guid, address from, bytes memory payload) internal view {
        bytes memory kept = abi.encode(b.gateway.returnable(guid));
        assertEq(kept, abi.encode(Returnable(EID_A, 6e18, padded(from), keccak256(payload))), "kept");
        assertTrue(b.gateway.isProcessed(guid), "processed");
    }

    function shortened(bytes memory data, uint256 length) internal pure returns (bytes memory result) {
        result = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            result[i] = data[i];
        }
    }

    function withoutSelector(bytes memory reason) internal pure returns (bytes memory rest) {
        rest = new bytes(reason.length - 4);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = reason[i + 4];
        }
    }
}
