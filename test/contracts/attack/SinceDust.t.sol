// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice Anybody may deposit for anybody: dust must neither make a balance younger nor put its payout off.
contract SinceDustTest is AttackTest {
    function setUp() public override {
        super.setUp();
        weth.mint(attacker, 1e18);
        vm.prank(attacker);
        weth.approve(address(escrow), type(uint256).max);
    }

    /// @dev 12 units of WETH (3e-14 USD) a block, for an auction of 2.5 million USD.
    function test_DustDoesNotHoldTheAuctionAtItsStart() public {
        register(merchant, address(usdc), 0, new Recipient[](0));
        credit(merchant, weth, 1_000 ether, 1);
        for (uint256 i = 0; i < 100; ++i) {
            vm.warp(vm.getBlockTimestamp() + 12);
            vm.prank(attacker);
            escrow.deposit(address(weth), entriesOf(merchant, 1, 12), "");
        }
        (,,, uint256 allowanceBps,) = settler.preview(group(), list(merchant));
        assertEq(allowanceBps, 100, "twice growSeconds later the allowance is the tier's");
    }

    /// @dev One transaction, 1,801 units, for a payout that is due at the boundary.
    function test_DustDoesNotPutOffAPayout() public {
        register(merchant, address(usdc), 1 hours, new Recipient[](0));
        vm.warp(MIDNIGHT - 30 minutes);
        credit(merchant, weth, 1_000 ether, 1);
        vm.warp(MIDNIGHT + 30 minutes);
        (uint256 amountIn,,,,) = settler.preview(group(), list(merchant));
        assertEq(amountIn, 1_000 ether, "due before");

        vm.prank(attacker);
        escrow.deposit(address(weth), entriesOf(merchant, 1, 1_801), "");

        (amountIn,,,,) = settler.preview(group(), list(merchant));
        assertEq(amountIn, 1_000 ether + 1_801, "still due");
    }
}
