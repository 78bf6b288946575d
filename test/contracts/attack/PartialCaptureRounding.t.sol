// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {PlainToken} from "../base/Tokens.sol";

/// @notice Invariant 6 with a rate: captures are rounded down together, so n of them come to what one would.
contract PartialCaptureRoundingTest is EscrowTest {
    function test_ManyCapturesPayTheFeeOfOneAtARate() public {
        // A token of 2 decimals (GUSD has): a unit is a cent.
        PlainToken token = new PlainToken("GUSD", 2);
        oracle.setSource(address(token), source(address(new MockV3Aggregator(8, 1e8)), 0.9e8, 1.1e8));
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 1e6);
        vm.prank(payer);
        token.approve(address(escrow), type(uint256).max);
        Payment memory p = terms();
        p.token = address(token);
        p.maxAmount = 5_000;
        p.due = 1.99e18; // 100 times 1.99 cents
        p.fallbackAmount = 0;
        p.minFeeBps = 5_000;
        p.maxFeeBps = 5_000;
        authorize(p);
        for (uint256 i = 0; i < 100; ++i) {
            vm.prank(merchant);
            escrow.capture(p, 0.0199e18, 5_000, false);
        }
        // One capture of 1.99 USD: 199 units, fee 99.
        assertGe(escrow.balanceOf(feeReceiver, address(token)), 98, "one capture's fee less a unit");
    }
}
