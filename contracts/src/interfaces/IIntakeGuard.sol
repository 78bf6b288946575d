// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../types/Payment.sol";

/// @title Who may pay whom, and how much: screening and limits at the way in.
/// @notice Asked by the escrow before money comes in, and never on a way out.
interface IIntakeGuard {
    /// @notice Reverts if the payment must not be opened now; else notes what it counts.
    /// @dev Implementations that count refuse callers other than the escrow.
    function onAuthorize(Payment calldata payment, bytes32 id, address caller) external;
}
