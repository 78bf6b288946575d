// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Must fail: `npm run canary` proves that a failing forge test fails the run.
contract CanaryTest {
    function test_Fails() public pure {
        require(false, "canary");
    }
}
