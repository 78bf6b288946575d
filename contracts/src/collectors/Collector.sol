// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollector} from "../interfaces/ICollector.sol";
import {IMatiEscrow} from "../interfaces/IMatiEscrow.sol";

/// @title What all collectors have in common: one escrow, which alone may have them collect.
/// @notice Holds no money and no allowance between transactions (invariant 9), and has nobody to configure it.
/// @dev That every `collect` is for a payment opened in the same call, once, is the escrow's doing.
abstract contract Collector is ICollector {
    IMatiEscrow public immutable ESCROW;

    error Collector_NotEscrow(address caller, address escrow);

    modifier onlyEscrow() {
        require(msg.sender == address(ESCROW), Collector_NotEscrow(msg.sender, address(ESCROW)));
        _;
    }

    constructor(IMatiEscrow escrow) {
        ESCROW = escrow;
    }
}
