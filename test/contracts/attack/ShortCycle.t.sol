// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice An overdue balance's allowance grows on over the boundaries of a short cycle, up to the tier's bound.
contract ShortCycleTest is AttackTest {
    function test_AnyCyclesAuctionReachesTheTiersBound() public {
        register(merchant, address(usdc), 1 minutes, new Recipient[](0));
        credit(merchant, weth, 1 ether, 1);
        vm.warp(MIDNIGHT + 10 minutes);
        (,,, uint256 allowanceBps,) = settler.preview(group(), list(merchant));
        assertEq(allowanceBps, 100, "growSeconds after the first boundary, bps");
    }
}
