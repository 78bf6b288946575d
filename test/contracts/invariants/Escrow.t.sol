// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {MatiEscrow} from "../../../contracts/src/MatiEscrow.sol";
import {PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Test} from "../base/Test.sol";
import {EscrowHandler} from "./EscrowHandler.sol";
import {EscrowModel} from "./EscrowModel.sol";

/// @notice The escrow's invariants after any sequence of calls, valid or not. That each call succeeds exactly when the
/// model says so, and leaves what the model says, is asserted inside the handler, whose own revert is a failure here.
/// forge-config: default.invariant.fail-on-revert = true
contract EscrowInvariants is Test {
    EscrowHandler internal handler;
    MatiEscrow internal escrow;

    function setUp() public {
        handler = new EscrowHandler();
        escrow = MatiEscrow(handler.escrowAddress());
    }

    /// @dev forge asks for these: what it calls, at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](18);
        uint256 n;
        for (uint256 i = 0; i < 4; ++i) {
            selectors[n++] = handler.doAuthorize.selector;
        }
        for (uint256 i = 0; i < 4; ++i) {
            selectors[n++] = handler.doCapture.selector;
        }
        selectors[n++] = handler.doVoid.selector;
        selectors[n++] = handler.doReclaim.selector;
        selectors[n++] = handler.doWithdraw.selector;
        selectors[n++] = handler.doDeposit.selector;
        selectors[n++] = handler.doDebit.selector;
        selectors[n++] = handler.warp.selector;
        selectors[n++] = handler.updateRate.selector;
        selectors[n++] = handler.pause.selector;
        selectors[n++] = handler.refuse.selector;
        selectors[n++] = handler.donate.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev Invariant 1: per token, balance ≥ all holds + all ledger balances.
    function invariant_Solvency() external view {
        address[] memory tokens = handler.tokenList();
        address[] memory actors = handler.actorList();
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 owed;
            for (uint256 i = 0; i < handler.count(); ++i) {
                bytes32 id = handler.ids(i);
                if (handler.get(id).terms.token == tokens[t]) owed += escrow.paymentState(id).held;
            }
            for (uint256 i = 0; i < actors.length; ++i) {
                owed += escrow.balanceOf(actors[i], tokens[t]);
            }
            assertGe(IERC20(tokens[t]).balanceOf(address(escrow)), owed, "balance covers what is owed");
        }
    }

    /// @dev Invariants 2 and 3: authorized = held + captured + returned per payment, and only an authorized one holds.
    function invariant_EveryPaymentAddsUp() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            EscrowModel.Modeled memory m = handler.get(id);
            PaymentState memory state = escrow.paymentState(id);
            assertEq(uint256(state.held) + state.captured + m.returned, m.authorized, "held + captured + returned");
            assertTrue(state.status != PaymentStatus.None, "never forgotten");
            assertTrue(state.status == PaymentStatus.Authorized || state.held == 0, "an ended hold is empty");
        }
    }

    /// @dev Invariant 4: after captureBy any hold reaches its owner by a stranger's call, however things stand.
    function invariant_EveryHoldCanBeReclaimed() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            EscrowModel.Modeled memory m = handler.get(id);
            if (m.status != PaymentStatus.Authorized) continue;
            if (block.timestamp <= m.terms.captureBy) vm.warp(uint256(m.terms.captureBy) + 1);
            uint256 before = reachable(m.terms.refundTo, m.terms.token);
            vm.prank(address(0xBEEF));
            escrow.reclaim(m.terms);
            assertEq(reachable(m.terms.refundTo, m.terms.token) - before, m.held, "reached its owner");
        }
        vm.revertToState(snapshot);
    }

    /// @dev Invariant 5: every ledger balance can be withdrawn raw by its owner, all of them one after the other.
    function invariant_EveryBalanceCanBeWithdrawn() external {
        uint256 snapshot = vm.snapshotState();
        address[] memory tokens = handler.tokenList();
        address[] memory actors = handler.actorList();
        for (uint256 t = 0; t < tokens.length; ++t) {
            for (uint256 i = 0; i < actors.length; ++i) {
                uint256 balance = escrow.balanceOf(actors[i], tokens[t]);
                vm.prank(actors[i]);
                escrow.withdraw(tokens[t], balance, address(0xCAFE));
            }
        }
        vm.revertToState(snapshot);
    }

    /// @dev The campaign is worth something only if every action both succeeds and fails in it.
    function test_HandlerReachesBothOutcomesOfEveryAction() external {
        for (uint256 i = 0; i < 400; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.doAuthorize(seed, i % 2 == 0);
            handler.doCapture(seed, seed >> 7, seed >> 9, i % 3 == 0);
            handler.doDeposit(seed, seed >> 5);
            handler.doWithdraw(seed, seed >> 3);
            handler.doDebit(seed, seed >> 3);
            if (i % 5 == 0) handler.doVoid(seed);
            if (i % 5 == 1) handler.doReclaim(seed);
            if (i % 7 == 0) handler.warp(seed);
            if (i % 11 == 0) handler.updateRate(seed);
        }
        string[7] memory actions = ["authorize", "capture", "void", "reclaim", "withdraw", "deposit", "debit"];
        for (uint256 i = 0; i < actions.length; ++i) {
            assertGe(handler.succeeded(actions[i]), 3, string.concat(actions[i], " succeeds"));
            assertGe(handler.failed(actions[i]), 3, string.concat(actions[i], " fails"));
        }
    }

    function reachable(address account, address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(account) + escrow.balanceOf(account, token);
    }
}
