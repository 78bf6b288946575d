// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {DenyList} from "../../../contracts/src/DenyList.sol";
import {IntakeLimits} from "../../../contracts/src/IntakeLimits.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {DevUsdc} from "../../../devnet/contracts/DevUsdc.sol";
import {Permit2Test} from "../../contracts/collectors/Permit2Test.sol";
import {BenchToken} from "./BenchToken.sol";
import {GasBench} from "./GasBench.sol";

/// @notice Payments of 50 in the token itself, or of 40 EUR, with 1% fee, whose surplus and refunds go to the payer. The
/// escrow is the tests' own; what it has seen before is said by those who inherit this.
abstract contract PaymentsBench is GasBench, Permit2Test {
    address internal constant EUR = address(978);
    /// @dev Each side of the escrow's intake: no row comes near.
    uint112 internal constant LIMIT = 1e15;
    /// @dev More than all rows together take, and never all of it.
    uint256 internal constant FUNDS = 1_000_000e6;

    BenchToken internal token;
    MockV3Aggregator internal euroFeed;

    function setUp() public virtual override {
        super.setUp();
        token = new BenchToken();
        // What the tests' helpers know as USDC is the ordinary token here.
        usdc = DevUsdc(address(token));
        escrow.setTokenAllowed(address(token), true);
        euroFeed = new MockV3Aggregator(8, 1.1e8);
        oracle.setSource(address(token), source(address(usdcFeed), 0.9e8, 1.1e8));
        oracle.setSource(EUR, source(address(euroFeed), 0.5e8, 2e8));
        token.mint(payer, FUNDS);
        vm.startPrank(payer);
        token.approve(address(escrow), FUNDS);
        token.approve(address(PERMIT2), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Terms that differ in their invoice only.
    function numbered(uint256 number) internal view returns (Payment memory p) {
        p = usdcTerms();
        p.maxFeeBps = 100;
        p.captureAfter = 0;
        p.refundTo = payer;
        p.invoice = keccak256(abi.encode("invoice", number));
    }

    /// @dev Holds 50 for 40 EUR: at 1.10 USD a surplus of 6 goes back.
    function inEuro(uint256 number) internal view returns (Payment memory p) {
        p = numbered(number);
        (p.currency, p.due) = (EUR, 40e18);
    }

    function authorizeByErc3009(Payment memory p) internal returns (uint256 gas) {
        bytes memory signed = sign3009(p);
        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(escrow), signed);
        gas = lastGas();
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
    }

    function authorizeByPermit2(Payment memory p, uint256 nonce) internal returns (uint256 gas) {
        bytes memory signed = dataFor(p, nonce);
        vm.prank(stranger);
        bytes32 id = escrow.authorize(p, address(collector), signed);
        gas = lastGas();
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
    }

    function authorizeByAllowance(Payment memory p) internal returns (uint256 gas) {
        bytes32 id = authorize(p);
        gas = lastGas();
        assertState(id, PaymentStatus.Authorized, p.maxAmount, 0);
    }

    function chargeByErc3009(Payment memory p) internal returns (uint256 gas) {
        bytes memory signed = sign3009(p);
        vm.prank(merchant);
        (bytes32 id,) = escrow.charge(p, address(escrow), signed, p.minFeeBps);
        gas = lastGas();
        assertState(id, PaymentStatus.Captured, 0, p.maxAmount);
    }

    /// @dev All that is due, and the end of the hold.
    function captureBy(address caller, Payment memory p, uint256 expected) internal returns (uint256 gas) {
        vm.prank(caller);
        escrow.capture(p, p.due, p.minFeeBps, true);
        gas = lastGas();
        assertState(escrow.paymentId(p), PaymentStatus.Captured, 0, expected);
    }

    /// @dev Limits of token and merchant, and a list of refused accounts, asked before money comes in.
    function guardIntake() internal {
        IntakeLimits limits = new IntakeLimits(address(access), address(escrow), 1 days);
        limits.setTokenLimit(address(token), LIMIT);
        limits.setMerchantLimit(address(token), merchant, LIMIT);
        limits.setScreener(new DenyList(address(access)));
        escrow.setIntakeGuard(limits);
    }

    function refreshFeeds() internal {
        usdcFeed.updateAnswer(usdcFeed.latestAnswer());
        euroFeed.updateAnswer(euroFeed.latestAnswer());
    }
}
