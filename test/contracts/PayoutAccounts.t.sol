// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "../../contracts/src/interfaces/IMerchantRegistry.sol";
import {IPayoutAccounts} from "../../contracts/src/interfaces/IPayoutAccounts.sol";
import {PayoutAccount} from "../../contracts/src/PayoutAccount.sol";
import {LedgerEntry} from "../../contracts/src/types/Ledger.sol";
import {ChainPayout, Payout, PayoutTerms, Recipient, Registration} from "../../contracts/src/types/Payout.sol";
import {BothChainsTest} from "./base/BothChains.sol";
import {UnrulyToken} from "./base/Tokens.sol";

/// @notice What a message carries is paid out as it said when it was sent, and gets out whoever is missing on the other
/// chain (invariants 5, 12 and 14).
contract PayoutAccountsTest is BothChainsTest {
    address internal merchant = merchants[0];
    address internal alice = address(0xa1);
    address internal bob = address(0xb0);
    address internal stranger = makeAddress("stranger");

    // ------------------------------------------------------------------------------------------------ addresses

    function test_Address_IsMadeOfTheTerms() public view {
        PayoutTerms memory terms = _terms(recipients(alice, 3_333, bob, 6_667));
        bytes32[] memory named = new bytes32[](2);
        bytes32 recipientType = keccak256("Recipient(address account,uint16 shareBps)");
        named[0] = keccak256(abi.encode(recipientType, alice, 3_333));
        named[1] = keccak256(abi.encode(recipientType, bob, 6_667));
        bytes32 chain = keccak256(
            abi.encode(
                keccak256(
                    "ChainPayout(uint32 eid,address settler,Recipient[] recipients,Reserve[] reserves)"
                    "Recipient(address account,uint16 shareBps)Reserve(address token,uint112 amount)"
                ),
                EID_B,
                address(farSettler),
                keccak256(abi.encodePacked(named)),
                keccak256("")
            )
        );
        bytes32 payout = keccak256(
            abi.encode(
                keccak256("Payout(address asset,uint32 eid,uint32 cycle,uint8 tier,uint16 toleranceBps)"),
                farAsset,
                EID_B,
                0,
                TIER,
                0
            )
        );
        bytes32 id = keccak256(abi.encode(merchant, payout, chain));

        assertEq(payoutAccounts.accountOf(terms), payoutAccounts.addressOf(id), "account");
        // EIP-1014 and EIP-1167; the implementation is the factory's first creation.
        address implementation =
            address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(payoutAccounts), hex"01")))));
        bytes32 code = keccak256(
            abi.encodePacked(
                hex"3d602d80600a3d3981f3363d3d373d3d3d363d73", implementation, hex"5af43d82803e903d91602b57fd5bf3"
            )
        );
        bytes32 create2 = keccak256(abi.encodePacked(hex"ff", address(payoutAccounts), id, code));
        assertEq(payoutAccounts.addressOf(id), address(uint160(uint256(create2))), "address");
    }

    function test_Address_DiffersWithEveryTerm() public view {
        PayoutTerms[8] memory others;
        for (uint256 i = 0; i < others.length; ++i) {
            others[i] = _terms(recipients(alice, 5_000, bob, 5_000));
        }
        others[0].merchant = alice;
        others[1].payout.asset = alice;
        others[2].payout.tier = 2;
        others[3].payout.cycle = 1;
        others[4].chain.settler = alice;
        others[5].chain.recipients[0].account = merchant;
        (others[6].chain.recipients[0].shareBps, others[6].chain.recipients[1].shareBps) = (4_999, 5_001);
        others[7].payout.eid = others[7].chain.eid = EID_A;
        address account = payoutAccounts.accountOf(_terms(recipients(alice, 5_000, bob, 5_000)));
        for (uint256 i = 0; i < others.length; ++i) {
            assertTrue(payoutAccounts.accountOf(others[i]) != account, "another account");
        }
    }

    function test_Register_NamesTheSameAccountOnBothChains() public {
        Registration memory registration = registrationOf(merchant, 1, recipients(alice, 5_000, bob, 5_000));
        PayoutTerms memory terms = _terms(registration.chains[1].recipients);
        address account = payoutAccounts.accountOf(terms);

        vm.startPrank(merchant);
        vm.expectEmit(address(a.registry));
        emit IMerchantRegistry.Registered(merchant, 1, block.timestamp, registration, account);
        a.registry.register(registration, "");
        vm.expectEmit(address(b.registry));
        emit IMerchantRegistry.PayoutAccountOpened(account, merchant, terms);
        vm.expectEmit(address(b.registry));
        emit IMerchantRegistry.Registered(merchant, 1, block.timestamp, registration, address(0));
        b.registry.register(registration, "");
        vm.stopPrank();

        assertEq(a.registry.payoutAccount(merchant), account, "where it pays");
        assertEq(a.registry.settlerOf(account), address(0), "nobody settles it here");
        assertEq(b.registry.payoutAccount(merchant), address(0), "none where it is paid out");
        _assertOpen(account, terms);
    }

    function test_Register_WithoutAWordOfThePayoutsChain() public {
        Registration memory registration = registrationOf(merchant, 1, new Recipient[](0));
        registration.chains = new ChainPayout[](0);
        PayoutTerms memory terms = _terms(new Recipient[](0));
        terms.chain.settler = address(0);

        vm.startPrank(merchant);
        a.registry.register(registration, "");
        b.registry.register(registration, "");
        vm.stopPrank();

        assertEq(a.registry.payoutAccount(merchant), payoutAccounts.accountOf(terms), "account");
        _assertOpen(payoutAccounts.accountOf(terms), terms);
    }

    // ------------------------------------------------------------------------------------------------- opening

    function test_Open_ByAnyoneOnce() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));

        vm.prank(stranger);
        address account = b.registry.openPayoutAccount(terms);
        vm.recordLogs();
        assertEq(b.registry.openPayoutAccount(terms), account, "the same");

        assertEq(vm.getRecordedLogs().length, 0, "nothing is told twice");
        assertEq(account, payoutAccounts.accountOf(terms), "account");
        _assertOpen(account, terms);
    }

    function test_Open_MerchantAloneByDefault() public {
        PayoutTerms memory terms = _terms(new Recipient[](0));

        address account = b.registry.openPayoutAccount(terms);

        Recipient[] memory named = b.registry.recipients(account);
        assertEq(named.length, 1, "one recipient");
        assertEq(named[0].account, merchant, "the merchant, not the account");
        assertEq(named[0].shareBps, 10_000, "all of it");
    }

    function test_RevertWhen_OpenedOnAnotherChain() public {
        PayoutTerms memory terms = _terms(new Recipient[](0));
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_OtherChain.selector, EID_B, EID_A));
        a.registry.openPayoutAccount(terms);

        terms.chain.eid = EID_A;
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_OtherChain.selector, EID_A, EID_B));
        b.registry.openPayoutAccount(terms);

        (terms.chain.eid, terms.payout.eid) = (EID_B, EID_A);
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_OtherChain.selector, EID_A, EID_B));
        b.registry.openPayoutAccount(terms);
    }

    function test_RevertWhen_OpenedWithTermsThatContradictThemselves() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_001));
        _assertRefused(terms, "recipients.shareBps");
        terms = _terms(recipients(alice, 5_000, address(farSettler), 5_000));
        _assertRefused(terms, "recipients.account");
        terms = _terms(new Recipient[](0));
        terms.merchant = address(0);
        _assertRefused(terms, "merchant");
        terms = _terms(new Recipient[](0));
        terms.payout.asset = address(0);
        _assertRefused(terms, "payout.asset");
    }

    // ------------------------------------------------------------------------------------------------- on the way

    function test_InFlight_PaysAsItSaidWhenItWasSent() public {
        registerOnBoth(merchant, recipients(alice, 5_000, bob, 5_000));
        address account = _send();
        Registration memory changed = registrationOf(merchant, 2, recipients(stranger, 4_000, bob, 6_000));
        changed.payout.asset = address(b.token);
        vm.startPrank(merchant);
        a.registry.register(changed, "");
        b.registry.register(changed, "");
        vm.stopPrank();
        vm.warp(MIDNIGHT + 2 days);
        assertEq(b.registry.payout(merchant).asset, address(b.token), "changed meanwhile");
        _refreshB();

        arrive();
        farSolver.willDeliver(2_500e6);
        settleOnB(list(account));

        assertEq(b.escrow.balanceOf(account, address(b.token)), 0, "all of it is settled");
        assertEq(farUsdc.balanceOf(alice), 1_248_750_000, "half, less the tip, in what was named then");
        assertEq(farUsdc.balanceOf(bob), 1_248_750_000, "the other half");
        assertEq(farUsdc.balanceOf(stranger), 0, "named too late");
    }

    function test_MerchantAbsentOnTheOtherChain_IsSettledForItsRecipients() public {
        _registerOnA(recipients(alice, 5_000, bob, 5_000));
        address account = _send();
        arrive();
        farSolver.willDeliver(2_500e6);

        vm.prank(stranger);
        b.registry.openPayoutAccount(_terms(recipients(alice, 5_000, bob, 5_000)));
        settleOnB(list(account));

        assertEq(farUsdc.balanceOf(alice), 1_248_750_000, "half");
        assertEq(farUsdc.balanceOf(bob), 1_248_750_000, "the other half");
    }

    function test_RecipientBlockedByTheAsset_IsCreditedOnTheOtherChain() public {
        registerOnBoth(merchant, recipients(alice, 5_000, bob, 5_000));
        address account = _send();
        arrive();
        farUsdc.setBehaviour(bob, UnrulyToken.Behaviour.Reverts);
        farSolver.willDeliver(2_500e6);

        settleOnB(list(account));

        assertEq(farUsdc.balanceOf(alice), 1_248_750_000, "half");
        assertEq(b.escrow.balanceOf(bob, farAsset), 1_250e6, "its own ledger balance, untipped");
    }

    // ------------------------------------------------------------------------------------------------- ways out

    function test_Withdraw_ByTheMerchantToAnyone() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));
        address account = _credit(terms, 10e18);

        vm.startPrank(merchant);
        payoutAccounts.withdraw(terms, b.escrow, farAsset, 4e18, stranger);
        payoutAccounts.withdraw(terms, b.escrow, farAsset, 6e18, bob);
        vm.stopPrank();

        assertEq(farUsdc.balanceOf(stranger), 4e18, "first");
        assertEq(farUsdc.balanceOf(bob), 6e18, "second");
        assertEq(b.escrow.balanceOf(account, farAsset), 0, "nothing left");
    }

    function test_RevertWhen_WithdrawnByAnotherThanTheMerchant() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));
        _credit(terms, 10e18);

        vm.expectRevert(abi.encodeWithSelector(IPayoutAccounts.PayoutAccounts_NotMerchant.selector, alice, merchant));
        vm.prank(alice);
        payoutAccounts.withdraw(terms, b.escrow, farAsset, 1, alice);
    }

    function test_RevertWhen_TermsAreNotThoseOfTheAccount() public {
        _credit(_terms(recipients(alice, 5_000, bob, 5_000)), 10e18);
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));
        terms.merchant = stranger;
        address another = payoutAccounts.accountOf(terms);

        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_InsufficientLedger.selector, another, farAsset, 1, 0));
        vm.prank(stranger);
        payoutAccounts.withdraw(terms, b.escrow, farAsset, 1, stranger);
    }

    function test_RevertWhen_AccountIsAskedDirectly() public {
        PayoutTerms memory terms = _terms(new Recipient[](0));
        address account = _credit(terms, 10e18);
        vm.prank(merchant);
        payoutAccounts.withdraw(terms, b.escrow, farAsset, 1, merchant);

        vm.expectRevert(abi.encodeWithSelector(PayoutAccount.PayoutAccount_NotFactory.selector, merchant));
        vm.prank(merchant);
        PayoutAccount(account).withdraw(b.escrow, farAsset, 1, merchant);
    }

    function test_Distribute_ByARecipientIntoLedgers() public {
        PayoutTerms memory terms = _terms(recipients(alice, 3_333, bob, 6_667));
        address account = _credit(terms, 10e18 + 1);

        vm.expectEmit(address(payoutAccounts));
        emit IPayoutAccounts.Distributed(account, farAsset, bob, 10e18 + 1);
        vm.prank(bob);
        payoutAccounts.distribute(terms, b.escrow, farAsset);

        assertEq(b.escrow.balanceOf(alice, farAsset), 3.333e18, "rounded down");
        assertEq(b.escrow.balanceOf(bob, farAsset), 6.667e18 + 1, "the rest");
        assertEq(b.escrow.balanceOf(account, farAsset), 0, "nothing left");
        assertEq(farUsdc.balanceOf(address(payoutAccounts)), 0, "nothing here");
    }

    function test_Distribute_OfTheEscrowsShareToTheMerchant() public {
        _distributesToMerchantInPlaceOf(address(b.escrow));
    }

    /// @dev No registration names nobody; a message may still be for whatever account.
    function test_Distribute_OfNobodysShareToTheMerchant() public {
        _distributesToMerchantInPlaceOf(address(0));
    }

    function _distributesToMerchantInPlaceOf(address other) internal {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, other, 5_000));
        _credit(terms, 10e18);

        vm.prank(alice);
        payoutAccounts.distribute(terms, b.escrow, farAsset);

        assertEq(b.escrow.balanceOf(merchant, farAsset), 5e18, "the merchant's");
    }

    function test_Distribute_ToTheMerchantAlone() public {
        PayoutTerms memory terms = _terms(new Recipient[](0));
        _credit(terms, 10e18);

        vm.prank(merchant);
        payoutAccounts.distribute(terms, b.escrow, farAsset);

        assertEq(b.escrow.balanceOf(merchant, farAsset), 10e18, "all of it");
    }

    function testFuzz_Distribute_AddsUp(uint256 amount, uint16 shareBps) public {
        amount = bound(amount, 1, type(uint96).max);
        shareBps = uint16(bound(shareBps, 0, 10_000));
        PayoutTerms memory terms = _terms(recipients(alice, shareBps, bob, 10_000 - shareBps));
        _credit(terms, amount);

        vm.prank(alice);
        payoutAccounts.distribute(terms, b.escrow, farAsset);

        uint256 first = b.escrow.balanceOf(alice, farAsset);
        assertEq(first, amount * shareBps / 10_000, "first, rounded down");
        assertEq(b.escrow.balanceOf(bob, farAsset), amount - first, "the rest");
    }

    function test_RevertWhen_DistributedByAStranger() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));
        _credit(terms, 10e18);

        vm.expectRevert(abi.encodeWithSelector(IPayoutAccounts.PayoutAccounts_NotParty.selector, stranger));
        vm.prank(stranger);
        payoutAccounts.distribute(terms, b.escrow, farAsset);
    }

    function test_RevertWhen_NothingToDistribute() public {
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, bob, 5_000));
        address account = payoutAccounts.accountOf(terms);

        vm.expectRevert(
            abi.encodeWithSelector(IPayoutAccounts.PayoutAccounts_NothingToDistribute.selector, account, farAsset)
        );
        vm.prank(alice);
        payoutAccounts.distribute(terms, b.escrow, farAsset);
    }

    /// @dev Who names an escrow of its own moves nothing of anybody's and is left no allowance.
    function test_Distribute_FalseEscrowGetsNothing() public {
        _credit(_terms(recipients(alice, 5_000, bob, 5_000)), 10e18);
        PayoutTerms memory terms = _terms(recipients(alice, 5_000, stranger, 5_000));
        FalseEscrow escrow = new FalseEscrow();

        vm.expectRevert(abi.encodeWithSelector(IPayoutAccounts.PayoutAccounts_TransferMismatch.selector, 0, 1e18));
        vm.prank(stranger);
        payoutAccounts.distribute(terms, IMatiEscrow(address(escrow)), farAsset);

        escrow.willPay(true);
        vm.prank(treasury);
        mati.transfer(address(escrow), 1e18);
        vm.prank(stranger);
        payoutAccounts.distribute(terms, IMatiEscrow(address(escrow)), address(mati));
        assertEq(mati.allowance(address(payoutAccounts), address(escrow)), 0, "no allowance");
    }

    // ------------------------------------------------------------------------------------------------- helpers

    function _terms(Recipient[] memory onB) internal view returns (PayoutTerms memory) {
        Registration memory registration = registrationOf(merchant, 1, onB);
        return PayoutTerms({merchant: merchant, payout: registration.payout, chain: registration.chains[1]});
    }

    function _registerOnA(Recipient[] memory onB) internal {
        Registration memory registration = registrationOf(merchant, 1, onB);
        vm.prank(merchant);
        a.registry.register(registration, "");
    }

    /// @dev The merchant's WETH on its way to B as MATI; returns the account that it is sent to.
    function _send() internal returns (address) {
        credit(merchant, weth, 1 ether, MIDNIGHT);
        solver.willDeliver(10_000e18 + 70.7e18);
        settle(across(), list(merchant), MESSAGE_FEE);
        return a.registry.payoutAccount(merchant);
    }

    function _refreshB() internal {
        feed(b.oracle, address(b.token), 0.25e8, 57);
        feed(b.oracle, farAsset, 1e8, 68);
    }

    /// @dev A ledger balance of USDC on B for the account of those terms.
    function _credit(PayoutTerms memory terms, uint256 amount) internal returns (address account) {
        account = payoutAccounts.accountOf(terms);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry({account: account, amount: uint112(amount)});
        farUsdc.mint(address(this), amount);
        farUsdc.approve(address(b.escrow), amount);
        b.escrow.deposit(farAsset, credits, "arrived");
    }

    function _assertOpen(address account, PayoutTerms memory terms) internal view {
        (Payout memory payout, address itsSettler, uint112 reserve, bool isSplit, address further) =
            b.registry.settlementOf(account, address(b.token));
        assertEq(abi.encode(payout), abi.encode(terms.payout), "payout");
        assertEq(itsSettler, terms.chain.settler, "settler");
        assertEq(reserve, 0, "no reserve");
        assertTrue(isSplit, "its recipients are read");
        assertEq(further, address(0), "no further account");
        if (terms.chain.recipients.length == 0) return;
        assertEq(abi.encode(b.registry.recipients(account)), abi.encode(terms.chain.recipients), "recipients");
    }

    function _assertRefused(PayoutTerms memory terms, string memory field) internal {
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadRegistration.selector, field));
        b.registry.openPayoutAccount(terms);
    }
}

/// @dev Says that it owes 1e18, and pays or does not.
contract FalseEscrow {
    bool internal _pays;

    function willPay(bool pays) external {
        _pays = pays;
    }

    function withdraw(address token, uint256, address to) external {
        if (_pays) IERC20(token).transfer(to, 1e18);
    }

    function deposit(address, LedgerEntry[] calldata, bytes32) external {}

    function balanceOf(address, address) external pure returns (uint256) {
        return 1e18;
    }
}
