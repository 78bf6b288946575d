// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICollector} from "../../../contracts/src/interfaces/ICollector.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PlainToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given a collector that is allowed → it is asked with the payment, its id, the caller and the data, and what it
///   brought is measured: exactly maxAmount, or everything reverts
/// given it calls back → the lock refuses it; a deposit cannot pass for the payment's money
/// given it is not allowed, or no longer → reverts
contract CollectorsTest is EscrowTest {
    StockCollector internal collector;

    function setUp() public override {
        super.setUp();
        collector = new StockCollector(escrow);
        weth.mint(address(collector), 1e18);
        escrow.setCollector(address(collector), true);
    }

    function test_BringsTheMoney() public {
        Payment memory p = terms();
        bytes32 expectedId = escrow.paymentId(p);
        vm.expectCall(
            address(collector), abi.encodeCall(ICollector.collect, (p, expectedId, stranger, "what proves the consent"))
        );
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Authorized(expectedId, payer, merchant, p);

        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(collector), "what proves the consent");

        assertState(id, PaymentStatus.Authorized, 0.03e18, 0);
        assertEq(weth.balanceOf(payer), 1000e18, "not from the payer's allowance");
    }

    function test_BringsTheMoneyOfACharge() public {
        Payment memory p = terms();
        p.autoCapture = true;
        vm.prank(stranger);
        (bytes32 id,) = escrow.charge(p, address(collector), "", 100);
        assertState(id, PaymentStatus.Captured, 0, 0.02e18);
    }

    function test_RevertWhen_ItBringsAnotherAmount() public {
        Payment memory p = terms();
        uint256[4] memory amounts = [uint256(0), 0.03e18 - 1, 0.03e18 + 1, 0.06e18];
        for (uint256 i = 0; i < amounts.length; ++i) {
            collector.willBring(amounts[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IMatiEscrow.Escrow_TransferMismatch.selector, address(weth), amounts[i], 0.03e18)
            );
            escrow.authorize(p, address(collector), "");
        }
        assertState(escrow.paymentId(p), PaymentStatus.None, 0, 0);
    }

    function test_RevertWhen_ItRefuses() public {
        collector.willRefuse();
        vm.expectRevert(StockCollector.Refused.selector);
        escrow.authorize(terms(), address(collector), "");
    }

    function test_RevertWhen_ItIsNotAllowed() public {
        StockCollector unknown = new StockCollector(escrow);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_CollectorNotAllowed.selector, address(unknown)));
        escrow.authorize(terms(), address(unknown), "");

        escrow.setCollector(address(collector), false);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_CollectorNotAllowed.selector, address(collector)));
        escrow.authorize(terms(), address(collector), "");
    }

    /// @dev Money that is credited to somebody must not count a second time as a hold (invariant 1).
    function test_RevertWhen_ItCallsBack() public {
        Payment memory p = terms();
        Payment memory another = terms();
        another.invoice = "another";
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(address(collector), 0.03e18);
        bytes[4] memory calls = [
            abi.encodeCall(escrow.deposit, (address(weth), credits, "")),
            abi.encodeCall(escrow.authorize, (another, address(collector), "")),
            abi.encodeCall(escrow.charge, (another, address(collector), "", 100)),
            abi.encodeCall(escrow.withdraw, (address(weth), 0, stranger))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            collector.willCall(calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            escrow.authorize(p, address(collector), "");
        }
    }

    function test_RevertWhen_ItDepositsByABatchInstead() public {
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(address(collector), 0.03e18);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(escrow.deposit, (address(weth), credits, ""));
        collector.willCall(abi.encodeCall(escrow.batch, (calls)));
        collector.willBring(0);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_TransferMismatch.selector, address(weth), 0, 0.03e18));
        escrow.authorize(terms(), address(collector), "");
    }

    function test_Configured() public {
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CollectorSet(stranger, true);
        escrow.setCollector(stranger, true);
        assertEq(escrow.isCollector(stranger), true, "allowed");
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CollectorSet(stranger, false);
        escrow.setCollector(stranger, false);
        assertEq(escrow.isCollector(stranger), false, "no longer");

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        escrow.setCollector(stranger, true);
    }
}

/// @dev Brings money from its own stock; otherwise as it is told.
contract StockCollector is ICollector {
    error Refused();

    IMatiEscrow internal immutable ESCROW;
    uint256 internal _amount = type(uint256).max;
    bool internal _refuses;
    bytes internal _call;

    constructor(IMatiEscrow escrow) {
        ESCROW = escrow;
    }

    function willBring(uint256 amount) external {
        _amount = amount;
    }

    function willRefuse() external {
        _refuses = true;
    }

    function willCall(bytes calldata call) external {
        _call = call;
    }

    function collect(Payment calldata payment, bytes32, address, bytes calldata) external {
        require(!_refuses, Refused());
        PlainToken token = PlainToken(payment.token);
        if (_call.length != 0) {
            token.approve(address(ESCROW), type(uint256).max);
            (bool success, bytes memory reason) = address(ESCROW).call(_call);
            if (!success) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
        }
        token.transfer(msg.sender, _amount == type(uint256).max ? payment.maxAmount : _amount);
    }
}
