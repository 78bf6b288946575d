// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {chargeFee} from "../../contracts/src/types/Fee.sol";

/// @notice One capture: for every amount, fee share and carried remainder there is.
contract OneCapture {
    function check(uint112 amount, uint256 feeBps, uint16 remainder) external pure {
        require(feeBps <= 10_000 && remainder < 10_000);

        (uint256 fee, uint16 left) = chargeFee(amount, feeBps, remainder);

        assert(fee <= amount);
        assert(left < 10_000);
        assert(fee * 10_000 + left == uint256(amount) * feeBps + remainder);
    }
}

/// @notice Any number of captures, by induction: what was paid is what is owed of their sum, less what is carried, which
/// is less than a unit. That holds of no captures, and here each further one keeps it, whatever its amount and share. So
/// n captures pay what one capture of their sum pays, rounded down (invariant 6).
contract OneMoreCapture {
    /// @param owed Σ amount * feeBps of the captures before.
    /// @param paid Σ fee of the captures before.
    function checkCarried(uint128 owed, uint128 paid, uint16 carried, uint112 amount, uint256 feeBps) external pure {
        require(feeBps <= 10_000);
        require(uint256(paid) * 10_000 + carried == owed);

        (uint256 fee, uint16 left) = chargeFee(amount, feeBps, carried);

        assert((paid + fee) * 10_000 + left == owed + amount * feeBps);
    }

    /// @notice What the induction says of the sum: nothing but the rounding is missing.
    function checkSum(uint256 owed, uint128 paid, uint16 carried) external pure {
        require(carried < 10_000);
        require(uint256(paid) * 10_000 + carried == owed);

        assert(paid == owed / 10_000);
    }
}
