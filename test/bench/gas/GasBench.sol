// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../../contracts/base/Test.sol";

/// @notice What the gas bench tells its runner. Run with `--isolate`: every call of the test is a transaction of its own.
abstract contract GasBench is Test {
    /// What one row of the bench costs.
    event Measured(string row, uint256 gas);

    /// @dev What the last call cost its sender, as a receipt has it: 21,000 and calldata included, net of refunds.
    function lastGas() internal view returns (uint256) {
        return vm.lastCallGas().gasTotalUsed;
    }

    function tell(string memory row, uint256 gas) internal {
        emit Measured(row, gas);
    }
}
