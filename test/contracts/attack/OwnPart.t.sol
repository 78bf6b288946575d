// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {Recipient} from "../../../contracts/src/types/Payout.sol";
import {Group} from "../../../contracts/src/types/Settlement.sol";
import {AttackTest} from "./AttackTest.sol";

/// @notice A part that comes back to the merchant is a balance in the asset it wants, which anyone may settle: settled
/// over and over, and shared each time, all of it would go to whom else the merchant named.
contract OwnPartTest is AttackTest {
    address internal partner = makeAddress("partner");

    function setUp() public override {
        super.setUp();
        Recipient[] memory named = new Recipient[](2);
        named[0] = Recipient(address(escrow), 8_000);
        named[1] = Recipient(partner, 2_000);
        register(merchant, address(usdc), 0, named);
        credit(merchant, usdc, 1_000e6, 1);
        _settle();
    }

    function test_IsNotSharedAgain() public {
        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        _settle();

        assertEq(usdc.balanceOf(partner), 199.9e6, "its part, less the tip");
        assertEq(escrow.balanceOf(merchant, address(usdc)), 800e6, "the merchant's, which left nothing for a tip");
    }

    function test_NorWithWhatArrivesLater() public {
        for (uint256 i = 1; i <= 5; ++i) {
            credit(merchant, usdc, 1_000e6, 1);
            _settle();
            assertEq(usdc.balanceOf(partner), 199.9e6 * (i + 1), "its parts");
            assertEq(escrow.balanceOf(merchant, address(usdc)), 800e6 * (i + 1), "the merchant's");
        }
    }

    function test_WhatTheMerchantTakesOutIsOfItFirst() public {
        credit(merchant, usdc, 1_000e6, 1);
        vm.prank(merchant);
        escrow.withdraw(address(usdc), 500e6, merchant);
        _settle();

        assertEq(usdc.balanceOf(partner), 2 * 199.9e6, "all that arrived was shared");
        assertEq(escrow.balanceOf(merchant, address(usdc)), 1_100e6, "the merchant's");

        vm.prank(merchant);
        escrow.withdraw(address(usdc), 1_100e6, merchant);
        credit(merchant, usdc, 1_000e6, 1);
        _settle();
        assertEq(usdc.balanceOf(partner), 3 * 199.9e6, "nothing of it is kept for ever");
    }

    /// @dev As a payout account names the merchant whose it is.
    function test_NorIsWhatAnotherCouldNotPayToIt() public {
        address other = makeAddress("other merchant");
        Recipient[] memory named = new Recipient[](1);
        named[0] = Recipient(merchant, 10_000);
        register(other, address(usdc), 0, named);
        credit(other, usdc, 1_000e6, 1);
        vm.mockCallRevert(address(usdc), abi.encodeWithSelector(IERC20.transfer.selector, merchant), "blocked");
        _settle(other);

        assertEq(escrow.balanceOf(merchant, address(usdc)), 1_800e6, "what was for it, and its own");
        assertEq(settler.keptOf(merchant, address(usdc)), 1_800e6, "kept");
        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        _settle();
    }

    function _settle() internal {
        _settle(merchant);
    }

    function _settle(address member) internal {
        vm.prank(attacker);
        settler.settle(
            Group({token: address(usdc), asset: address(usdc), eid: EID, tier: 0}), list(member), address(0), ""
        );
    }
}
