// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {CaptureOrders} from "../../../contracts/src/libraries/CaptureOrders.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {CaptureOrder, Funding, Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {HookToken, ITransferHook, UnrulyToken} from "../base/Tokens.sol";
import {EscrowTest} from "./EscrowTest.sol";
import {pack} from "../base/PackedOrders.sol";

/// captureMany, batch: one call after the other, each as by the same caller
///   → one that fails is left out, with an event that says why, and changes nothing (invariant 14)
///   given so little gas that one may have failed for want of it → reverts as a whole
///   → no caller gets a right from it, no call escapes the lock or a delay
contract BatchTest is EscrowTest {
    /// @dev More than any capture needs.
    uint256 internal constant CALL_GAS = 2_000_000;

    function test_CaptureMany_LeavesOutWhatFails() public {
        CaptureOrder[] memory orders = ordersOf(4);
        vm.prank(merchant);
        escrow.void(orders[1].payment);
        orders[2].feeBps = 201;
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(1, wrongStatus(orders[1].payment, PaymentStatus.Voided));
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            2, abi.encodeWithSelector(IMatiEscrow.Escrow_FeeOutOfBounds.selector, 201, 100, 200)
        );

        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany(pack(orders));

        assertEq(abi.encode(succeeded), abi.encode(list(true, false, false, true)), "which succeeded");
        assertState(idOf(orders[0]), PaymentStatus.Captured, 0, 0.02e18);
        assertState(idOf(orders[1]), PaymentStatus.Voided, 0, 0);
        assertState(idOf(orders[2]), PaymentStatus.Authorized, 0.03e18, 0);
        assertState(idOf(orders[3]), PaymentStatus.Captured, 0, 0.02e18);
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0396e18, "two captures");
    }

    function test_CaptureMany_CapturesAsCaptureDoes() public {
        CaptureOrder[] memory orders = ordersOf(2);
        (orders[0].dueAmount, orders[0].feeBps, orders[0].isFinal) = (20e18, 200, false);
        (orders[1].dueAmount, orders[1].isFinal) = (20e18, true);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(
            idOf(orders[0]), merchant, 20e18, 0.008e18, 0.00016e18, 0, false, 0.00784e18, 0.00016e18
        );
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.Captured(
            idOf(orders[1]), merchant, 20e18, 0.008e18, 0.00008e18, 0.022e18, true, 0.01576e18, 0.00024e18
        );

        vm.prank(operator);
        escrow.captureMany(pack(orders));

        assertState(idOf(orders[0]), PaymentStatus.Authorized, 0.022e18, 0.008e18);
        assertState(idOf(orders[1]), PaymentStatus.Captured, 0, 0.008e18);
    }

    function test_CaptureMany_LeavesOutWhatFailsWithoutAReason() public {
        CaptureOrder[] memory orders = ordersOf(2);
        orders[1].payment.currency = address(usdc);
        orders[1].payment.due = 50e6;
        orders[1].dueAmount = 50e6;
        authorize(orders[1].payment);
        vm.mockCallRevert(address(oracle), abi.encodeCall(IRateOracle.rate, (address(weth), address(usdc))), "");
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(1, "");

        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany(pack(orders));

        assertEq(succeeded[0], true, "the other one");
        assertEq(succeeded[1], false, "the one without a rate");
        assertState(idOf(orders[1]), PaymentStatus.Authorized, 0.03e18, 0);
    }

    /// @dev The one refusal that is no reason to skip: it takes a token of more than 2^112 units, which none should be that
    /// is allowed. `batch` skips it like any other.
    function test_CaptureMany_RevertsWholeWhereALedgerIsFull() public {
        CaptureOrder[] memory orders = ordersOf(2);
        orders[1].payment.merchant = stranger;
        orders[1].payment.autoCapture = true;
        authorize(orders[1].payment);
        fill(stranger);
        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_LedgerOverflow.selector, stranger, address(weth)));
        escrow.captureMany(pack(orders));

        bytes[] memory calls = new bytes[](2);
        for (uint256 i = 0; i < calls.length; ++i) {
            calls[i] = abi.encodeCall(escrow.capture, (orders[i].payment, 50e18, 100, true));
        }
        vm.prank(merchant);
        bool[] memory succeeded = escrow.batch(calls);
        assertEq(abi.encode(succeeded[0], succeeded[1]), abi.encode(true, false), "only the full one");
    }

    function test_CaptureMany_OfNothing() public {
        assertEq(escrow.captureMany(pack(new CaptureOrder[](0))).length, 0, "none");
        assertEq(escrow.batch(new bytes[](0)).length, 0, "none");
    }

    function test_CaptureMany_TheSamePaymentTwice() public {
        CaptureOrder[] memory orders = ordersOf(2);
        orders[1] = orders[0];
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(1, wrongStatus(orders[0].payment, PaymentStatus.Captured));

        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany(pack(orders));

        assertEq(abi.encode(succeeded[0], succeeded[1]), abi.encode(true, false), "once");
    }

    /// @dev Whoever sends it is the caller of each.
    function test_CaptureMany_GivesAStrangerNoRight() public {
        CaptureOrder[] memory orders = ordersOf(1);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            0, abi.encodeWithSelector(IMatiEscrow.Escrow_NotMerchant.selector, stranger, merchant)
        );

        vm.prank(stranger);
        escrow.captureMany(pack(orders));

        assertState(idOf(orders[0]), PaymentStatus.Authorized, 0.03e18, 0);
    }

    function test_RevertWhen_OrdersAreMalformed() public {
        bytes memory orders = abi.encodePacked(pack(ordersOf(2)), uint8(0));
        vm.prank(merchant);
        vm.expectRevert(CaptureOrders.CaptureOrders_Malformed.selector);
        escrow.captureMany(orders);
    }

    /// @dev The bits that an address has no room for are a part of what is hashed: such terms were never authorized.
    function test_CaptureMany_LeavesOutWhatDoesNotFitItsType() public {
        bytes memory order = pack(ordersOf(1));
        uint256 dirty = uint256(uint160(merchant)) | 1 << 160;
        // The same twice: as it is, and with one word changed.
        bytes memory orders = abi.encodePacked(order, uint8(1), uint8(1), dirty);
        orders[1] = bytes1(uint8(2));

        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany(orders);

        assertEq(abi.encode(succeeded[0], succeeded[1]), abi.encode(true, false), "which succeeded");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0.0198e18, "one capture");
    }

    /// @dev Same results, logs and reasons as the same captures one by one, whoever calls: of payments that share terms or
    /// not, in parts or whole, twice, above what is due, with fees and terms that were never signed.
    function testFuzz_CaptureMany_IsABatchOfCaptures(uint256 seed) public {
        Payment[] memory payments = _drawPayments(seed);
        CaptureOrder[] memory orders = new CaptureOrder[](draw(seed, "count") % 7);
        bytes[] memory calls = new bytes[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            CaptureOrder memory order = orders[i];
            uint256 drawn = draw(seed, string.concat("order ", vm.toString(i)));
            order.payment = abi.decode(abi.encode(payments[drawn % payments.length]), (Payment));
            if (drawn >> 8 & 7 == 0) order.payment.payer = stranger;
            if (drawn >> 8 & 7 == 1) order.payment.invoice = bytes32(drawn);
            uint256 due = order.payment.due;
            order.dueAmount = drawn >> 16 & 3 == 0 ? (drawn >> 24) % (due * 9 / 8) : due / ((drawn >> 24 & 1) + 1);
            order.feeBps = drawn >> 32 & 7 == 0 ? 99 + (drawn >> 40) % 104 : 100;
            order.isFinal = drawn >> 48 & 1 == 0;
            calls[i] = abi.encodeCall(escrow.capture, (order.payment, order.dueAmount, order.feeBps, order.isFinal));
        }
        address[4] memory callers = [merchant, operator, stranger, payer];
        address caller = callers[draw(seed, "caller") % 4];
        uint256 snapshot = vm.snapshotState();

        vm.recordLogs();
        vm.prank(caller);
        bool[] memory succeeded = escrow.captureMany(pack(orders));
        bytes memory logs = abi.encode(vm.getRecordedLogs());

        vm.revertToState(snapshot);
        vm.recordLogs();
        vm.prank(caller);
        assertEq(abi.encode(succeeded), abi.encode(escrow.batch(calls)), "which succeeded");
        assertEq(logs, abi.encode(vm.getRecordedLogs()), "logs");
    }

    /// @dev Authorized: two merchants, two tokens, due in the token or in USD, by anyone or not.
    function _drawPayments(uint256 seed) internal returns (Payment[] memory payments) {
        payments = new Payment[](3);
        for (uint256 i = 0; i < payments.length; ++i) {
            uint256 drawn = draw(seed, string.concat("payment ", vm.toString(i)));
            Payment memory p = payments[i] = drawn & 1 == 0 ? terms() : usdcTerms();
            if (drawn & 2 == 0) p.merchant = stranger;
            if (drawn & 4 == 0) p.feeReceiver = merchant;
            p.autoCapture = drawn & 8 == 0;
            p.captureAfter = uint40(block.timestamp + (drawn & 0x70 == 0 ? 1 : 0));
            p.invoice = bytes32(i);
            authorize(p);
        }
    }

    function draw(uint256 seed, string memory what) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }

    function test_Batch_CallsWhateverTheCallerMay() public {
        Payment memory p = terms();
        bytes memory sig = signature(payerKey, escrow.paymentId(p));
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(escrow.authorize, (p, address(0), sig));
        calls[1] = abi.encodeCall(escrow.capture, (p, 20e18, 100, true));
        calls[2] = abi.encodeCall(escrow.refund, (p, 0.004e18, Funding.Ledger));
        calls[3] = abi.encodeCall(escrow.withdraw, (address(weth), 0.00392e18, stranger));

        vm.prank(merchant);
        bool[] memory succeeded = escrow.batch(calls);

        assertEq(abi.encode(succeeded), abi.encode(list(true, true, true, true)), "all");
        assertState(escrow.paymentId(p), PaymentStatus.Captured, 0, 0.008e18);
        assertEq(weth.balanceOf(refundTo), 0.026e18, "surplus and refund");
        assertEq(weth.balanceOf(stranger), 0.00392e18, "withdrawn");
        assertEq(escrow.balanceOf(merchant, address(weth)), 0, "ledger");
    }

    function test_Batch_LeavesOutWhatIsNoCall() public {
        bytes[] memory calls = new bytes[](4);
        calls[0] = "";
        calls[1] = hex"12345678";
        calls[2] = abi.encodePacked(escrow.void.selector);
        calls[3] = abi.encodeCall(escrow.intakePaused, ());
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(escrow));
            emit IMatiEscrow.CallSkipped(i, "");
        }

        bool[] memory succeeded = escrow.batch(calls);

        assertEq(abi.encode(succeeded), abi.encode(list(false, false, false, true)), "which succeeded");
    }

    function test_Batch_InABatch() public {
        CaptureOrder[] memory orders = ordersOf(2);
        orders[0].feeBps = 99;
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(escrow.captureMany, (pack(orders)));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(escrow.batch, (inner));

        vm.prank(merchant);
        bool[] memory succeeded = escrow.batch(calls);

        assertTrue(succeeded[0], "the batch did");
        assertState(idOf(orders[0]), PaymentStatus.Authorized, 0.03e18, 0);
        assertState(idOf(orders[1]), PaymentStatus.Captured, 0, 0.02e18);
    }

    function test_Batch_RestrictedCalls() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(escrow.setIntakePaused, (true));
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            0, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        escrow.batch(calls);
        assertEq(escrow.intakePaused(), false, "by a stranger");

        escrow.batch(calls);
        assertEq(escrow.intakePaused(), true, "by the admin");
    }

    /// @dev Invariant 15: no delay is escaped.
    function test_Batch_RestrictedCallsAfterTheirDelay() public {
        address config = makeAddress("config");
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = escrow.setCollector.selector;
        access.grantRole(access.CONFIG_ROLE(), config, 2 days);
        access.setTargetFunctionRole(address(escrow), selectors, access.CONFIG_ROLE());
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(escrow.setCollector, (stranger, true));
        calls[1] = calls[0];
        bytes32 operation = access.hashOperation(config, address(escrow), calls[0]);
        vm.startPrank(config);
        access.schedule(address(escrow), calls[0], 0);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            0, abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation)
        );
        escrow.batch(calls);
        assertEq(escrow.isCollector(stranger), false, "before");

        vm.warp(block.timestamp + 2 days);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            1, abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation)
        );
        bool[] memory succeeded = escrow.batch(calls);
        vm.stopPrank();
        assertEq(escrow.isCollector(stranger), true, "after");
        assertEq(abi.encode(succeeded[0], succeeded[1]), abi.encode(true, false), "scheduled once, made once");
    }

    /// @dev From within another action a batch runs, but every call in it meets the lock.
    function test_Batch_FromWithinAnotherAction() public {
        HookToken token = new HookToken();
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18);
        BatchProber prober = new BatchProber(escrow);
        Payment memory p = usdcTerms();
        (p.token, p.currency, p.merchant) = (address(token), address(token), address(prober));
        p.refundTo = address(prober);
        bytes32 id = authorize(p);
        vm.warp(uint256(p.captureBy) + 1);
        prober.willVoid(p);
        vm.expectEmit(address(escrow));
        emit IMatiEscrow.CallSkipped(
            0, abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );

        vm.prank(merchant);
        prober.start(token);

        assertTrue(prober.wasPaid(), "the hook ran");
        assertState(id, PaymentStatus.Authorized, 50e6, 0);
    }

    /// @dev With too little gas to know why one failed, nothing is skipped.
    function test_RevertWhen_OneFailsWithLittleGas() public {
        CaptureOrder[] memory orders = ordersOf(2);
        orders[0].feeBps = 99;
        vm.prank(merchant);
        vm.expectPartialRevert(IMatiEscrow.Escrow_InsufficientGas.selector);
        escrow.captureMany{gas: CALL_GAS}(pack(orders));

        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany{gas: CALL_GAS + 60_000}(pack(orders));
        assertEq(abi.encode(succeeded[0], succeeded[1]), abi.encode(false, true), "only the bad one");
    }

    /// @dev One that succeeds needs no more than it uses.
    function test_SucceedsWithLittleGas() public {
        CaptureOrder[] memory orders = ordersOf(1);
        vm.prank(merchant);
        bool[] memory succeeded = escrow.captureMany{gas: 500_000}(pack(orders));
        assertTrue(succeeded[0], "captured");
    }

    /// @dev Whatever the gas: the bad one fails, the good ones succeed, or nothing happened. One transfer burns all it
    /// gets, which is the dearest a capture can be made.
    function testFuzz_GasChoosesNothing(uint256 gasLimit) public {
        UnrulyToken token = new UnrulyToken("UNRULY", 18);
        token.setBehaviour(refundTo, UnrulyToken.Behaviour.BurnsGas);
        escrow.setTokenAllowed(address(token), true);
        oracle.setSource(address(token), source(address(ethFeed), 100e8, 100_000e8));
        token.mint(payer, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18);
        CaptureOrder[] memory orders = ordersOf(3);
        orders[0].payment.token = address(token);
        authorize(orders[0].payment);
        orders[1].feeBps = 99;
        gasLimit = bound(gasLimit, 100_000, 4_000_000);

        vm.prank(merchant);
        try escrow.captureMany{gas: gasLimit}(pack(orders)) returns (bool[] memory succeeded) {
            assertEq(
                abi.encode(succeeded[0], succeeded[1], succeeded[2]), abi.encode(true, false, true), "which succeeded"
            );
        } catch {
            assertState(idOf(orders[2]), PaymentStatus.Authorized, 0.03e18, 0);
        }
    }

    /// @dev Credits all that a ledger can ever be credited.
    function fill(address account) internal {
        weth.mint(payer, uint256(type(uint112).max));
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(account, type(uint112).max);
        vm.prank(payer);
        escrow.deposit(address(weth), credits, "");
    }

    function ordersOf(uint256 count) internal returns (CaptureOrder[] memory orders) {
        orders = new CaptureOrder[](count);
        for (uint256 i = 0; i < count; ++i) {
            Payment memory p = terms();
            p.invoice = bytes32(i);
            authorize(p);
            orders[i] = CaptureOrder({payment: p, dueAmount: 50e18, feeBps: 100, isFinal: true});
        }
    }

    function idOf(CaptureOrder memory order) internal view returns (bytes32) {
        return escrow.paymentId(order.payment);
    }

    function wrongStatus(Payment memory p, PaymentStatus status) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, escrow.paymentId(p), status);
    }

    function list(bool a, bool b, bool c, bool d) internal pure returns (bool[] memory all) {
        all = new bool[](4);
        (all[0], all[1], all[2], all[3]) = (a, b, c, d);
    }
}

/// @dev A merchant that, when it is paid, batches a void.
contract BatchProber is ITransferHook {
    IMatiEscrow internal immutable ESCROW;
    bytes[] internal _calls;
    bool public wasPaid;

    constructor(IMatiEscrow escrow) {
        ESCROW = escrow;
    }

    function willVoid(Payment calldata payment) external {
        _calls.push(abi.encodeCall(ESCROW.void, (payment)));
    }

    /// @dev Is paid nothing, which calls its hook nonetheless.
    function start(HookToken token) external {
        ESCROW.withdraw(address(token), 0, address(this));
    }

    function onTransfer(address, uint256) external {
        wasPaid = true;
        ESCROW.batch(_calls);
    }
}
