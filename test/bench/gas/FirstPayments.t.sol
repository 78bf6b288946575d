// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PaymentsBench} from "./PaymentsBench.sol";

/// @notice The first payments there are: nothing in the escrow, in no ledger, and no nonce of the payer used.
contract FirstPaymentsGasBench is PaymentsBench {
    function test_AuthorizeByErc3009() public {
        tell("authorize_erc3009_first", authorizeByErc3009(numbered(1)));
    }

    function test_AuthorizeByPermit2() public {
        tell("authorize_permit2_first", authorizeByPermit2(numbered(1), 0));
    }

    function test_AuthorizeByAllowance() public {
        tell("authorize_allowance_first", authorizeByAllowance(numbered(1)));
    }

    function test_ChargeByErc3009() public {
        tell("charge_erc3009_first", chargeByErc3009(numbered(1)));
    }

    /// @dev Into fresh ledgers of merchant and fee receiver.
    function test_Capture() public {
        authorizeByAllowance(numbered(1));
        tell("capture_first", captureBy(merchant, numbered(1), 50e6));
    }

    /// @dev To a payer who spent the rest; what others hold stays.
    function test_Reclaim() public {
        Payment memory p = _lastOf();
        vm.warp(p.captureBy + 1);
        vm.prank(stranger);
        escrow.reclaim(p);
        tell("reclaim_first", lastGas());
        assertState(escrow.paymentId(p), PaymentStatus.Reclaimed, 0, 0);
    }

    function test_Void() public {
        Payment memory p = _lastOf();
        vm.prank(merchant);
        escrow.void(p);
        tell("void_first", lastGas());
        assertState(escrow.paymentId(p), PaymentStatus.Voided, 0, 0);
    }

    /// @dev A payment whose payer has nothing left, in an escrow that holds another one.
    function _lastOf() internal returns (Payment memory p) {
        p = numbered(1);
        authorizeByAllowance(p);
        authorizeByAllowance(numbered(2));
        uint256 rest = token.balanceOf(payer);
        vm.prank(payer);
        token.transfer(stranger, rest);
    }
}
