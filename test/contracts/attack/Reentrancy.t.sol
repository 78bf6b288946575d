// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {CaptureOrder, Funding, Payment} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {HookToken, ITransferHook} from "../base/Tokens.sol";
import {pack} from "../base/PackedOrders.sol";

/// @dev Makes all calls it was told when it is paid, and keeps their errors.
contract Prober is ITransferHook {
    address internal _target;
    bytes[] internal _calls;
    bytes4[] public errors;

    function willCall(address target, bytes[] memory calls) external {
        _target = target;
        for (uint256 i = 0; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
    }

    function onTransfer(address, uint256) external {
        for (uint256 i = 0; i < _calls.length; ++i) {
            (, bytes memory answer) = _target.call(_calls[i]);
            errors.push(bytes4(answer));
        }
    }
}

/// @notice No action of the escrow can be entered from within another.
contract ReentrancyTest is EscrowTest {
    function test_RevertWhen_AnyActionIsEnteredFromWithinAnother() public {
        HookToken token = new HookToken();
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18);
        Prober prober = new Prober();
        Payment memory p = usdcTerms();
        (p.token, p.currency, p.refundTo) = (address(token), address(token), address(prober));
        authorize(p);
        bytes[] memory calls = new bytes[](14);
        calls[0] = abi.encodeCall(IMatiEscrow.authorize, (p, address(0), ""));
        calls[1] = abi.encodeCall(IMatiEscrow.authorize, (p, address(escrow), ""));
        calls[2] = abi.encodeCall(IMatiEscrow.deposit, (address(token), new LedgerEntry[](0), 0));
        calls[3] = abi.encodeCall(IMatiEscrow.capture, (p, 1, 100, false));
        calls[4] = abi.encodeCall(IMatiEscrow.void, (p));
        calls[5] = abi.encodeCall(IMatiEscrow.reclaim, (p));
        calls[6] = abi.encodeCall(IMatiEscrow.withdraw, (address(token), 0, stranger));
        calls[7] = abi.encodeCall(IMatiEscrow.debit, (address(token), new LedgerEntry[](0), stranger));
        calls[8] = abi.encodeCall(IMatiEscrow.charge, (p, address(0), "", 100));
        calls[9] = abi.encodeCall(IMatiEscrow.refund, (p, 1, Funding.Caller));
        calls[10] = abi.encodeCall(IMatiEscrow.refundDue, (p, 1, 1, Funding.Caller));
        calls[11] = abi.encodeCall(IMatiEscrow.resolve, (p, 0));
        calls[12] = abi.encodeCall(IMatiEscrow.resolveByDefault, (p));
        calls[13] = abi.encodeCall(IMatiEscrow.captureMany, (pack(new CaptureOrder[](0))));
        prober.willCall(address(escrow), calls);
        vm.startPrank(merchant);
        escrow.capture(p, 10e6, 100, false);
        escrow.withdraw(address(token), 1e6, address(prober));
        vm.stopPrank();

        for (uint256 i = 0; i < calls.length; ++i) {
            assertEq(
                prober.errors(i),
                bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
                string.concat("call ", vm.toString(i))
            );
        }
    }
}
