// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {FeeOnTransferToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// deposit: anyone credits anyone with tokens of its own
/// withdraw: the owner takes its balance raw, to any address, whatever is paused (invariant 5)
/// debit: only the settler that each account named
contract LedgerTest is EscrowTest {
    bytes32 internal constant REF = keccak256("guid");

    function test_DepositCreditsEveryEntry() public {
        LedgerEntry[] memory credits = new LedgerEntry[](3);
        credits[0] = LedgerEntry(merchant, 10e6);
        credits[1] = LedgerEntry(stranger, 5e6);
        credits[2] = LedgerEntry(merchant, 1e6);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(merchant, address(usdc), REF, payer, 10e6, 10e6);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(stranger, address(usdc), REF, payer, 5e6, 5e6);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Credited(merchant, address(usdc), REF, payer, 1e6, 11e6);

        vm.prank(payer);
        escrow.deposit(address(usdc), credits, REF);

        assertEq(escrow.balanceOf(merchant, address(usdc)), 11e6, "merchant");
        assertEq(escrow.balanceOf(stranger, address(usdc)), 5e6, "stranger");
        assertEq(usdc.balanceOf(address(escrow)), 16e6, "escrow");
    }

    function test_RevertWhen_DepositIsNotCovered() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 1e6)
        );
        escrow.deposit(address(usdc), one(stranger, 1e6), REF);
    }

    function test_RevertWhen_DepositedTokenTakesAFee() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        token.mint(payer, 100);
        vm.startPrank(payer);
        token.approve(address(escrow), 100);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_TransferMismatch.selector, address(token), 99, 100));
        escrow.deposit(address(token), one(merchant, 100), REF);
        vm.stopPrank();
    }

    function test_RevertWhen_CreditedToNobody() public {
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadRecipient.selector, address(0)));
        escrow.deposit(address(usdc), one(address(0), 1), REF);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadRecipient.selector, address(escrow)));
        escrow.deposit(address(usdc), one(address(escrow), 1), REF);
        vm.stopPrank();
    }

    /// @dev What was ever credited counts, however much of it was taken out again.
    function test_RevertWhen_CreditedMoreThanACounterHolds() public {
        weth.mint(payer, uint256(type(uint112).max) + 1 - weth.balanceOf(payer));
        vm.prank(payer);
        escrow.deposit(address(weth), one(stranger, type(uint112).max), REF);
        assertEq(escrow.balanceOf(stranger, address(weth)), type(uint112).max, "the last unit");
        vm.prank(stranger);
        escrow.withdraw(address(weth), type(uint112).max, payer);

        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_LedgerOverflow.selector, stranger, address(weth)));
        escrow.deposit(address(weth), one(stranger, 1), REF);
        escrow.deposit(address(weth), one(refundTo, 1), REF);
        vm.stopPrank();
        assertEq(escrow.balanceOf(refundTo, address(weth)), 1, "anyone else's");
    }

    /// @dev Invariant 5, with the intake paused and the token delisted.
    function test_OwnerWithdrawsToAnyAddress() public {
        fund(stranger, 10e6);
        escrow.setIntakePaused(true);
        escrow.setTokenAllowed(address(usdc), false);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Debited(stranger, address(usdc), refundTo, 4e6, 4e6);
        vm.prank(stranger);
        escrow.withdraw(address(usdc), 4e6, refundTo);

        assertEq(usdc.balanceOf(refundTo), 4e6, "paid");
        assertEq(escrow.balanceOf(stranger, address(usdc)), 6e6, "left");
        Ledger memory entry = escrow.ledger(stranger, address(usdc));
        assertEq(entry.credited, 10e6, "credited only grows");
        assertEq(entry.debited, 4e6, "debited only grows");
    }

    function test_RevertWhen_WithdrawingMoreThanTheBalance() public {
        fund(stranger, 10e6);
        fund(merchant, 90e6);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_InsufficientLedger.selector, stranger, address(usdc), 10e6 + 1, 10e6
            )
        );
        escrow.withdraw(address(usdc), 10e6 + 1, stranger);
    }

    function test_RevertWhen_WithdrawingToNobody() public {
        fund(stranger, 10e6);
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadRecipient.selector, address(0)));
        escrow.withdraw(address(usdc), 1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadRecipient.selector, address(escrow)));
        escrow.withdraw(address(usdc), 1, address(escrow));
        vm.stopPrank();
    }

    /// @dev A recipient that the token refuses must not cost the owner its balance.
    function test_RevertWhen_RecipientIsBlocked() public {
        fund(stranger, 10e6);
        usdc.setBlacklisted(refundTo, true);
        vm.prank(stranger);
        vm.expectRevert("Blacklistable: account is blacklisted");
        escrow.withdraw(address(usdc), 10e6, refundTo);
        assertEq(escrow.balanceOf(stranger, address(usdc)), 10e6, "balance kept");
    }

    function test_SettlerDebitsThoseWhoNamedIt() public {
        address other = makeAddress("other merchant");
        register(other, 0);
        fund(merchant, 10e6);
        fund(other, 20e6);
        LedgerEntry[] memory debits = new LedgerEntry[](2);
        debits[0] = LedgerEntry(merchant, 10e6);
        debits[1] = LedgerEntry(other, 5e6);

        vm.prank(settler);
        escrow.debit(address(usdc), debits, stranger);

        assertEq(usdc.balanceOf(stranger), 15e6, "sum");
        assertEq(escrow.ledger(merchant, address(usdc)).debited, 10e6, "merchant's debited total");
        assertEq(escrow.balanceOf(other, address(usdc)), 15e6, "other's rest");
    }

    function test_RevertWhen_AccountNamedAnotherSettlerOrNone() public {
        fund(stranger, 10e6);
        fund(merchant, 10e6);
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotSettler.selector, settler, stranger, address(0)));
        escrow.debit(address(usdc), one(stranger, 10e6), settler);

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotSettler.selector, stranger, merchant, settler));
        escrow.debit(address(usdc), one(merchant, 10e6), stranger);
    }

    function test_RevertWhen_OneOfManyNamedNoSettler() public {
        fund(merchant, 10e6);
        fund(stranger, 10e6);
        LedgerEntry[] memory debits = new LedgerEntry[](3);
        (debits[0], debits[1]) = (LedgerEntry(merchant, 1e6), LedgerEntry(stranger, 1e6));
        debits[2] = LedgerEntry(merchant, 1e6);

        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_NotSettler.selector, settler, stranger, address(0)));
        escrow.debit(address(usdc), debits, settler);
    }

    function test_RevertWhen_SettlerDebitsMoreThanTheBalance() public {
        fund(stranger, 90e6);
        fund(merchant, 10e6);
        vm.startPrank(settler);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMatiEscrow.Escrow_InsufficientLedger.selector, merchant, address(usdc), 10e6 + 1, 10e6
            )
        );
        escrow.debit(address(usdc), one(merchant, 10e6 + 1), settler);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_BadRecipient.selector, address(escrow)));
        escrow.debit(address(usdc), one(merchant, 10e6), address(escrow));
        vm.stopPrank();
    }

    function fund(address account, uint112 amount) internal {
        vm.prank(payer);
        escrow.deposit(address(usdc), one(account, amount), REF);
    }

    function one(address account, uint112 amount) internal pure returns (LedgerEntry[] memory entries) {
        entries = new LedgerEntry[](1);
        entries[0] = LedgerEntry(account, amount);
    }
}
