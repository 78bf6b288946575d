// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {CaptureOrder, Funding, Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {StockCollector} from "../MatiEscrow/Collectors.t.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {PickyToken} from "../base/Tokens.sol";
import {EscrowModel} from "./EscrowModel.sol";
import {pack} from "../base/PackedOrders.sol";

/// @notice Sends the escrow raw calls, most of them possible, many not, and holds each outcome against the model: that
/// it succeeded exactly when it should have, and what it left behind.
/// @dev Nothing is filtered out beforehand: a handler that only sends valid calls cannot notice a missing check. Each
/// `plan…` says what a call must do and does it to the model; what then happens must agree.
contract EscrowHandler is EscrowTest {
    using EscrowModel for EscrowModel.Modeled;

    struct Account {
        uint256 credited;
        uint256 debited;
    }

    /// @dev A call, whether it must succeed, and the payment and account whose state it tells of.
    struct Plan {
        bytes call;
        bool expected;
        bytes32 id;
        address account;
        address token;
    }

    /// @dev How a payment's money is asked for, and whether it comes.
    struct Way {
        address collector;
        bytes data;
        bool brings;
    }

    PickyToken internal picky;
    StockCollector internal collector;
    StockCollector internal unknownCollector;
    address[] internal actors;
    address[] internal tokens;

    bytes32[] public ids;
    mapping(bytes32 id => EscrowModel.Modeled) internal modeled;
    mapping(address account => mapping(address token => Account)) internal accounts;
    mapping(string action => uint256) public succeeded;
    mapping(string action => uint256) public failed;

    uint256 internal answer = 2500e8;
    uint256 internal answeredAt;
    uint256 internal startedAt;
    bool internal paused;
    uint256 internal salt;

    constructor() {
        setUp();
        (answeredAt, startedAt) = (block.timestamp, block.timestamp);
        picky = new PickyToken(true);
        escrow.setTokenAllowed(address(picky), true);
        picky.mint(payer, 1_000_000e18);
        vm.prank(payer);
        picky.approve(address(escrow), type(uint256).max);
        weth.mint(stranger, 1_000_000e18);
        vm.prank(stranger);
        weth.approve(address(escrow), type(uint256).max);
        collector = new StockCollector(escrow);
        unknownCollector = new StockCollector(escrow);
        escrow.setCollector(address(collector), true);
        weth.mint(address(collector), 1_000_000e18);
        usdc.mint(address(collector), 1_000_000e6);
        picky.mint(address(collector), 1_000_000e18);
        usdc.mint(payer, 1_000_000e6);
        actors = [payer, merchant, operator, settler, feeReceiver, refundTo, stranger];
        tokens = [address(weth), address(usdc), address(picky)];
    }

    // ---------------------------------------------------------------------------------------------- actions

    function doAuthorize(uint256 seed, uint256 way) external {
        (Payment memory p, address caller) = drawOpening(seed);
        Way memory w = drawWay(p, caller, seed, way % 4);
        Plan memory plan = planOf(escrow.paymentId(p), abi.encodeCall(escrow.authorize, (p, w.collector, w.data)));
        plan.expected = EscrowModel.canAuthorize(p, modeled[plan.id].status, opening(p, caller, w));
        if (plan.expected) open(plan.id, p);

        agree("authorize", send(caller, plan.call), plan.expected);
        if (plan.expected) check(plan);
    }

    function doCharge(uint256 seed, uint256 way, uint256 feeBps) external {
        (Payment memory p, address caller) = drawOpening(seed);
        if (draw(seed, "whoCharges") % 3 == 0) caller = p.merchant;
        feeBps = draw(seed, "fee") % 4 != 0 ? p.minFeeBps : bound(feeBps, 0, uint256(p.maxFeeBps) + 20);
        Plan memory plan = planCharge(p, caller, drawWay(p, caller, seed, way % 4), feeBps);

        agree("charge", send(caller, plan.call), plan.expected);
        if (plan.expected) check(plan);
    }

    function doCapture(uint256 seed, uint256 dueAmount, uint256 feeBps, bool isFinal) external {
        address caller = drawCaller(seed);
        (Plan memory plan,) = planCapture(seed, caller, dueAmount, feeBps, isFinal);
        carryOut("capture", caller, plan);
    }

    function doVoid(uint256 seed) external {
        address caller = drawCaller(seed);
        carryOut("void", caller, planVoid(seed, caller));
    }

    function doReclaim(uint256 seed) external {
        carryOut("reclaim", drawCaller(seed), planReclaim(seed));
    }

    function doDispute(uint256 seed) external {
        address caller = draw(seed, "by") % 4 == 0 ? drawCaller(seed) : payer;
        carryOut("dispute", caller, planDispute(seed, caller));
    }

    function doResolve(uint256 seed, uint256 amount) external {
        address caller = draw(seed, "by") % 4 == 0 ? drawCaller(seed) : settler;
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return;
        uint256 kind = draw(seed, "ruling") % 5;
        amount = kind == 0 ? 0 : kind == 1 ? m.held : bound(amount, 0, m.held + m.held / 8 + 1);
        Plan memory plan = planOf(id, abi.encodeCall(escrow.resolve, (m.terms, amount)));
        plan.expected = m.status == PaymentStatus.Disputed && caller == m.terms.arbiter
            && block.timestamp <= m.terms.resolveBy && amount <= m.held;
        if (plan.expected) applyRuling(m, amount);
        carryOut("resolve", caller, plan);
    }

    function doResolveByDefault(uint256 seed) external {
        carryOut("resolveByDefault", drawCaller(seed), planDefault(seed));
    }

    function doRefund(uint256 seed, uint256 amount, bool fromLedger) external {
        address caller = draw(seed, "by") % 2 == 0 ? drawCaller(seed) : fromLedger ? merchant : payer;
        carryOut("refund", caller, planRefund(seed, caller, amount, fromLedger));
    }

    function doRefundDue(uint256 seed, uint256 dueAmount, uint256 maxAmount, bool fromLedger) external {
        address caller = draw(seed, "by") % 2 == 0 ? drawCaller(seed) : fromLedger ? merchant : payer;
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return;
        Payment memory p = m.terms;
        dueAmount =
            draw(seed, "all") % 3 == 0 ? m.dueCaptured - m.dueRefunded : bound(dueAmount, 0, m.dueCaptured * 9 / 8 + 1);
        maxAmount = draw(seed, "bounded") % 3 == 0 ? bound(maxAmount, 0, 1e18) : type(uint256).max;
        uint256 amount = EscrowModel.worthNow(p, dueAmount, world(caller, p));
        Funding funding = fromLedger ? Funding.Ledger : Funding.Caller;
        Plan memory plan = planOf(id, abi.encodeCall(escrow.refundDue, (p, dueAmount, maxAmount, funding)));
        plan.expected = amount != 0 && amount <= maxAmount && dueAmount != 0
            && dueAmount <= m.dueCaptured - m.dueRefunded && mayFund(p, caller, amount, fromLedger);
        if (plan.expected) applyRefund(m, amount, dueAmount, fromLedger);
        carryOut("refundDue", caller, plan);
    }

    function doFreeze(uint256 seed) external {
        address caller = draw(seed, "by") % 4 == 0 ? drawCaller(seed) : address(this);
        carryOut("freeze", caller, planFreeze(seed, caller));
    }

    function doCaptureMany(uint256 seed, uint256 dueAmount, uint256 feeBps) external {
        if (ids.length == 0) return;
        address caller = drawCaller(seed);
        uint256 count = draw(seed, "orders") % 4 + 1;
        CaptureOrder[] memory orders = new CaptureOrder[](count);
        Plan[] memory plans = new Plan[](count);
        for (uint256 i = 0; i < count; ++i) {
            (plans[i], orders[i]) = planCapture(draw(seed, "order") + i, caller, dueAmount, feeBps, i % 2 == 0);
        }
        vm.prank(caller);
        check("in captureMany", plans, escrow.captureMany(pack(orders)));
    }

    /// @dev Invariant 14: those that must succeed do, whatever stands between them.
    function doBatch(uint256 seed, uint256 amount) external {
        if (ids.length == 0) return;
        address caller = drawCaller(seed);
        uint256 count = draw(seed, "calls") % 4 + 1;
        bytes[] memory calls = new bytes[](count);
        Plan[] memory plans = new Plan[](count);
        for (uint256 i = 0; i < count; ++i) {
            plans[i] = planAny(draw(seed, "call") + i, caller, amount);
            calls[i] = plans[i].call;
        }
        vm.prank(caller);
        check("in batch", plans, escrow.batch(calls));
    }

    function doWithdraw(uint256 seed, uint256 amount) external {
        address caller = drawCaller(seed);
        carryOut("withdraw", caller, planWithdraw(seed, caller, amount));
    }

    function doDeposit(uint256 seed, uint256 amount) external {
        address account = draw(seed, "account") % 10 == 0 ? address(0) : actors[draw(seed, "whom") % actors.length];
        address caller = draw(seed, "caller") % 4 == 0 ? merchant : stranger;
        amount = bound(amount, 0, 10e18);
        bool expected =
            account != address(0) && (caller == stranger || amount == 0) && weth.balanceOf(stranger) >= amount;
        if (expected) accounts[account][address(weth)].credited += amount;

        bool success =
            send(caller, abi.encodeCall(escrow.deposit, (address(weth), entry(account, amount), bytes32(seed))));
        agree("deposit", success, expected);
        checkAccount(account, address(weth));
    }

    function doDebit(uint256 seed, uint256 amount) external {
        address account = actors[draw(seed, "account") % actors.length];
        address caller = draw(seed, "caller") % 3 == 0 ? actors[draw(seed, "who") % actors.length] : settler;
        address token = tokens[draw(seed, "token") % tokens.length];
        uint256 balance = balanceOf(account, token);
        amount = bound(amount, 0, balance + balance / 4 + 1);
        bool expected = account == merchant && caller == settler && amount <= balance && !refuses(token, settler);
        if (expected) accounts[account][token].debited += amount;

        bool success = send(caller, abi.encodeCall(escrow.debit, (token, entry(account, amount), settler)));
        agree("debit", success, expected);
        checkAccount(account, token);
    }

    // ------------------------------------------------------------------------------------------------ plans

    function planCharge(Payment memory p, address caller, Way memory way, uint256 feeBps)
        internal
        returns (Plan memory plan)
    {
        plan = planOf(escrow.paymentId(p), abi.encodeCall(escrow.charge, (p, way.collector, way.data, feeBps)));
        EscrowModel.World memory w = opening(p, caller, way);
        if (!EscrowModel.canAuthorize(p, modeled[plan.id].status, w)) return plan;
        uint256 amount = EscrowModel.opened(p).captureAmount(p.due, feeBps, w);
        plan.expected = amount != 0;
        if (!plan.expected) return plan;
        open(plan.id, p);
        applyCapture(modeled[plan.id], p.due, feeBps, amount, true);
    }

    function planCapture(uint256 seed, address caller, uint256 dueAmount, uint256 feeBps, bool isFinal)
        internal
        returns (Plan memory plan, CaptureOrder memory order)
    {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return (plan, order);
        Payment memory p = m.terms;
        uint256 kind = draw(seed, "due") % 4;
        dueAmount = kind == 0 ? p.due : kind == 1 ? p.due - m.dueCaptured : bound(dueAmount, 0, uint256(p.due) * 5 / 4);
        feeBps = draw(seed, "fee") % 2 == 0 ? p.minFeeBps : bound(feeBps, 0, uint256(p.maxFeeBps) + 20);
        uint256 amount = m.captureAmount(dueAmount, feeBps, world(caller, p));
        plan = planOf(id, abi.encodeCall(escrow.capture, (p, dueAmount, feeBps, isFinal)));
        plan.expected = amount != 0;
        if (plan.expected) applyCapture(m, dueAmount, feeBps, amount, isFinal);
        order = CaptureOrder({payment: p, dueAmount: dueAmount, feeBps: feeBps, isFinal: isFinal});
    }

    function planVoid(uint256 seed, address caller) internal returns (Plan memory plan) {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        plan = planOf(id, abi.encodeCall(escrow.void, (m.terms)));
        plan.expected = m.status == PaymentStatus.Authorized && isMerchant(caller, m.terms.merchant);
        if (plan.expected) end(m, PaymentStatus.Voided);
    }

    function planReclaim(uint256 seed) internal returns (Plan memory plan) {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        plan = planOf(id, abi.encodeCall(escrow.reclaim, (m.terms)));
        plan.expected = m.status == PaymentStatus.Authorized && block.timestamp > m.terms.captureBy;
        if (plan.expected) end(m, PaymentStatus.Reclaimed);
    }

    function planDispute(uint256 seed, address caller) internal returns (Plan memory plan) {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        plan = planOf(id, abi.encodeCall(escrow.dispute, (m.terms)));
        plan.expected = m.status == PaymentStatus.Authorized && caller == m.terms.payer && m.terms.arbiter != address(0)
            && block.timestamp < m.terms.captureAfter;
        if (plan.expected) m.status = PaymentStatus.Disputed;
    }

    function planDefault(uint256 seed) internal returns (Plan memory plan) {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        plan = planOf(id, abi.encodeCall(escrow.resolveByDefault, (m.terms)));
        plan.expected = m.status == PaymentStatus.Disputed && block.timestamp > m.terms.resolveBy;
        if (plan.expected) applyRuling(m, m.held * m.terms.defaultMerchantBps / 10_000);
    }

    function planRefund(uint256 seed, address caller, uint256 amount, bool fromLedger)
        internal
        returns (Plan memory plan)
    {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        Payment memory p = m.terms;
        uint256 kind = draw(seed, "part") % 4;
        amount = kind == 0 ? m.captured : bound(amount, 0, m.captured / kind + 1);
        uint256 dueAmount = m.refundCounts(amount);
        plan = planOf(id, abi.encodeCall(escrow.refund, (p, amount, fromLedger ? Funding.Ledger : Funding.Caller)));
        plan.expected = amount != 0 && amount <= m.captured && dueAmount <= m.dueCaptured - m.dueRefunded
            && mayFund(p, caller, amount, fromLedger);
        if (plan.expected) applyRefund(m, amount, dueAmount, fromLedger);
    }

    function planFreeze(uint256 seed, address caller) internal returns (Plan memory plan) {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return plan;
        plan = planOf(id, abi.encodeCall(escrow.freezeCapture, (m.terms)));
        plan.expected = m.status == PaymentStatus.Authorized && caller == address(this) && m.frozenUntil == 0
            && block.timestamp + 3 days <= m.terms.captureBy;
        if (plan.expected) m.frozenUntil = block.timestamp + 2 days;
    }

    function planWithdraw(uint256 seed, address caller, uint256 amount) internal returns (Plan memory plan) {
        address token = tokens[draw(seed, "token") % tokens.length];
        address to = draw(seed, "to") % 10 == 0 ? address(escrow) : actors[draw(seed, "whom") % actors.length];
        uint256 balance = balanceOf(caller, token);
        amount = bound(amount, 0, balance + balance / 4 + 1);
        plan.call = abi.encodeCall(escrow.withdraw, (token, amount, to));
        (plan.account, plan.token) = (caller, token);
        plan.expected = amount <= balance && to != address(escrow) && !refuses(token, to);
        if (plan.expected) accounts[caller][token].debited += amount;
    }

    /// @dev For a batch: anything, also what is no call and what only the admin may.
    function planAny(uint256 seed, address caller, uint256 amount) internal returns (Plan memory plan) {
        uint256 kind = draw(seed, "kind") % 11;
        if (kind < 3) (plan,) = planCapture(seed, caller, amount, draw(seed, "bps"), seed % 2 == 0);
        if (kind == 3) plan = planVoid(seed, caller);
        if (kind == 4) plan = planReclaim(seed);
        if (kind == 5) plan = planDispute(seed, caller);
        if (kind == 6) plan = planDefault(seed);
        if (kind == 7) plan = planRefund(seed, caller, amount, true);
        if (kind == 8) plan = planWithdraw(seed, caller, amount);
        if (kind == 9) plan = planFreeze(seed, caller);
        if (kind == 10) plan.call = seed % 2 == 0 ? bytes("") : abi.encodeCall(escrow.setIntakePaused, (!paused));
    }

    // ------------------------------------------------------------------------------------------- the model

    function open(bytes32 id, Payment memory p) internal {
        ids.push(id);
        modeled[id] = EscrowModel.opened(p);
    }

    function applyCapture(
        EscrowModel.Modeled storage m,
        uint256 dueAmount,
        uint256 feeBps,
        uint256 amount,
        bool isFinal
    ) internal {
        bool ends = m.isFinal(dueAmount, isFinal);
        m.held -= amount;
        m.dueCaptured += dueAmount;
        credit(m, amount, feeBps);
        if (ends) end(m, PaymentStatus.Captured);
    }

    function applyRuling(EscrowModel.Modeled storage m, uint256 amount) internal {
        m.dueCaptured = (uint256(m.terms.due) * amount + m.held - 1) / m.held;
        m.held -= amount;
        credit(m, amount, m.terms.minFeeBps);
        end(m, PaymentStatus.Resolved);
    }

    function applyRefund(EscrowModel.Modeled storage m, uint256 amount, uint256 dueAmount, bool fromLedger) internal {
        Payment memory p = m.terms;
        m.dueRefunded += dueAmount;
        if (fromLedger) accounts[p.merchant][p.token].debited += amount;
        if (refuses(p.token, p.refundTo)) accounts[p.refundTo][p.token].credited += amount;
    }

    function credit(EscrowModel.Modeled storage m, uint256 amount, uint256 feeBps) internal {
        Payment memory p = m.terms;
        m.captured += amount;
        m.feeNumerator += amount * feeBps;
        uint256 fee = m.feeNumerator / 10_000 - m.feePaid;
        m.feePaid += fee;
        accounts[p.merchant][p.token].credited += amount - fee;
        accounts[p.feeReceiver][p.token].credited += fee;
    }

    // ------------------------------------------------------------------------------------------- surroundings

    function warp(uint256 secondsAhead) external {
        vm.warp(block.timestamp + bound(secondsAhead, 1, 1 days));
    }

    function updateRate(uint256 newAnswer) external {
        answer = bound(newAnswer, 90e8, 110_000e8);
        answeredAt = block.timestamp;
        ethFeed.updateAnswer(int256(answer));
    }

    function pause(bool value) external {
        paused = value;
        escrow.setIntakePaused(value);
    }

    function refuse(uint256 seed, bool value) external {
        picky.setRefused(actors[seed % actors.length], value);
    }

    function donate(uint256 amount) external {
        weth.mint(address(escrow), bound(amount, 0, 1e18));
    }

    // --------------------------------------------------------------------------------- what invariants read

    function count() external view returns (uint256) {
        return ids.length;
    }

    function get(bytes32 id) external view returns (EscrowModel.Modeled memory) {
        return modeled[id];
    }

    function escrowAddress() external view returns (address) {
        return address(escrow);
    }

    function actorList() external view returns (address[] memory) {
        return actors;
    }

    function tokenList() external view returns (address[] memory) {
        return tokens;
    }

    function balanceOf(address account, address token) public view returns (uint256) {
        return accounts[account][token].credited - accounts[account][token].debited;
    }

    // ----------------------------------------------------------------------------------------------- inside

    function end(EscrowModel.Modeled storage m, PaymentStatus status) internal {
        if (refuses(m.terms.token, m.terms.refundTo)) accounts[m.terms.refundTo][m.terms.token].credited += m.held;
        m.returned += m.held;
        m.held = 0;
        m.status = status;
    }

    function planOf(bytes32 id, bytes memory call) internal pure returns (Plan memory plan) {
        (plan.id, plan.call) = (id, call);
    }

    function carryOut(string memory action, address caller, Plan memory plan) internal {
        if (plan.call.length == 0) return; // there is no payment yet
        agree(action, send(caller, plan.call), plan.expected);
        check(plan);
    }

    function check(string memory action, Plan[] memory plans, bool[] memory outcomes) internal {
        assertEq(outcomes.length, plans.length, "outcomes");
        for (uint256 i = 0; i < plans.length; ++i) {
            agree(action, outcomes[i], plans[i].expected);
        }
        for (uint256 i = 0; i < plans.length; ++i) {
            check(plans[i]);
        }
    }

    function check(Plan memory plan) internal view {
        if (plan.id != 0) checkPayment(plan.id);
        if (plan.account != address(0)) checkAccount(plan.account, plan.token);
    }

    function checkPayment(bytes32 id) internal view {
        EscrowModel.Modeled memory m = modeled[id];
        PaymentState memory state = escrow.paymentState(id);
        assertEq(uint256(state.status), uint256(m.status), "status");
        assertEq(state.held, m.held, "held");
        assertEq(state.captured, m.captured, "captured");
        assertEq(state.refundedDue, m.dueRefunded, "refunded due");
        assertEq(state.frozenUntil, m.frozenUntil, "frozen until");
        assertEq(escrow.capturedDue(m.terms), m.dueCaptured, "captured due");
        checkAccount(m.terms.merchant, m.terms.token);
        checkAccount(m.terms.feeReceiver, m.terms.token);
        checkAccount(m.terms.refundTo, m.terms.token);
    }

    function checkAccount(address account, address token) internal view {
        Ledger memory entry_ = escrow.ledger(account, token);
        assertEq(entry_.credited, accounts[account][token].credited, "credited");
        assertEq(entry_.debited, accounts[account][token].debited, "debited");
        assertLe(entry_.since, block.timestamp, "since");
    }

    function agree(string memory action, bool success, bool expected) internal {
        assertEq(success, expected, string.concat(action, expected ? " must succeed" : " must fail"));
        success ? succeeded[action]++ : failed[action]++;
    }

    function send(address caller, bytes memory call) internal returns (bool success) {
        vm.prank(caller);
        (success,) = address(escrow).call(call);
    }

    function world(address caller, Payment memory p) internal view returns (EscrowModel.World memory w) {
        w.timestamp = block.timestamp;
        w.escrow = address(escrow);
        w.paused = paused;
        w.tokenAllowed = p.token != address(this);
        w.isMerchant = isMerchant(caller, p.merchant);
        w.toleranceBps = p.merchant == merchant ? 500 : 0;
        w.usdPerUnit = p.token == address(usdc) ? 1e12 : 1;
        if (p.currency != USD) return w;
        if (p.token == address(weth) && block.timestamp - answeredAt <= MAX_AGE) {
            w.answer = answer >= 100e8 && answer <= 100_000e8 ? answer : 0;
        }
        if (p.token == address(usdc) && block.timestamp - startedAt <= MAX_AGE) w.answer = 1e8;
    }

    function isMerchant(address caller, address account) internal view returns (bool) {
        return caller == account || (account == merchant && caller == operator);
    }

    function refuses(address token, address to) internal view returns (bool) {
        return token == address(picky) && picky.refused(to);
    }

    /// @dev Only these two ever approved the escrow.
    function canPay(address from, address token, uint256 amount) internal view returns (bool) {
        if (token == address(this)) return false;
        bool approved = from == payer || (from == stranger && token == address(weth));
        return approved && PickyToken(token).balanceOf(from) >= amount;
    }

    /// @dev The operator was not appointed to refund.
    function mayFund(Payment memory p, address caller, uint256 amount, bool fromLedger) internal view returns (bool) {
        if (fromLedger) return caller == p.merchant && amount <= balanceOf(caller, p.token);
        return canPay(caller, p.token, amount);
    }

    function drawCaller(uint256 seed) internal view returns (address) {
        return actors[draw(seed, "caller") % actors.length];
    }

    function drawOpening(uint256 seed) internal returns (Payment memory p, address caller) {
        p = drawTerms(seed);
        caller = draw(seed, "caller") % 6 == 0 ? actors[draw(seed, "who") % actors.length] : p.payer;
    }

    /// @dev Own allowance, ERC-3009, relayed signature, collector. Invariant 10: `brings` only with the payer's consent
    /// to exactly these terms, or by a collector that is allowed and exact.
    function drawWay(Payment memory p, address caller, uint256 seed, uint256 way) internal returns (Way memory w) {
        bool forged = draw(seed, "forged") % 4 == 0;
        w.brings = canPay(p.payer, p.token, p.maxAmount);
        if (way == 0) w.brings = w.brings && caller == p.payer;
        if (way == 1) {
            w.collector = address(escrow);
            w.data = sign3009(p);
            if (forged) w.data[7] = ~w.data[7];
            w.brings = w.brings && !forged && p.token == address(usdc) && p.payer == payer;
        }
        if (way == 2) {
            w.data = signature(payerKey, forged ? keccak256(abi.encode(seed)) : escrow.paymentId(p));
            w.brings = w.brings && (caller == p.payer || (p.payer == payer && !forged));
        }
        if (way == 3) {
            w.collector = draw(seed, "unknown") % 4 == 0 ? address(unknownCollector) : address(collector);
            collector.willBring(forged ? uint256(p.maxAmount) + 1 : type(uint256).max);
            w.brings = w.collector == address(collector) && !forged;
        }
    }

    function opening(Payment memory p, address caller, Way memory way)
        internal
        view
        returns (EscrowModel.World memory w)
    {
        w = world(caller, p);
        (w.payerCanPay, w.isPayer) = (way.brings, caller == p.payer);
    }

    function draw(uint256 seed, string memory what) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }

    function drawPayment(uint256 seed) internal view returns (bytes32 id, EscrowModel.Modeled storage m) {
        // Mostly the latest ones: those are open.
        uint256 length = ids.length;
        if (length != 0) {
            uint256 back = draw(seed, "payment") % (draw(seed, "far") % 5 == 0 || length < 4 ? length : 4);
            id = ids[length - 1 - back];
        }
        m = modeled[id];
    }

    function drawTerms(uint256 seed) internal returns (Payment memory p) {
        p = terms();
        p.invoice = draw(seed, "again") % 12 == 0 && salt != 0 ? bytes32(salt) : bytes32(++salt);
        p.token = draw(seed, "unlisted") % 16 == 0 ? address(this) : tokens[draw(seed, "token") % tokens.length];
        p.currency = draw(seed, "currency") % 2 == 0 ? USD : p.token;
        if (draw(seed, "merchant") % 4 == 0) p.merchant = stranger;
        if (draw(seed, "merchant") % 16 == 1) p.merchant = address(escrow);
        if (draw(seed, "payer") % 8 == 0) p.payer = stranger;
        if (draw(seed, "refundTo") % 16 == 0) p.refundTo = draw(seed, "zero") % 2 == 0 ? address(0) : address(escrow);
        if (draw(seed, "receiver") % 16 == 0) {
            p.feeReceiver = draw(seed, "zero") % 2 == 0 ? address(0) : address(escrow);
        }
        uint256 unit = p.token == address(usdc) ? 1e6 : 1e18;
        p.maxAmount = uint112(draw(seed, "max") % 20 == 0 ? 0 : draw(seed, "amount") % (2 * unit) + 1);
        p.due = uint112(draw(seed, "due") % (p.currency == USD ? 4000e18 : uint256(p.maxAmount) * 9 / 8 + 1));
        p.fallbackAmount = uint112(draw(seed, "fallback") % (uint256(p.maxAmount) * 9 / 8 + 1));
        p.minFeeBps = uint16(draw(seed, "minFee") % 300);
        p.maxFeeBps = uint16(draw(seed, "maxFee") % 12 == 0 ? 10_001 : draw(seed, "fees") % 600);
        p.autoCapture = draw(seed, "auto") % 2 == 0;
        uint256 now_ = block.timestamp;
        p.authorizeBy = uint40(now_ + draw(seed, "authorizeBy") % 2 days - (draw(seed, "late") % 12 == 0 ? 1 days : 0));
        p.captureAfter = uint40(now_ + draw(seed, "captureAfter") % 12 hours - 6 hours);
        p.captureBy = uint40(now_ + draw(seed, "captureBy") % 6 days);
        if (draw(seed, "sameAccount") % 8 == 0) p.feeReceiver = p.merchant;
        if (draw(seed, "sameAccount") % 8 == 1) p.refundTo = p.merchant;
        if (draw(seed, "dispute") % 8 == 0) p.defaultMerchantBps = 1; // without an arbiter
        if (draw(seed, "dispute") % 8 < 3) return p;
        p.arbiter = settler;
        p.resolveBy = p.captureBy + uint40(draw(seed, "resolveBy") % 2 days);
        if (draw(seed, "resolveBy") % 12 == 0) p.resolveBy = p.captureBy - 1;
        p.defaultMerchantBps = uint16(draw(seed, "default") % 10_002);
        if (draw(seed, "default") % 5 == 0) p.defaultMerchantBps = uint16(draw(seed, "end") % 2 * 10_000);
    }

    function entry(address account, uint256 amount) internal pure returns (LedgerEntry[] memory entries) {
        entries = new LedgerEntry[](1);
        entries[0] = LedgerEntry(account, uint112(amount));
    }
}
