// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeHandler} from "../base/BridgeHandler.sol";

/// @notice Invariants 11, 12 and 13 while messages between two chains arrive late, twice, out of order or never, are
/// hostile, and are executed by strangers with little gas.
/// forge-config: default.invariant.fail-on-revert = true
contract BridgeInvariantsTest is BridgeHandler {
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    /// @dev Its other functions are helpers and views.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = this.sendPlain.selector;
        selectors[1] = this.sendPayouts.selector;
        selectors[2] = this.sendPayload.selector;
        selectors[3] = this.verify.selector;
        selectors[4] = this.deliver.selector;
        selectors[5] = this.compose.selector;
        selectors[6] = this.giveBack.selector;
        targets[0] = FuzzSelector(address(this), selectors);
    }

    /// @dev Invariant 11.
    function invariant_SupplyAndFlightAreGenesis() external view {
        (uint256 total, uint256 counted, uint256 inFlight) = supply();
        assertEq(total, 100_000_000e18, "genesis");
        assertEq(counted, inFlight, "in flight");
    }

    /// @dev Invariants 12 and 13: each message is credited once or kept, and the gateway holds the rest.
    function invariant_GatewaysHoldWhatIsUnprocessedOrReturnable() external view {
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 balance, uint256 expected) = held(i == 0);
            assertEq(balance, expected, "held");
            (uint256 credited, uint256 allowance) = credited(i == 0);
            assertEq(credited, modelCredited[i == 0], "credited");
            assertEq(allowance, 0, "allowance");
        }
    }
}

struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}
