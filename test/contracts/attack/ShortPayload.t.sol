// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../base/Bridge.sol";

/// @notice A peer's payload that tells of less than came with it credits nothing (invariant 12).
contract ShortPayloadTest is BridgeTest {
    function test_PayloadOfLessThanTheAmountIsKeptWhole() public {
        b.gateway.setPeer(EID_A, padded(address(this)));
        bytes memory payload = payloadOf(somePayouts(2)); // 3 MATI
        sendToken(a.token, sendParam(EID_B, padded(address(b.gateway)), 5e18, payload));
        bytes32 guid = deliverLast();
        composeLast();

        assertEq(b.gateway.returnable(guid).amount, 5e18, "returnable whole");
        assertEq(b.token.balanceOf(address(b.escrow)), 0, "nothing credited");
    }
}
