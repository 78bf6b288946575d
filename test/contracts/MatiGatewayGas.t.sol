// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerEntry} from "../../contracts/src/types/Ledger.sol";
import {BridgeTest} from "./base/Bridge.sol";

/// @notice What delivery and compose cost at worst: the pathway's first message, every account new to the escrow,
/// nothing warm (each test is a transaction of its own, set-up another). A quarter must be left of what the gateway
/// asks the executor for.
abstract contract MatiGatewayGasTest is BridgeTest {
    uint256 internal immutable COUNT;
    bool internal immutable IS_DELIVERED;
    uint128 internal receiveGas;
    uint128 internal composeGas;

    constructor(uint256 count, bool isDelivered) {
        COUNT = count;
        IS_DELIVERED = isDelivered;
    }

    function setUp() public override {
        super.setUp();
        LedgerEntry[] memory payouts = somePayouts(COUNT);
        a.token.approve(address(a.gateway), sumOf(payouts));
        a.gateway.send{value: 100}(EID_B, payouts, address(this));
        collect();
        (receiveGas, composeGas) = relay.gasIn(packets[0].options);
        relay.verify(packets[0].packet);
        if (!IS_DELIVERED) return;
        relay.deliver(packets[0].packet, receiveGas);
        collect();
    }

    function measure() internal returns (uint256 gasUsed) {
        if (!IS_DELIVERED) return relay.deliver(packets[0].packet, receiveGas);
        gasUsed = relay.compose(composes[0], composeGas);
        assertEq(b.escrow.balanceOf(somePayouts(1)[0].account, address(b.token)), 1e18, "credited");
    }

    function test_AQuarterIsLeftOfTheGasAskedFor() public {
        uint256 asked = IS_DELIVERED ? composeGas : receiveGas;
        uint256 gasUsed = measure();
        assertLe(gasUsed * 4, asked * 3, "used at most three quarters");
        assertGe(gasUsed * 4, asked, "and no needless multiple");
    }
}

contract DeliverOneGasTest is MatiGatewayGasTest(1, false) {}

contract DeliverFiftyGasTest is MatiGatewayGasTest(50, false) {}

contract DeliverHundredGasTest is MatiGatewayGasTest(100, false) {}

contract ComposeOneGasTest is MatiGatewayGasTest(1, true) {}

contract ComposeFiftyGasTest is MatiGatewayGasTest(50, true) {}

contract ComposeHundredGasTest is MatiGatewayGasTest(100, true) {}
