// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Collector} from "../../../contracts/src/collectors/Collector.sol";
import {ICollector} from "../../../contracts/src/interfaces/ICollector.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";

/// @notice What every collector must keep to, whatever it collects by.
abstract contract CollectorTest is EscrowTest {
    /// @dev The same oracle, registry and roles, another contract: what is signed for one must not work in the other.
    function anotherEscrow() internal returns (IMatiEscrow another) {
        another = deployEscrow(address(access), registry, oracle, escrow.VERIFIER());
        another.setTokenAllowed(address(usdc), true);
        another.setTokenAllowed(address(weth), true);
    }

    /// @dev Invariant 9.
    function assertHoldsNothing(address collector, address token) internal view {
        assertEq(IERC20(token).balanceOf(collector), 0, "collector's balance");
        assertEq(IERC20(token).allowance(collector, address(escrow)), 0, "collector's allowance");
    }

    function expectNotEscrow(ICollector collector, Payment memory p, bytes memory data) internal {
        bytes32 id = escrow.paymentId(p);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Collector.Collector_NotEscrow.selector, stranger, address(escrow)));
        collector.collect(p, id, p.payer, data);
    }
}
