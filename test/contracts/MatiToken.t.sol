// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppCore.sol";
import {SendParam} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {Errors} from "@layerzerolabs/lz-evm-protocol-v2/contracts/libs/Errors.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IMatiToken} from "../../contracts/src/interfaces/IMatiToken.sol";
import {MatiToken} from "../../contracts/src/MatiToken.sol";
import {RateLimit} from "../../contracts/src/types/RateLimit.sol";
import {BridgeTest} from "./base/Bridge.sol";

contract MatiTokenTest is BridgeTest {
    address internal alice = makeAddress("alice");

    // ---------------------------------------------------------------------------------------------- genesis

    function test_GenesisIsMintedOnceAndOnTheHomeChainOnly() public view {
        assertEq(a.token.totalSupply(), GENESIS, "home supply");
        assertEq(a.token.balanceOf(address(this)), GENESIS, "receiver");
        assertEq(b.token.totalSupply(), 0, "other supply");
        assertEq(a.token.decimals(), 18, "decimals");
        assertEq(a.token.decimalConversionRate(), UNIT, "unit");
        assertEq(a.token.owner(), address(a.access), "owner");
        assertEq(IDelegates(address(a.endpoint)).delegates(address(a.token)), address(a.access), "delegate");
    }

    function test_RevertWhen_GenesisDoesNotFitAMessage() public {
        uint256 max = type(uint64).max * UNIT;
        new MatiToken(address(a.endpoint), address(this), alice, max);

        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_GenesisTooLarge.selector, max + 1, max));
        new MatiToken(address(a.endpoint), address(this), alice, max + 1);
    }

    // ------------------------------------------------------------------------------------------- setGateway

    function test_SetGateway() public {
        vm.expectEmit(address(a.token));
        emit IMatiToken.GatewaySet(7, padded(alice));
        a.access.execute(address(a.token), abi.encodeCall(IMatiToken.setGateway, (7, padded(alice))));

        assertEq(a.token.gateway(7), padded(alice), "gateway");
    }

    function test_RevertWhen_SetGatewayByAnotherThanTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        a.token.setGateway(7, padded(alice));
    }

    // ------------------------------------------------------------------------------------------------- send

    function testFuzz_SendCutsToSharedDecimalsAndCountsBothEnds(uint256 raw) public {
        uint256 amount = bound(raw, UNIT, GENESIS);
        uint256 whole = amount - amount % UNIT;
        sendToken(a.token, sendParam(EID_B, padded(alice), amount, ""));

        assertEq(a.token.totalSupply(), GENESIS - whole, "burned");
        assertEq(a.token.sent(EID_B), whole, "sent");
        assertEq(b.token.received(EID_A), 0, "in flight");

        deliverLast();

        assertEq(b.token.balanceOf(alice), whole, "arrived");
        assertEq(b.token.received(EID_A), whole, "received");
        assertEq(a.token.totalSupply() + b.token.totalSupply(), GENESIS, "invariant 11");
    }

    function test_CountersAddUpPerPathway() public {
        sendToken(a.token, sendParam(EID_B, padded(address(this)), 5e18, ""));
        deliverLast();
        sendToken(a.token, sendParam(EID_B, padded(alice), 2e18, ""));
        deliverLast();
        sendToken(b.token, sendParam(EID_A, padded(alice), 1e18, ""));
        deliverLast();

        assertEq(a.token.sent(EID_B), 7e18, "sent A to B");
        assertEq(b.token.received(EID_A), 7e18, "received A to B");
        assertEq(b.token.sent(EID_A), 1e18, "sent B to A");
        assertEq(a.token.received(EID_B), 1e18, "received B to A");
        assertEq(a.token.received(EID_A) + a.token.sent(EID_A), 0, "other pathways");
    }

    function test_RevertWhen_NothingIsLeftAfterDust() public {
        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_NothingToSend.selector, UNIT - 1));
        this.sendFromHere(sendParam(EID_B, padded(alice), UNIT - 1, ""));

        vm.expectRevert(abi.encodeWithSelector(IMatiToken.Token_NothingToSend.selector, 0));
        this.sendFromHere(sendParam(EID_B, padded(alice), 0, ""));
    }

    function test_RevertWhen_ChainHasNoPeer() public {
        setLimits(a, 7, evenLimits(RateLimit(1e18, 1 days)));
        vm.expectRevert(abi.encodeWithSelector(IOAppCore.NoPeer.selector, uint32(7)));
        this.sendFromHere(sendParam(7, padded(alice), 1e18, ""));
    }

    function test_RevertWhen_PlainSendToTheGateway() public {
        bytes32 gateway = padded(address(b.gateway));
        bytes memory refused = abi.encodeWithSelector(IMatiToken.Token_ComposeRequired.selector, EID_B, gateway);
        // The other side reads the low 20 bytes only, so the rest must not hide a gateway.
        bytes32 disguised = gateway | bytes32(uint256(1) << 255);

        vm.expectRevert(refused);
        this.sendFromHere(sendParam(EID_B, gateway, 1e18, ""));
        vm.expectRevert(refused);
        this.sendFromHere(sendParam(EID_B, disguised, 1e18, ""));
        vm.expectRevert(refused);
        a.token.quoteSend(sendParam(EID_B, gateway, 1e18, ""), false);
    }

    function test_SendToTheGatewayWithACompose() public {
        sendToken(a.token, sendParam(EID_B, padded(address(b.gateway)), 1e18, "x"));
        deliverLast();

        assertEq(b.token.balanceOf(address(b.gateway)), 1e18, "waits to be composed");
        assertEq(composes.length, 1, "composes");
    }

    function test_SendToZeroWhereNoGatewayIsNamed() public {
        a.access.execute(address(a.token), abi.encodeCall(IMatiToken.setGateway, (EID_B, 0)));
        sendToken(a.token, sendParam(EID_B, 0, 1e18, ""));
        deliverLast();

        assertEq(b.token.balanceOf(address(0xdead)), 1e18, "dead");
        assertEq(b.token.received(EID_A), 1e18, "received");
    }

    function test_SendToTheTokenItself() public {
        sendToken(a.token, sendParam(EID_B, padded(address(b.token)), 1e18, ""));
        deliverLast();

        assertEq(b.token.balanceOf(address(b.token)), 1e18, "token");
    }

    // ---------------------------------------------------------------------------------------------- arrival

    function test_RevertWhen_APacketArrivesTwice() public {
        sendToken(a.token, sendParam(EID_B, padded(alice), 1e18, ""));
        deliverLast();

        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.LZ_PayloadHashNotFound.selector, bytes32(0), relay.payloadHashOf(packets[0].packet)
            )
        );
        relay.deliver(packets[0].packet, gasleft());
        vm.expectRevert(abi.encodeWithSelector(Errors.LZ_PathNotVerifiable.selector));
        relay.verify(packets[0].packet);
        assertEq(b.token.balanceOf(alice), 1e18, "once");
    }

    function test_RevertWhen_APacketIsNotVerified() public {
        sendToken(a.token, sendParam(EID_B, padded(alice), 1e18, ""));
        collect();

        vm.expectRevert(abi.encodeWithSelector(Errors.LZ_InvalidNonce.selector, uint64(1)));
        relay.deliver(packets[0].packet, gasleft());
    }

    function test_RevertWhen_ThePacketComesFromAnotherThanThePeer() public {
        MatiToken other = new MatiToken(address(a.endpoint), address(this), address(this), 1e18);
        other.setPeer(EID_B, padded(address(b.token)));
        other.setLimits(EID_B, evenLimits(RateLimit(1e18, 1 days)));
        sendToken(other, sendParam(EID_B, padded(alice), 1e18, ""));
        collect();

        vm.expectRevert(abi.encodeWithSelector(Errors.LZ_PathNotInitializable.selector));
        relay.verify(packets[0].packet);
        assertEq(b.token.totalSupply(), 0, "nothing minted");
    }

    // ----------------------------------------------------------------------------------------------- permit

    function test_Permit() public {
        (address holder, uint256 key) = makeAccount("holder");
        bytes32 digest = keccak256(
            abi.encodePacked(
                hex"1901",
                a.token.DOMAIN_SEPARATOR(),
                keccak256(
                    abi.encode(
                        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                        holder,
                        alice,
                        5e18,
                        0,
                        type(uint256).max
                    )
                )
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        a.token.permit(holder, alice, 5e18, type(uint256).max, v, r, s);

        assertEq(a.token.allowance(holder, alice), 5e18, "allowance");
    }

    /// @dev An external call, so that `expectRevert` sees the whole send and not its first inner call.
    function sendFromHere(SendParam memory param) external {
        sendToken(a.token, param);
    }
}

interface IDelegates {
    function delegates(address oapp) external view returns (address);
}
