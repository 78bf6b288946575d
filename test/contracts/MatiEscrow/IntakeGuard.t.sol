// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IIntakeGuard} from "../../../contracts/src/interfaces/IIntakeGuard.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {PlainToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// given a guard → asked before any money comes in, by authorize and charge alike; what it refuses is not opened
///   → never asked on a way out (invariant 15)
contract IntakeGuardTest is EscrowTest {
    CountingGuard internal guard;

    function setUp() public override {
        super.setUp();
        guard = new CountingGuard();
        escrow.setIntakeGuard(guard);
    }

    function test_AskedByAuthorize() public {
        Payment memory p = terms();
        bytes32 id = escrow.paymentId(p);
        vm.expectCall(address(guard), abi.encodeCall(IIntakeGuard.onAuthorize, (p, id, payer)));
        authorize(p);
        assertEq(guard.asked(), 1, "once");
        assertEq(guard.balanceThen(), 0, "before the money came");
    }

    function test_AskedByCharge() public {
        Payment memory p = usdcTerms();
        bytes memory sig = sign3009(p);
        bytes32 id = escrow.paymentId(p);
        vm.expectCall(address(guard), abi.encodeCall(IIntakeGuard.onAuthorize, (p, id, merchant)));
        vm.prank(merchant);
        escrow.charge(p, address(escrow), sig, 100);
        assertEq(guard.asked(), 1, "once");
        assertEq(guard.balanceThen(), 0, "before the money came");
    }

    function test_RevertWhen_ItRefuses() public {
        guard.close();
        Payment memory p = terms();
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(CountingGuard.Refused.selector, payer));
        escrow.authorize(p, address(0), "");
        vm.expectRevert(abi.encodeWithSelector(CountingGuard.Refused.selector, payer));
        escrow.charge(p, address(0), "", 100);
        vm.stopPrank();
        assertState(escrow.paymentId(p), PaymentStatus.None, 0, 0);
    }

    function test_NeverAskedOnAWayOut() public {
        Payment memory p = terms();
        p.captureAfter += 1;
        (p.arbiter, p.resolveBy) = (stranger, p.captureBy);
        bytes32 id = authorize(p);
        guard.close();
        uint256 snapshot = vm.snapshotState();

        vm.prank(payer);
        escrow.dispute(p);
        uint256 disputed = vm.snapshotState();
        vm.prank(stranger);
        escrow.resolve(p, 1);
        vm.revertToState(disputed);
        vm.warp(uint256(p.resolveBy) + 1);
        escrow.resolveByDefault(p);
        vm.revertToState(snapshot);

        escrow.freezeCapture(p);
        vm.warp(uint256(p.captureBy) + 1);
        escrow.reclaim(p);
        vm.revertToState(snapshot);

        vm.warp(p.captureAfter);
        vm.startPrank(merchant);
        escrow.capture(p, 20e18, 100, false);
        escrow.refund(p, 0.004e18, Funding.Ledger);
        escrow.void(p);
        escrow.withdraw(address(weth), 0.001e18, merchant);
        vm.stopPrank();
        vm.prank(payer);
        escrow.deposit(address(weth), new LedgerEntry[](0), "");

        assertState(id, PaymentStatus.Voided, 0, 0.008e18);
        assertEq(guard.asked(), 1, "when it was authorized, and never since");
    }

    function test_Configured() public {
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.IntakeGuardSet(IIntakeGuard(address(0)));
        escrow.setIntakeGuard(IIntakeGuard(address(0)));
        assertEq(address(escrow.intakeGuard()), address(0), "nobody");
        authorize(terms());
        assertEq(guard.asked(), 0, "not asked");

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        escrow.setIntakeGuard(guard);
    }

    /// @dev One slot holds both: neither setting touches the other.
    function test_GuardAndPauseAreKeptApart() public {
        escrow.setIntakePaused(true);
        assertEq(address(escrow.intakeGuard()), address(guard), "guard stays");
        escrow.setIntakeGuard(IIntakeGuard(stranger));
        assertTrue(escrow.intakePaused(), "pause stays");
        escrow.setIntakePaused(false);
        assertEq(address(escrow.intakeGuard()), stranger, "guard stays");
    }

    /// @dev Invariant 15: each token has a copy of both, which nothing that is set must miss.
    function test_GuardAndPauseReachEveryToken() public {
        CountingGuard another = new CountingGuard();
        PlainToken late = new PlainToken("LATE", 18);
        late.mint(payer, 1e18);
        vm.prank(payer);
        late.approve(address(escrow), type(uint256).max);
        escrow.setIntakePaused(true);
        escrow.setIntakeGuard(another);
        escrow.setTokenAllowed(address(late), true);
        escrow.setTokenAllowed(address(usdc), false);
        escrow.setTokenAllowed(address(usdc), true);
        address[3] memory tokens = [address(weth), address(usdc), address(late)];
        for (uint256 i = 0; i < tokens.length; ++i) {
            Payment memory p = inToken(tokens[i]);
            vm.prank(payer);
            vm.expectRevert(IMatiEscrow.Escrow_IntakePaused.selector);
            escrow.authorize(p, address(0), "");
        }

        escrow.setIntakePaused(false);
        for (uint256 i = 0; i < tokens.length; ++i) {
            authorize(inToken(tokens[i]));
            assertEq(another.asked(), i + 1, "asked");
        }
        assertEq(guard.asked(), 0, "the former one");
    }

    function inToken(address token) internal view returns (Payment memory p) {
        p = usdcTerms();
        (p.token, p.currency) = (token, token);
    }
}

/// @dev Counts; refuses everybody once closed.
contract CountingGuard is IIntakeGuard {
    error Refused(address caller);

    uint256 public asked;
    uint256 public balanceThen;
    bool internal _closed;

    function close() external {
        _closed = true;
    }

    function onAuthorize(Payment calldata payment, bytes32, address caller) external {
        require(!_closed, Refused(caller));
        ++asked;
        (, bytes memory answer) = payment.token.staticcall(abi.encodeWithSignature("balanceOf(address)", msg.sender));
        balanceThen = abi.decode(answer, (uint256));
    }
}
