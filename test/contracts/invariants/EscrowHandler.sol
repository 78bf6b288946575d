// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {PickyToken} from "../base/Tokens.sol";
import {EscrowModel} from "./EscrowModel.sol";

/// @notice Sends the escrow raw calls, most of them possible, many not, and holds each outcome against the model: that
/// it succeeded exactly when it should have, and what it left behind.
/// @dev Nothing is filtered out beforehand: a handler that only sends valid calls cannot notice a missing check.
contract EscrowHandler is EscrowTest {
    using EscrowModel for EscrowModel.Modeled;

    struct Account {
        uint256 credited;
        uint256 debited;
    }

    PickyToken internal picky;
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
        actors = [payer, merchant, operator, settler, feeReceiver, refundTo, stranger];
        tokens = [address(weth), address(usdc), address(picky)];
    }

    // ---------------------------------------------------------------------------------------------- actions

    function doAuthorize(uint256 seed, bool signed) external {
        Payment memory p = drawTerms(seed);
        address caller = draw(seed, "caller") % 8 == 0 ? actors[draw(seed, "who") % actors.length] : p.payer;
        bytes32 id = escrow.paymentId(p);
        EscrowModel.World memory w = world(caller, p);
        w.payerCanPay = signed
            ? p.token == address(usdc) && p.payer == payer && usdc.balanceOf(payer) >= p.maxAmount
            : caller == p.payer && affordable(p);
        bool expected = EscrowModel.canAuthorize(p, modeled[id].status, w);

        bytes memory call = signed
            ? abi.encodeCall(escrow.authorize, (p, address(escrow), sign3009(p)))
            : abi.encodeCall(escrow.authorize, (p, address(0), ""));
        bool success = send(caller, call);
        agree("authorize", success, expected);
        if (!success) return;

        ids.push(id);
        EscrowModel.Modeled storage m = modeled[id];
        m.terms = p;
        m.status = PaymentStatus.Authorized;
        m.authorized = p.maxAmount;
        m.held = p.maxAmount;
        checkPayment(id);
    }

    function doCapture(uint256 seed, uint256 dueAmount, uint256 feeBps, bool isFinal) external {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return;
        Payment memory p = m.terms;
        address caller = actors[draw(seed, "caller") % actors.length];
        uint256 kind = draw(seed, "due") % 4;
        dueAmount = kind == 0 ? p.due : kind == 1 ? p.due - m.dueCaptured : bound(dueAmount, 0, uint256(p.due) * 5 / 4);
        feeBps = draw(seed, "fee") % 2 == 0 ? p.minFeeBps : bound(feeBps, 0, uint256(p.maxFeeBps) + 20);
        uint256 amount = m.captureAmount(dueAmount, feeBps, world(caller, p));

        bool success = send(caller, abi.encodeCall(escrow.capture, (p, dueAmount, feeBps, isFinal)));
        agree("capture", success, amount != 0);
        if (!success) return;

        bool ends = m.isFinal(dueAmount, isFinal);
        m.captured += amount;
        m.held -= amount;
        m.dueCaptured += dueAmount;
        m.feeNumerator += amount * feeBps;
        uint256 fee = m.feeNumerator / 10_000 - m.feePaid;
        m.feePaid += fee;
        accounts[p.merchant][p.token].credited += amount - fee;
        accounts[p.feeReceiver][p.token].credited += fee;
        if (ends) end(m, PaymentStatus.Captured);
        checkPayment(id);
    }

    function doVoid(uint256 seed) external {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return;
        address caller = actors[draw(seed, "caller") % actors.length];
        bool expected = m.status == PaymentStatus.Authorized && isMerchant(caller, m.terms.merchant);

        bool success = send(caller, abi.encodeCall(escrow.void, (m.terms)));
        agree("void", success, expected);
        if (success) end(m, PaymentStatus.Voided);
        checkPayment(id);
    }

    function doReclaim(uint256 seed) external {
        (bytes32 id, EscrowModel.Modeled storage m) = drawPayment(seed);
        if (id == 0) return;
        bool expected = m.status == PaymentStatus.Authorized && block.timestamp > m.terms.captureBy;

        bool success = send(actors[draw(seed, "caller") % actors.length], abi.encodeCall(escrow.reclaim, (m.terms)));
        agree("reclaim", success, expected);
        if (success) end(m, PaymentStatus.Reclaimed);
        checkPayment(id);
    }

    function doWithdraw(uint256 seed, uint256 amount) external {
        address caller = actors[draw(seed, "caller") % actors.length];
        address token = tokens[draw(seed, "token") % tokens.length];
        address to = draw(seed, "to") % 10 == 0 ? address(escrow) : actors[draw(seed, "whom") % actors.length];
        uint256 balance = balanceOf(caller, token);
        amount = bound(amount, 0, balance + balance / 4 + 1);
        bool expected = amount <= balance && to != address(escrow) && !refuses(token, to);

        bool success = send(caller, abi.encodeCall(escrow.withdraw, (token, amount, to)));
        agree("withdraw", success, expected);
        if (success) accounts[caller][token].debited += amount;
        checkAccount(caller, token);
    }

    function doDeposit(uint256 seed, uint256 amount) external {
        address account = draw(seed, "account") % 10 == 0 ? address(0) : actors[draw(seed, "whom") % actors.length];
        address caller = draw(seed, "caller") % 4 == 0 ? merchant : stranger;
        amount = bound(amount, 0, 10e18);
        bool expected =
            account != address(0) && (caller == stranger || amount == 0) && weth.balanceOf(stranger) >= amount;

        bool success =
            send(caller, abi.encodeCall(escrow.deposit, (address(weth), entry(account, amount), bytes32(seed))));
        agree("deposit", success, expected);
        if (success) accounts[account][address(weth)].credited += amount;
        checkAccount(account, address(weth));
    }

    function doDebit(uint256 seed, uint256 amount) external {
        address account = actors[draw(seed, "account") % actors.length];
        address caller = draw(seed, "caller") % 3 == 0 ? actors[draw(seed, "who") % actors.length] : settler;
        address token = tokens[draw(seed, "token") % tokens.length];
        uint256 balance = balanceOf(account, token);
        amount = bound(amount, 0, balance + balance / 4 + 1);
        bool expected = account == merchant && caller == settler && amount <= balance && !refuses(token, settler);

        bool success = send(caller, abi.encodeCall(escrow.debit, (token, entry(account, amount), settler)));
        agree("debit", success, expected);
        if (success) accounts[account][token].debited += amount;
        checkAccount(account, token);
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

    function checkPayment(bytes32 id) internal view {
        EscrowModel.Modeled memory m = modeled[id];
        PaymentState memory state = escrow.paymentState(id);
        assertEq(uint256(state.status), uint256(m.status), "status");
        assertEq(state.held, m.held, "held");
        assertEq(state.captured, m.captured, "captured");
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

    function affordable(Payment memory p) internal view returns (bool) {
        if (p.token == address(this)) return false;
        if (p.payer == payer) return PickyToken(p.token).balanceOf(payer) >= p.maxAmount;
        return p.payer == stranger && p.token == address(weth) && weth.balanceOf(stranger) >= p.maxAmount;
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
        p.captureBy = uint40(now_ + draw(seed, "captureBy") % 4 days);
    }

    function entry(address account, uint256 amount) internal pure returns (LedgerEntry[] memory entries) {
        entries = new LedgerEntry[](1);
        entries[0] = LedgerEntry(account, uint112(amount));
    }
}
