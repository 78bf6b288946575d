// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "./base/Bridge.sol";

/// @notice What a plain send's delivery needs at worst: the pathway's first message, to an account that had no Mati,
/// nothing warm (set-up is a transaction of its own). `MIN_SEND_GAS` of `contracts/script/config.ts` is what wiring and
/// doctor ask for at least.
contract MatiTokenGasTest is BridgeTest {
    uint256 internal constant MIN_SEND_GAS = 125_000;
    address internal constant SOMEBODY = address(0xA11CE);

    function setUp() public override {
        super.setUp();
        sendToken(a.token, sendParam(EID_B, padded(SOMEBODY), 1e18, ""));
        collect();
        relay.verify(packets[0].packet);
    }

    function test_AFirstSendIsDeliveredWithTheLeastGasThatMayBeEnforced() public {
        uint256 gasUsed = relay.deliver(packets[0].packet, MIN_SEND_GAS);

        assertEq(b.token.balanceOf(SOMEBODY), 1e18, "arrived");
        assertGe(gasUsed * 2, MIN_SEND_GAS, "and no needless multiple");
    }
}
