// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {MatiAccess} from "../../../contracts/src/MatiAccess.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {SignatureVerifier} from "../../../contracts/src/SignatureVerifier.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {PayoutAccounts} from "../../../contracts/src/PayoutAccounts.sol";
import {RateOracle} from "../../../contracts/src/RateOracle.sol";
import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {
    CAPTURE,
    VOID,
    ChainPayout,
    Operator,
    Payout,
    Recipient,
    Registration,
    Reserve
} from "../../../contracts/src/types/Payout.sol";
import {Payment, PaymentState, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {DevUsdc} from "../../../devnet/contracts/DevUsdc.sol";
import {Test} from "../base/Test.sol";
import {PlainToken} from "../base/Tokens.sol";

/// @notice The escrow with its real oracle, registry and access manager, one payment's terms, and who takes part.
abstract contract EscrowTest is Test {
    address internal constant USD = address(840);
    uint32 internal constant LOCAL_EID = 40901;
    uint32 internal constant MAX_AGE = 1 hours;

    MatiAccess internal access;
    IMerchantRegistry internal registry;
    RateOracle internal oracle;
    IMatiEscrow internal escrow;
    PlainToken internal weth;
    DevUsdc internal usdc;
    MockV3Aggregator internal ethFeed;
    MockV3Aggregator internal usdcFeed;

    address internal payer;
    uint256 internal payerKey;
    address internal merchant = makeAddress("merchant");
    address internal operator = makeAddress("operator");
    address internal settler = makeAddress("settler");
    address internal feeReceiver = makeAddress("feeReceiver");
    address internal refundTo = makeAddress("refundTo");
    address internal stranger = makeAddress("stranger");

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        (payer, payerKey) = makeAccount("payer");
        access = new MatiAccess(address(this));
        registry = deployRegistry(LOCAL_EID, new PayoutAccounts());
        oracle = new RateOracle(address(access));
        escrow = deployEscrow(address(access), registry, oracle, new SignatureVerifier(address(access)));
        weth = new PlainToken("WETH", 18);
        usdc = new DevUsdc(address(this));
        ethFeed = new MockV3Aggregator(8, 2500e8);
        usdcFeed = new MockV3Aggregator(8, 1e8);
        oracle.setSource(address(weth), source(address(ethFeed), 100e8, 100_000e8));
        oracle.setSource(address(usdc), source(address(usdcFeed), 0.9e8, 1.1e8));
        escrow.setTokenAllowed(address(weth), true);
        escrow.setTokenAllowed(address(usdc), true);
        register(merchant, 500);

        weth.mint(payer, 1000e18);
        usdc.mint(payer, 1_000_000e6);
        vm.startPrank(payer);
        weth.approve(address(escrow), type(uint256).max);
        usdc.approve(address(escrow), type(uint256).max);
        vm.stopPrank();
    }

    function source(address feed, uint256 low, uint256 high) internal returns (ChainlinkSource) {
        return new ChainlinkSource(feed, USD, MAX_AGE, low, high, address(0), 0);
    }

    /// @dev A merchant with `operator` and `settler`, paid in USDC here.
    function register(address account, uint16 toleranceBps) internal {
        Operator[] memory operators = new Operator[](1);
        operators[0] = Operator({account: operator, actions: CAPTURE | VOID, until: 0});
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] =
            ChainPayout({eid: LOCAL_EID, settler: settler, recipients: new Recipient[](0), reserves: new Reserve[](0)});
        vm.prank(account);
        registry.register(
            Registration({
                merchant: account,
                nonce: 1,
                payout: Payout({asset: address(usdc), eid: LOCAL_EID, cycle: 0, tier: 0, toleranceBps: toleranceBps}),
                operators: operators,
                chains: chains
            }),
            ""
        );
    }

    /// @dev 50 USD, to be paid with up to 0.03 WETH (75 USD at 2,500), 1% to 2% fee.
    function terms() internal view returns (Payment memory) {
        return Payment({
            payer: payer,
            merchant: merchant,
            token: address(weth),
            maxAmount: 0.03e18,
            currency: USD,
            due: 50e18,
            fallbackAmount: 0.021e18,
            minFeeBps: 100,
            maxFeeBps: 200,
            feeReceiver: feeReceiver,
            authorizeBy: uint40(block.timestamp + 1 hours),
            captureAfter: uint40(block.timestamp),
            captureBy: uint40(block.timestamp + 7 days),
            autoCapture: false,
            arbiter: address(0),
            resolveBy: 0,
            defaultMerchantBps: 0,
            refundTo: refundTo,
            invoice: keccak256("invoice 1017")
        });
    }

    /// @dev 50 USDC due in USDC: no oracle involved.
    function usdcTerms() internal view returns (Payment memory p) {
        p = terms();
        p.token = address(usdc);
        p.currency = address(usdc);
        p.maxAmount = 50e6;
        p.due = 50e6;
        p.fallbackAmount = 0;
    }

    function authorize(Payment memory p) internal returns (bytes32 id) {
        vm.prank(p.payer);
        id = escrow.authorize(p, address(0), "");
    }

    /// @dev What the payer signs for ERC-3009, built here from the standard's text.
    function sign3009(Payment memory p) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
                ),
                p.payer,
                address(escrow),
                uint256(p.maxAmount),
                uint256(0),
                uint256(p.authorizeBy) + 1,
                escrow.paymentId(p)
            )
        );
        return signature(payerKey, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), structHash)));
    }

    function assertState(bytes32 id, PaymentStatus status, uint256 held, uint256 captured) internal view {
        PaymentState memory state = escrow.paymentState(id);
        assertEq(uint256(state.status), uint256(status), "status");
        assertEq(state.held, held, "held");
        assertEq(state.captured, captured, "captured");
    }
}
