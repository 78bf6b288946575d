// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {chargeFee} from "../../contracts/src/types/Fee.sol";

/// @notice Is not so: a fee may be less than its exact share. If this is proved, no proof here means anything.
contract Canary {
    function check(uint112 amount, uint256 feeBps) external pure {
        require(feeBps <= 10_000);

        (uint256 fee,) = chargeFee(amount, feeBps, 0);

        assert(fee * 10_000 == uint256(amount) * feeBps);
    }
}
