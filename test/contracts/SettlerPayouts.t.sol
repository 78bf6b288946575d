// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IMatiEscrow} from "../../contracts/src/interfaces/IMatiEscrow.sol";
import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {TokenTransfer} from "../../contracts/src/libraries/TokenTransfer.sol";
import {Recipient} from "../../contracts/src/types/Payout.sol";
import {Group} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";
import {UnrulyToken} from "./base/Tokens.sol";
import {Vm} from "./base/Vm.sol";

/// @notice How what was delivered is shared and paid on this chain, whoever cannot be paid (invariant 14).
contract SettlerPayoutsTest is SettlerTest {
    address internal alice = address(0xa1);
    address internal bob = address(0xb0);

    function test_Settle_SharesByBalanceToTheUnit() public {
        for (uint256 i = 0; i < 3; ++i) {
            register(merchants[i], here(), 0);
            credit(merchants[i], weth, 1 ether, MIDNIGHT);
        }
        // Less the tip of 7,500,000 that is 7,492,500,001: a third is 2,497,500,000.33.
        solver.willDeliver(7_500_000_001);

        settle(here(), list(merchants[0], merchants[1], merchants[2]));

        assertEq(usdc.balanceOf(merchants[0]), 2_497_500_000, "first");
        assertEq(usdc.balanceOf(merchants[1]), 2_497_500_000, "second");
        assertEq(usdc.balanceOf(merchants[2]), 2_497_500_001, "third: the rest");
        assertEq(usdc.balanceOf(keeper), 7_500_000, "tip, rounded down");
        assertHoldsNothing();
    }

    function test_Settle_SplitsAmongRecipientsToTheUnit() public {
        Recipient[] memory named = recipients(alice, 3_333, bob, 6_667);
        register(merchants[0], here(), 0, address(settler), named);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500_000_001);

        settle(here(), list(merchants[0]));

        // 2,497,500,001 * 0.3333 = 832,416,750.3333
        assertEq(usdc.balanceOf(alice), 832_416_750, "rounded down");
        assertEq(usdc.balanceOf(bob), 1_665_083_251, "the rest");
        assertEq(usdc.balanceOf(merchants[0]), 0, "the merchant is none of them");
        assertHoldsNothing();
    }

    /// @dev Who is left out before it changes nothing about whom a member pays.
    function test_Settle_SplitsOfThoseSettledOnly() public {
        register(merchants[1], here(), 0, address(settler), recipients(alice, 5_000, bob, 5_000));
        register(merchants[2], here(), 0);
        credit(merchants[1], weth, 1 ether, MIDNIGHT);
        credit(merchants[2], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(5_000e6);

        settle(here(), list(merchants[0], merchants[1], merchants[2]));

        assertEq(usdc.balanceOf(alice), 1_248.75e6, "half of the split one's");
        assertEq(usdc.balanceOf(bob), 1_248.75e6, "the other half");
        assertEq(usdc.balanceOf(merchants[1]), 0, "itself");
        assertEq(usdc.balanceOf(merchants[2]), 2_497.5e6, "the undivided one's");
    }

    function test_Settle_PartsOfNothingAreNotPaid() public {
        register(merchants[0], here(), 0, address(settler), recipients(alice, 0, bob, 10_000));
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);

        vm.recordLogs();
        settle(here(), list(merchants[0]));

        assertEq(usdc.balanceOf(bob), 2_497.5e6, "all of it");
        assertEq(escrow.ledger(alice, address(usdc)).since, 0, "not even an empty credit");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IERC20.Transfer.selector) continue;
            assertTrue(abi.decode(logs[i].data, (uint256)) != 0, "nor a transfer of nothing, which tokens may refuse");
        }
    }

    function test_Settle_SameTokenNeedsNeitherSolverNorOracle() public {
        Group memory group = _asIs();
        register(merchants[0], group, 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(idOf(usdc, merchants[0], 1_000e6), merchants[0], address(usdc), 1_000e6, 1_000e6, 999e6);
        vm.expectEmit(address(settler));
        emit ISettler.Settled(
            idOf(usdc, merchants[0], 1_000e6),
            address(usdc),
            keeper,
            group,
            1_000e6,
            1_000e6,
            1_000e6,
            0,
            1e6,
            0,
            1e18,
            0,
            0,
            0
        );
        vm.prank(keeper);
        settler.settle(group, list(merchants[0]), address(0), "");

        assertEq(usdc.balanceOf(merchants[0]), 999e6, "paid");
        assertEq(usdc.balanceOf(keeper), 1e6, "tip");
        assertHoldsNothing();
    }

    function test_Settle_BalanceIsConsumedOnceAndInTurn() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        settle(_asIs(), list(merchants[0]));
        credit(merchants[0], usdc, 500e6, MIDNIGHT);

        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(idOf(usdc, merchants[0], 1_500e6), merchants[0], address(usdc), 500e6, 1_500e6, 499.5e6);
        settle(_asIs(), list(merchants[0]));
    }

    function test_Settle_PaysInTokensThatReturnNothing() public {
        _assertPaid(UnrulyToken.Behaviour.PaysSilently);
    }

    function test_Settle_BlockedRecipientGetsALedgerBalance() public {
        _assertCredited(UnrulyToken.Behaviour.Reverts);
    }

    function test_Settle_TransferThatReturnsFalseIsNone() public {
        _assertCredited(UnrulyToken.Behaviour.ReturnsFalse);
    }

    function test_Settle_TransferThatReturnsNoBoolIsNone() public {
        _assertCredited(UnrulyToken.Behaviour.ReturnsTwo);
    }

    /// @dev After one that returned true, whose word must not be taken for this one's.
    function test_Settle_TransferThatReturnsLessThanAWordIsNone() public {
        register(merchants[0], _asIs(), 0, address(settler), recipients(bob, 5_000, alice, 5_000));
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        usdc.setBehaviour(alice, UnrulyToken.Behaviour.ReturnsShort);

        settle(_asIs(), list(merchants[0]));

        assertEq(usdc.balanceOf(bob), 499.5e6, "paid");
        assertEq(escrow.balanceOf(alice, address(usdc)), 500e6, "credited");
    }

    function test_Settle_RecipientThatBurnsGasTakesNoneOfTheOthers() public {
        register(merchants[0], _asIs(), 0, address(settler), recipients(alice, 5_000, bob, 5_000));
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        usdc.setBehaviour(alice, UnrulyToken.Behaviour.BurnsGas);

        settler.settle{gas: 1_500_000}(_asIs(), list(merchants[0]), address(0), "");

        assertEq(escrow.balanceOf(alice, address(usdc)), 500e6, "credited");
        assertEq(usdc.balanceOf(bob), 499.5e6, "paid");
    }

    function test_Settle_RecipientThatReturnsMuchTakesNoneOfTheOthers() public {
        _assertCredited(UnrulyToken.Behaviour.RevertsWithMuch);
    }

    /// @dev Two of three merchants have a recipient who cannot be paid.
    function test_Settle_NobodyIsHeldUpByTheBlocked() public {
        register(merchants[0], here(), 0);
        register(merchants[1], here(), 0, address(settler), recipients(alice, 5_000, bob, 5_000));
        register(merchants[2], here(), 0);
        for (uint256 i = 0; i < 3; ++i) {
            credit(merchants[i], weth, 1 ether, MIDNIGHT);
        }
        usdc.setBehaviour(merchants[0], UnrulyToken.Behaviour.Reverts);
        usdc.setBehaviour(alice, UnrulyToken.Behaviour.ReturnsFalse);
        solver.willDeliver(7_500e6);

        settle(here(), list(merchants[0], merchants[1], merchants[2]));

        assertEq(escrow.balanceOf(merchants[0], address(usdc)), 2_500e6, "blocked merchant: without a tip");
        assertEq(escrow.balanceOf(alice, address(usdc)), 1_250e6, "blocked recipient: without a tip");
        assertEq(usdc.balanceOf(bob), 1_248.75e6, "the other recipient");
        assertEq(usdc.balanceOf(merchants[2]), 2_497.5e6, "the other merchant");
        assertEq(usdc.balanceOf(keeper), 3.75e6, "tip of what was paid");
        assertHoldsNothing();
    }

    /// @dev Else a keeper could settle a blocked merchant's own token over and over, and take it all in tips.
    function test_Settle_TakesNoTipOfWhatComesBack() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6 + 7, MIDNIGHT);
        usdc.setBehaviour(merchants[0], UnrulyToken.Behaviour.Reverts);

        for (uint256 i = 0; i < 5; ++i) {
            settle(_asIs(), list(merchants[0]));
        }

        assertEq(escrow.balanceOf(merchants[0], address(usdc)), 1_000e6 + 7, "all of it");
        assertEq(usdc.balanceOf(keeper), 0, "no tip");
    }

    /// @dev Else a blocked merchant's part would go to whom else it named, settled over and over.
    function test_Settle_SharesWhatComesBackOnlyOnce() public {
        register(merchants[0], here(), 0, address(settler), recipients(merchants[0], 5_000, bob, 5_000));
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        usdc.setBehaviour(merchants[0], UnrulyToken.Behaviour.Reverts);
        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));

        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        settle(_asIs(), list(merchants[0]));
        vm.expectRevert(ISettler.Settler_NothingToSettle.selector);
        settle(_asIs(), list(merchants[0]));

        assertEq(usdc.balanceOf(bob), 1_248.75e6 + 499.5e6, "half of either");
        assertEq(escrow.balanceOf(merchants[0], address(usdc)), 1_250e6 + 500e6, "the other halves");
        assertHoldsNothing();
    }

    function test_Settle_LedgerCreditsNameTheSettlement() public {
        register(merchants[0], here(), 0);
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        usdc.setBehaviour(merchants[0], UnrulyToken.Behaviour.Reverts);
        solver.willDeliver(2_500e6);

        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(
            merchants[0], address(usdc), idOf(weth, merchants[0], 1 ether), address(settler), 2_500e6, 2_500e6
        );
        vm.expectEmit(address(settler));
        emit ISettler.PaidOut(idOf(weth, merchants[0], 1 ether), merchants[0], address(weth), 1 ether, 1 ether, 2_500e6);
        vm.expectEmit(address(settler));
        emit ISettler.Settled(
            idOf(weth, merchants[0], 1 ether),
            address(weth),
            keeper,
            here(),
            1 ether,
            2_500e6,
            2_492.5e6,
            30,
            0,
            0,
            2_500e18,
            11,
            22,
            0
        );
        settle(here(), list(merchants[0]));
    }

    /// @dev Whatever gas a keeper gives: a recipient that can be paid is paid, or nothing happens.
    function test_Settle_GasDecidesNothing() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        usdc.setBehaviour(merchants[0], UnrulyToken.Behaviour.NeedsGas);
        bool settled = false;
        bool refused = false;

        for (uint256 gas = 300_000; gas < 700_000; gas += 1_000) {
            uint256 state = vm.snapshotState();
            (bool success, bytes memory answer) = address(settler).call{gas: gas}(
                abi.encodeCall(ISettler.settle, (_asIs(), list(merchants[0]), address(0), ""))
            );
            assertEq(usdc.balanceOf(merchants[0]), success ? 999e6 : 0, "paid or nothing");
            if (success) settled = true;
            else if (bytes4(answer) == ISettler.Settler_InsufficientGas.selector) refused = true;
            vm.revertToState(state);
        }

        assertTrue(settled && refused, "both were seen");
    }

    function test_RevertWhen_GasIsShortOfATransfer() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);

        (bool success, bytes memory answer) = address(settler).call{gas: 340_000}(
            abi.encodeCall(ISettler.settle, (_asIs(), list(merchants[0]), address(0), ""))
        );

        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(answer)), bytes32(ISettler.Settler_InsufficientGas.selector), "error");
        (uint256 gas, uint256 required) = _twoWords(answer);
        assertTrue(gas < required && gas > 0, "gas left");
        assertEq(required, TokenTransfer.REQUIRED_GAS, "required");
    }

    function test_RevertWhen_KeeperCannotBePaid() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);
        usdc.setBehaviour(keeper, UnrulyToken.Behaviour.ReturnsFalse);

        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(usdc)));
        settle(_asIs(), list(merchants[0]));
    }

    function test_RevertWhen_ValueIsSentWithoutAMessage() public {
        register(merchants[0], _asIs(), 0);
        credit(merchants[0], usdc, 1_000e6, MIDNIGHT);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_UnexpectedValue.selector, 1));
        settle(_asIs(), list(merchants[0]), 1);
    }

    function _asIs() internal view returns (Group memory) {
        return Group({token: address(usdc), asset: address(usdc), eid: EID_A, tier: TIER});
    }

    function _assertPaid(UnrulyToken.Behaviour behaviour) internal {
        _settleWith(behaviour);
        assertEq(usdc.balanceOf(alice), 249.75e6, "paid");
        assertEq(escrow.balanceOf(alice, address(usdc)), 0, "no ledger balance");
        assertEq(usdc.balanceOf(keeper), 2.5e6, "tip");
    }

    /// @dev The one recipient gets a ledger balance, the other is paid; undone afterwards.
    function _assertCredited(UnrulyToken.Behaviour behaviour) internal {
        uint256 state = vm.snapshotState();
        _settleWith(behaviour);
        assertEq(usdc.balanceOf(alice), 0, "not paid");
        assertEq(escrow.balanceOf(alice, address(usdc)), 250e6, "credited, without a tip");
        assertEq(usdc.balanceOf(keeper), 2.25e6, "tip of what was paid");
        vm.revertToState(state);
    }

    function _settleWith(UnrulyToken.Behaviour behaviour) internal {
        register(merchants[0], here(), 0, address(settler), recipients(alice, 1_000, bob, 9_000));
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        usdc.setBehaviour(alice, behaviour);
        solver.willDeliver(2_500e6);
        settle(here(), list(merchants[0]));
        assertEq(usdc.balanceOf(bob), 2_247.75e6, "the other recipient");
        assertHoldsNothing();
    }

    /// @dev The two values of an error.
    function _twoWords(bytes memory answer) internal pure returns (uint256 first, uint256 second) {
        assembly ("memory-safe") {
            first := mload(add(answer, 0x24))
            second := mload(add(answer, 0x44))
        }
    }
}
