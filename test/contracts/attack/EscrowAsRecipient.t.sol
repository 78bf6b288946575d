// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice A merchant may name the escrow as a recipient, to leave its share there: it becomes its ledger balance, for a
/// transfer alone would credit nobody.
contract EscrowAsRecipientTest is AttackTest {
    function test_NothingIsPaidToNobody() public {
        Recipient[] memory named = new Recipient[](1);
        named[0] = Recipient(address(escrow), 10_000);
        register(merchant, address(usdc), 0, named);
        credit(merchant, weth, 1 ether, 1);
        vm.prank(keeper);
        settler.settle(group(), list(merchant), address(solver), "");

        uint256 stray = usdc.balanceOf(address(escrow)) - escrow.balanceOf(merchant, address(usdc));
        assertEq(stray, 0, "USDC in the escrow that belongs to nobody");
    }
}
