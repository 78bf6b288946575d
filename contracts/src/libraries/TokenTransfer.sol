// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A transfer that may fail, and whose failure nobody can bring about by withholding gas.
library TokenTransfer {
    /// @notice What each transfer is given: several times what a token needs. Capped, so that a recipient that burns
    /// what it gets cannot take what the others' transfers need.
    uint256 internal constant TRANSFER_GAS = 300_000;
    /// @notice What must be left before a transfer, so that it gets all of `TRANSFER_GAS`: a call passes on at most
    /// 63/64 of what is left (EIP-150) after paying for the cold account (2,600) and the call data's memory.
    uint256 internal constant REQUIRED_GAS = TRANSFER_GAS * 64 / 63 + 6_000;

    /// @notice Transfers, or changes nothing and returns false. Only while `gasleft()` is at least `REQUIRED_GAS`, which
    /// the caller checks (with its own error), does false mean that the token or the recipient refused.
    /// @dev Takes tokens that return nothing; never copies more than a word of what is returned.
    function tryTransfer(address token, address to, uint256 amount) internal returns (bool success) {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        // Memory-safe: the answer goes to the scratch space, which belongs to nobody.
        assembly ("memory-safe") {
            success := call(TRANSFER_GAS, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            switch returndatasize()
            case 0 { success := and(success, gt(extcodesize(token), 0)) }
            default { success := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))) }
        }
    }
}
