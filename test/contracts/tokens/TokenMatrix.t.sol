// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {
    FeeOnTransferToken,
    ITransferHook,
    NonReturningToken,
    PlainToken,
    RegisteredHookToken
} from "../base/Tokens.sol";
import {FalseReturningToken, PausingToken, RebasingToken, Uint96Token} from "./MatrixTokens.sol";

/// @dev What all test tokens have; what it returns is not read, since some return nothing.
interface IMintable {
    function mint(address to, uint256 amount) external;
    function approve(address spender, uint256 amount) external;
}

/// given a token of any decimals, one that returns nothing, returns false on failure, counts in 96 bits or calls hooks
///   → authorize, capture, settle, withdraw, void, reclaim and refund are right to the unit
/// given it refuses a recipient, or pauses → entry is refused with the token's own reason; what ends meanwhile becomes a
///   ledger balance, which is paid out once the token allows it
/// given it takes a fee on transfer → refused at the way in, naming both amounts
/// given it rebases up → everything is right to the unit, and what grew is nobody's
/// given it rebases down → the last ones out wait; whatever the token, no other token's solvency is touched
contract TokenMatrixTest is EscrowTest {
    /// @dev What the escrow owes in another token throughout: a hold and a ledger balance.
    uint256 internal constant BYSTANDERS = 100e6;

    function setUp() public override {
        super.setUp();
        Payment memory p = usdcTerms();
        authorize(p);
        p.invoice = "captured";
        authorize(p);
        vm.prank(merchant);
        escrow.capture(p, 50e6, 100, true);
    }

    function test_Decimals0() public {
        lifeCycle(address(new PlainToken("NONE", 0)), 1000);
    }

    function test_Decimals0SmallestAmounts() public {
        lifeCycle(address(new PlainToken("NONE", 0)), 4);
    }

    function test_Decimals24() public {
        lifeCycle(address(new PlainToken("MANY", 24)), 123_456_789e24);
    }

    /// @dev Right as long as no rate is needed: the oracle refuses a source for it.
    function test_Decimals30() public {
        lifeCycle(address(new PlainToken("TOOMANY", 30)), 1000e30);
    }

    function test_LargestAmount() public {
        lifeCycle(address(new PlainToken("HUGE", 18)), type(uint112).max / 4);
    }

    function test_ReturnsNothing() public {
        lifeCycle(address(new NonReturningToken()), 1000e6);
    }

    function test_ReturnsFalse() public {
        FalseReturningToken token = new FalseReturningToken();
        lifeCycle(address(token), 1000e18);

        Payment memory p = inToken(address(token), 5, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18 - 1);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        escrow.authorize(p, address(0), "");

        p = authorized(address(token), 6, 1e18);
        token.setRefused(refundTo, true);
        voidToLedger(p);
        vm.prank(refundTo);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        escrow.withdraw(address(token), 1e18, refundTo);
        token.setRefused(refundTo, false);
        withdrawFromLedger(p);
    }

    function test_CountsIn96Bits() public {
        Uint96Token token = new Uint96Token();
        lifeCycle(address(token), type(uint96).max / 4);

        Payment memory p = inToken(address(token), 5, type(uint96).max);
        p.maxAmount += 1;
        vm.startPrank(payer);
        token.approve(address(escrow), type(uint256).max);
        vm.expectRevert(bytes("amount exceeds 96 bits"));
        escrow.authorize(p, address(0), "");
        vm.stopPrank();
    }

    function test_CallsHooks() public {
        RegisteredHookToken token = new RegisteredHookToken();
        lifeCycle(address(token), 1000e18);
    }

    function test_HookThatRevertsOrReenters() public {
        RegisteredHookToken token = new RegisteredHookToken();
        Hooked hooked = new Hooked(escrow, token);
        Payment memory p = authorizedFor(address(token), 1, 1e18, address(hooked));
        hooked.arm(p, false);
        vm.prank(merchant);
        escrow.void(p);
        assertEq(token.balanceOf(address(hooked)), 1e18, "paid once");
        assertEq(token.balanceOf(address(escrow)), 0, "nothing more");

        p = authorizedFor(address(token), 2, 1e18, address(hooked));
        hooked.arm(p, true);
        vm.prank(merchant);
        escrow.void(p);
        assertEq(escrow.balanceOf(address(hooked), address(token)), 1e18, "its ledger balance");
        assertBystanders();
    }

    function test_BlocksAccounts() public {
        lifeCycle(address(usdc), 1000e6);
        Payment memory p = authorized(address(usdc), 5, 1e6);
        Payment memory q = inToken(address(usdc), 6, 1e6);
        vm.prank(payer);
        usdc.approve(address(escrow), 1e6);
        usdc.setBlacklisted(payer, true);
        vm.prank(payer);
        vm.expectRevert(bytes("Blacklistable: account is blacklisted"));
        escrow.authorize(q, address(0), "");
        usdc.setBlacklisted(refundTo, true);
        voidToLedger(p);
        usdc.setBlacklisted(refundTo, false);
        withdrawFromLedger(p);
        assertBystanders();
    }

    function test_Pauses() public {
        PausingToken token = new PausingToken();
        lifeCycle(address(token), 1000e18);
        Payment memory p = authorized(address(token), 5, 1e18);
        Payment memory q = authorized(address(token), 6, 1e18);
        Payment memory r = inToken(address(token), 7, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18);
        token.setPaused(true);
        vm.prank(payer);
        vm.expectRevert(bytes("Pausable: paused"));
        escrow.authorize(r, address(0), "");
        vm.prank(merchant);
        escrow.capture(q, 1e18, 100, true);
        voidToLedger(p);
        vm.prank(merchant);
        vm.expectRevert(bytes("Pausable: paused"));
        escrow.withdraw(address(token), 1, merchant);

        token.setPaused(false);
        withdrawFromLedger(p);
        assertBystanders();
    }

    function test_RevertWhen_ItTakesAFee() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        Payment memory p = inToken(address(token), 1, 1e18);
        vm.startPrank(payer);
        token.approve(address(escrow), 1e18);
        bytes memory expected = abi.encodeWithSelector(
            IMatiEscrow.Escrow_TransferMismatch.selector, address(token), uint256(0.99e18), uint256(1e18)
        );
        vm.expectRevert(expected);
        escrow.authorize(p, address(0), "");
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry({account: merchant, amount: 1e18});
        vm.expectRevert(expected);
        escrow.deposit(address(token), credits, "ref");
        vm.stopPrank();
        assertBystanders();
    }

    function test_RebasesUp() public {
        RebasingToken token = new RebasingToken();
        Payment memory p = authorized(address(token), 1, 1000e18);
        Payment memory q = authorized(address(token), 2, 1000e18);
        token.rebase(2e18);
        vm.startPrank(merchant);
        escrow.void(p);
        escrow.capture(q, 1000e18, 100, true);
        escrow.withdraw(address(token), 990e18, merchant);
        vm.stopPrank();
        assertEq(token.balanceOf(refundTo), 1000e18, "void");
        assertEq(token.balanceOf(merchant), 990e18, "withdraw");
        assertEq(token.balanceOf(address(escrow)), 2010e18, "the fee receiver's 10, and 2000 that are nobody's");
        assertBystanders();
    }

    function test_RebasesDown() public {
        RebasingToken token = new RebasingToken();
        Payment memory p = authorized(address(token), 1, 1000e18);
        Payment memory q = authorized(address(token), 2, 1000e18);
        token.rebase(0.5e18);
        vm.prank(merchant);
        escrow.void(p);
        assertEq(token.balanceOf(refundTo), 1000e18, "the first one out gets all there is");
        voidToLedger(q);
        vm.prank(refundTo);
        vm.expectRevert();
        escrow.withdraw(address(token), 1000e18, refundTo);
        assertBystanders();

        token.mint(address(escrow), 1000e18);
        vm.prank(refundTo);
        escrow.withdraw(address(token), 1000e18, refundTo);
        assertEq(token.balanceOf(refundTo), 2000e18, "once somebody makes up for it");
    }

    /// @dev Four payments of `amount`, one for each way a hold ends, and every way out of the ledger.
    function lifeCycle(address token, uint112 amount) internal {
        uint256 escrowBefore = IERC20(token).balanceOf(address(escrow));
        uint256 ledgerBefore = escrow.balanceOf(merchant, token);
        endHolds(token, amount);

        // The surplus of one, half of another captured, one voided, one reclaimed, half of the first refunded.
        assertEq(IERC20(token).balanceOf(refundTo), 3 * uint256(amount), "surplus, void, refund, reclaim");
        uint256 fee = uint256(amount) * 200 / 10_000 + uint256(amount / 2) * 200 / 10_000;
        uint256 earned = escrow.balanceOf(merchant, token) - ledgerBefore;
        assertEq(earned, amount - fee, "what was captured, less refund and fees");
        takeOut(token, uint112(earned));
        assertEq(IERC20(token).balanceOf(address(escrow)) - escrowBefore, fee, "nothing left but the fees");
        assertBystanders();
        vm.warp(1_800_000_000);
    }

    function endHolds(address token, uint112 amount) internal {
        Payment memory captured = authorized(token, 1, amount);
        Payment memory inParts = authorized(token, 2, amount);
        Payment memory voided = authorized(token, 3, amount);
        Payment memory reclaimed = authorized(token, 4, amount);

        vm.startPrank(merchant);
        escrow.capture(captured, amount, 200, true);
        escrow.capture(inParts, amount / 2, 200, true);
        escrow.void(voided);
        escrow.refund(captured, amount / 2, Funding.Ledger);
        vm.stopPrank();
        vm.warp(uint256(reclaimed.captureBy) + 1);
        escrow.reclaim(reclaimed);
    }

    /// @dev Half by the settler, the rest raw.
    function takeOut(address token, uint112 earned) internal {
        settle(token, earned / 2);
        assertEq(IERC20(token).balanceOf(settler), earned / 2, "settled");
        uint256 before = IERC20(token).balanceOf(merchant);
        vm.prank(merchant);
        escrow.withdraw(token, earned - earned / 2, merchant);
        assertEq(IERC20(token).balanceOf(merchant) - before, earned - earned / 2, "withdrawn");
    }

    /// @dev The escrow's part of a settlement: what the settler named by the merchant takes.
    function settle(address token, uint112 amount) internal {
        LedgerEntry[] memory debits = new LedgerEntry[](1);
        debits[0] = LedgerEntry({account: merchant, amount: amount});
        vm.prank(settler);
        escrow.debit(token, debits, settler);
    }

    function inToken(address token, uint256 number, uint112 amount) internal returns (Payment memory p) {
        escrow.setTokenAllowed(token, true);
        p = usdcTerms();
        p.token = token;
        p.currency = token;
        p.maxAmount = amount;
        p.due = amount;
        p.invoice = bytes32(number);
        if (token == address(usdc)) usdc.mint(payer, amount);
        else IMintable(token).mint(payer, amount);
    }

    function authorized(address token, uint256 number, uint112 amount) internal returns (Payment memory) {
        return authorizedFor(token, number, amount, refundTo);
    }

    function authorizedFor(address token, uint256 number, uint112 amount, address to)
        internal
        returns (Payment memory p)
    {
        p = inToken(token, number, amount);
        p.refundTo = to;
        vm.startPrank(payer);
        IMintable(token).approve(address(escrow), amount);
        bytes32 id = escrow.authorize(p, address(0), "");
        vm.stopPrank();
        assertState(id, PaymentStatus.Authorized, amount, 0);
    }

    function voidToLedger(Payment memory p) internal {
        vm.prank(merchant);
        escrow.void(p);
        assertEq(escrow.balanceOf(p.refundTo, p.token), p.maxAmount, "waits as a ledger balance");
    }

    function withdrawFromLedger(Payment memory p) internal {
        uint256 before = IERC20(p.token).balanceOf(p.refundTo);
        vm.prank(p.refundTo);
        escrow.withdraw(p.token, p.maxAmount, p.refundTo);
        assertEq(IERC20(p.token).balanceOf(p.refundTo) - before, p.maxAmount, "paid out later");
    }

    /// @dev Invariant 1, for a token that none of this is about.
    function assertBystanders() internal view {
        assertGe(usdc.balanceOf(address(escrow)), BYSTANDERS, "another token's solvency");
    }
}

/// @notice Is paid by a token with hooks: reverts, or tries to be paid again.
contract Hooked is ITransferHook {
    IMatiEscrow internal immutable ESCROW;
    Payment internal _payment;
    bool internal _reverts;

    constructor(IMatiEscrow escrow, RegisteredHookToken token) {
        ESCROW = escrow;
        token.register();
    }

    function arm(Payment calldata payment, bool reverts) external {
        _payment = payment;
        _reverts = reverts;
    }

    function onTransfer(address, uint256) external {
        require(!_reverts, "refused");
        (bool success,) = address(ESCROW).call(abi.encodeCall(ESCROW.void, (_payment)));
        (bool withdrew,) = address(ESCROW).call(abi.encodeCall(ESCROW.withdraw, (_payment.token, 1, address(this))));
        require(!success && !withdrew, "re-entered");
    }
}
