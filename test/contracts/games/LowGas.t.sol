// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {CaptureOrder, Payment} from "../../../contracts/src/types/Payment.sol";
import {Recipient, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Group, Side} from "../../../contracts/src/types/Settlement.sol";
import {UnrulyToken} from "../base/Tokens.sol";
import {GameTest} from "./GameTest.sol";
import {pack} from "../base/PackedOrders.sol";

/// @notice Whoever calls chooses the gas, and nothing else by it: from too little for anything up to a quarter more than
/// is needed, in steps of 2,000, and of 100 around the least, each call either reverts whole or does what it does with
/// plenty.
/// @dev Settlements go through genuine pools. Of their recipients one can be paid, one only with all the gas that it is
/// due (and fails cheaply with less), one not at all. Escrow and settler by themselves, with fewer steps and worse
/// tokens: `SettlerPayoutsTest.test_Settle_GasDecidesNothing`, `attack/CheapFailures.t.sol`, `testFuzz_Gas*` of
/// `MatiEscrow/Capture.t.sol` and `MatiEscrow/Batch.t.sol`.
contract LowGasTest is GameTest {
    uint256 internal constant STEP = 2_000;
    uint256 internal constant FINE_STEP = 100;

    struct Sweep {
        address target;
        address caller;
        uint256 value;
        bytes call;
        /// Of a call that does nothing, and of one with plenty of gas.
        bytes32 untouched;
        bytes32 expected;
    }

    address internal payer = makeAddress("payer");
    address internal hungry = makeAddress("paid with all its gas, or not at all");
    address internal blocked = makeAddress("blocked");
    /// @dev All whose money an outcome is.
    address[] internal parties;
    /// @dev All payments there are.
    bytes32[] internal ids;

    function setUp() public override {
        super.setUp();
        usdc.setBehaviour(hungry, UnrulyToken.Behaviour.NeedsGas);
        usdc.setBehaviour(blocked, UnrulyToken.Behaviour.Reverts);
        parties = [merchants[0], merchants[1], merchants[2], payer, hungry, blocked, keeper, address(solver), market];
    }

    function test_Settle() public {
        _owe();
        _sweep(address(settler), 0, abi.encodeCall(ISettler.settle, (here(), _all(), address(uniswap), wethToUsdc())));
    }

    function test_SettlePart() public {
        _owe();
        bytes memory call =
            abi.encodeCall(ISettler.settlePart, (here(), _all(), 2.5 ether, address(uniswap), wethToUsdc()));
        _sweep(address(settler), 0, call);
    }

    function test_SettleCrossed() public {
        _owe();
        Group memory back = Group({token: address(usdc), asset: address(weth), eid: EID_A, tier: TIER});
        register(address(0xb0b), back, 0);
        credit(address(0xb0b), usdc, 5_000e6, MIDNIGHT);
        parties.push(address(0xb0b));
        bytes memory call = abi.encodeCall(
            ISettler.settleCrossed,
            (Side(back, list(address(0xb0b))), Side(here(), _all()), address(uniswap), wethToUsdc())
        );
        _sweep(address(settler), 0, call);
    }

    /// @dev The message's fee is repaid at a rate that costs gas to ask for.
    function test_SettleAcross() public {
        market = pool(weth, 1_000 ether, mati, 10_000_000e18, FULL_RANGE);
        for (uint256 i = 0; i < 2; ++i) {
            register(merchants[i], across(), 0);
            credit(merchants[i], weth, 1 ether, MIDNIGHT);
        }
        elapse(600);
        bytes memory call = abi.encodeCall(
            ISettler.settle,
            (across(), list(merchants[0], merchants[1]), address(uniswap), abi.encodePacked(weth, FEE, mati))
        );
        _sweep(address(settler), MESSAGE_FEE, call);
    }

    /// @dev Due in USD, on its last day: the signed fallback stands by, and must not be had while there is a rate.
    function test_Capture() public {
        Payment memory payment = _authorized(merchants[0]);
        _sweep(address(escrow), 0, abi.encodeCall(IMatiEscrow.capture, (payment, payment.due, 0, true)));
    }

    function test_CaptureMany() public {
        CaptureOrder[] memory orders = new CaptureOrder[](3);
        for (uint256 i = 0; i < 3; ++i) {
            orders[i].payment = _authorized(merchants[0]);
            (orders[i].dueAmount, orders[i].isFinal) = (orders[i].payment.due, true);
        }
        // More than its fee may be: skipped.
        orders[1].feeBps = 1;
        _sweep(address(escrow), 0, abi.encodeCall(IMatiEscrow.captureMany, (pack(orders))));
    }

    /// @dev As the keeper, or as the merchant where the escrow is called; every outcome undone.
    function _sweep(address target, uint256 value, bytes memory call) internal {
        Sweep memory its = Sweep(target, target == address(escrow) ? merchants[0] : keeper, value, call, _outcome(), 0);
        uint256 snapshot = vm.snapshotState();
        vm.prank(its.caller);
        (bool success,) = target.call{value: value}(call);
        assertTrue(success, "with plenty of gas");
        its.expected = _outcome();
        assertTrue(its.expected != its.untouched, "does something");
        assertTrue(usdc.balanceOf(hungry) != 0 || value != 0, "pays who needs gas, but for what is sent across");
        vm.revertToState(snapshot);

        uint256 gas = 25_000;
        while (!this.succeeds(its, gas)) {
            gas += STEP;
        }
        uint256 least = gas;
        for (; gas < least * 5 / 4; gas += STEP) {
            assertTrue(this.succeeds(its, gas), "with more than enough");
        }
        uint256 most = least + STEP;
        for (gas = least - STEP; gas < most; gas += FINE_STEP) {
            if (this.succeeds(its, gas) && gas < least) least = gas;
        }
        emit log(string.concat("needs ", vm.toString(least), " gas, to the nearest hundred"));
    }

    /// @dev Called from outside for its memory's sake.
    function succeeds(Sweep calldata its, uint256 gas) external returns (bool success) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(its.caller);
        (success,) = its.target.call{value: its.value, gas: gas}(its.call);
        assertEq(_outcome(), success ? its.expected : its.untouched, string.concat("with gas ", vm.toString(gas)));
        vm.revertToState(snapshot);
    }

    /// @dev All that anybody has, owes or will be owed afterwards.
    function _outcome() internal view returns (bytes32 digest) {
        IERC20[3] memory tokens = [IERC20(weth), usdc, mati];
        for (uint256 i = 0; i < parties.length; ++i) {
            digest = keccak256(abi.encode(digest, parties[i].balance));
            for (uint256 t = 0; t < tokens.length; ++t) {
                digest = keccak256(
                    abi.encode(
                        digest,
                        tokens[t].balanceOf(parties[i]),
                        escrow.ledger(parties[i], address(tokens[t])),
                        settler.restOf(parties[i], address(tokens[t]))
                    )
                );
            }
        }
        digest = keccak256(abi.encode(digest, mati.sent(EID_B), _payments()));
    }

    function _payments() internal view returns (bytes memory states) {
        for (uint256 i = 0; i < ids.length; ++i) {
            states = abi.encode(states, escrow.paymentState(ids[i]));
        }
    }

    /// @dev Of three merchants one keeps a reserve and has a recipient that is blocked, one is not due, and the last one to
    /// be paid is the one that needs gas: what comes after is least.
    function _owe() internal {
        Reserve[] memory reserves = new Reserve[](1);
        reserves[0] = Reserve({token: address(weth), amount: 0.5 ether});
        Recipient[] memory named = recipients(merchants[0], 3_000, blocked, 7_000);
        register(merchants[0], here(), 0, address(settler), named, reserves);
        register(merchants[1], here(), 1 days);
        register(merchants[2], here(), 0, address(settler), recipients(merchants[2], 3_000, hungry, 7_000));
        for (uint256 i = 0; i < 3; ++i) {
            credit(merchants[i], weth, 2 ether, MIDNIGHT + 1);
        }
        elapse(600);
    }

    function _all() internal view returns (address[] memory) {
        return list(merchants[0], merchants[1], merchants[2]);
    }

    function _authorized(address merchant) internal returns (Payment memory payment) {
        escrow.setTokenAllowed(address(usdc), true);
        (payment.payer, payment.merchant, payment.refundTo) = (payer, merchant, hungry);
        (payment.token, payment.maxAmount) = (address(usdc), 60e6);
        (payment.currency, payment.due, payment.fallbackAmount) = (USD, 50e18, 55e6);
        payment.authorizeBy = payment.captureBy = uint40(block.timestamp + 12 hours);
        payment.invoice = bytes32(ids.length);
        usdc.mint(payer, 60e6);
        vm.startPrank(payer);
        usdc.approve(address(escrow), 60e6);
        ids.push(escrow.authorize(payment, address(0), ""));
        vm.stopPrank();
    }
}
