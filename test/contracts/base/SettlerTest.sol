// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {MatiGateway} from "../../../contracts/src/MatiGateway.sol";
import {MatiToken} from "../../../contracts/src/MatiToken.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {RateOracle} from "../../../contracts/src/RateOracle.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {
    ChainPayout,
    Operator,
    Payout,
    PayoutTerms,
    Recipient,
    Registration,
    Reserve
} from "../../../contracts/src/types/Payout.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {BridgeEnd, BridgeTest} from "./Bridge.sol";
import {AnySolver} from "./AnySolver.sol";
import {PlainToken, UnrulyToken} from "./Tokens.sol";

/// @notice All of Mati on two chains. Merchants are owed WETH (2,500 USD each) on chain A and want USDC there, or MATI
/// (0.25 USD) carried to chain B. Chainlink's feeds are the only mocks; tokens and solvers are others', and may be
/// hostile.
abstract contract SettlerTest is BridgeTest {
    address internal constant USD = address(840);
    uint8 internal constant TIER = 1;
    uint32 internal constant MAX_AGE = 1 hours;
    /// @dev A multiple of 1 day and of 1 hour.
    uint256 internal constant MIDNIGHT = 1_800_057_600;
    uint256 internal constant NATIVE = 100 ether;
    /// @dev What chain A's endpoint takes for a message; worth 120 MATI.
    uint256 internal constant MESSAGE_FEE = 0.012 ether;

    // Chain A's.
    IMerchantRegistry internal registry;
    RateOracle internal oracle;
    IMatiEscrow internal escrow;
    MatiGateway internal gateway;
    MatiToken internal mati;
    ISettler internal settler;
    AnySolver internal solver;
    PlainToken internal weth;
    UnrulyToken internal usdc;
    /// @dev Priced apart from WETH, though the same in life: so that it alone can be without a rate.
    PlainToken internal wrappedNative;
    MockV3Aggregator internal ethFeed;
    MockV3Aggregator internal usdcFeed;
    MockV3Aggregator internal matiFeed;
    MockV3Aggregator internal nativeFeed;

    /// @dev USDC on chain B.
    address internal farAsset = makeAddress("usdc on the other chain");
    address internal treasury = makeAddress("treasury");
    address internal keeper = makeAddress("keeper");
    /// @dev Ascending.
    address[3] internal merchants = [address(0x1001), address(0x1002), address(0x1003)];
    mapping(address merchant => uint64) internal nonces;
    /// @dev What each merchant's payout accounts on B stand for (`PayoutTerms`, encoded), one for each payout it registered.
    mapping(address merchant => bytes[]) internal accountTerms;

    function setUp() public virtual override {
        vm.warp(MIDNIGHT);
        super.setUp();
        (registry, oracle, escrow, gateway, mati) = (a.registry, a.oracle, a.escrow, a.gateway, a.token);
        relay.libraryOf(EID_A).setMessagingFee(MESSAGE_FEE, 0);
        weth = new PlainToken("WETH", 18);
        usdc = new UnrulyToken("USDC", 6);
        wrappedNative = new PlainToken("WETH", 18);
        ethFeed = feed(oracle, address(weth), 2_500e8, 11);
        usdcFeed = feed(oracle, address(usdc), 1e8, 22);
        matiFeed = feed(oracle, address(mati), 0.25e8, 33);
        nativeFeed = feed(oracle, address(wrappedNative), 2_500e8, 44);
        settler = deploySettler(a);
        settler.setGateway(EID_B, gateway);
        solver = new AnySolver();

        mati.transfer(treasury, GENESIS);
        fund(mati, address(solver), GENESIS * 7 / 10);
        fund(usdc, address(solver), 1e30);
        vm.deal(keeper, NATIVE);
    }

    function deploySettler(BridgeEnd storage end) internal returns (ISettler deployed) {
        deployed = deploySettler(end.escrow, end.registry, end.oracle, address(wrappedNative), address(end.access));
        deployed.setTier(TIER, tier());
    }

    /// @dev A feed in USD whose answers may be between a tenth and ten times the first one.
    function feed(RateOracle itsOracle, address asset, int256 answer, uint80 roundId)
        internal
        returns (MockV3Aggregator made)
    {
        made = new MockV3Aggregator(8, answer);
        made.updateRoundData(roundId, answer, block.timestamp, block.timestamp);
        uint256 first = uint256(answer);
        itsOracle.setSource(
            asset, new ChainlinkSource(address(made), USD, MAX_AGE, first / 10, first * 10, address(0), 0)
        );
    }

    /// @dev A round of this moment for every feed, at the answers there are.
    function refreshFeeds() internal {
        MockV3Aggregator[4] memory feeds = [ethFeed, usdcFeed, matiFeed, nativeFeed];
        for (uint256 i = 0; i < feeds.length; ++i) {
            feeds[i].updateAnswer(feeds[i].latestAnswer());
        }
    }

    function tier() internal pure returns (Tier memory) {
        return Tier({
            startBps: 30,
            maxBps: 130,
            growSeconds: 600,
            tipBps: 10,
            maxMessageBps: 100,
            maxHeadBps: 0,
            maxTipUsd6: UNCAPPED,
            headUsd6: 0
        });
    }

    /// @dev WETH to be paid out as USDC on this chain.
    function here() internal view returns (Group memory) {
        return Group({token: address(weth), asset: address(usdc), eid: EID_A, tier: TIER});
    }

    /// @dev WETH to be carried as MATI to another chain.
    function across() internal view returns (Group memory) {
        return Group({token: address(weth), asset: farAsset, eid: EID_B, tier: TIER});
    }

    function settle(Group memory group, address[] memory members) internal returns (bytes32) {
        return settle(group, members, 0);
    }

    function settle(Group memory group, address[] memory members, uint256 value) internal returns (bytes32) {
        vm.prank(keeper);
        return settler.settle{value: value}(group, members, address(solver), "route");
    }

    function register(address merchant, Group memory group, uint32 cycle) internal {
        register(merchant, group, cycle, address(settler), new Recipient[](0));
    }

    function register(address merchant, Group memory group, uint32 cycle, address itsSettler, Recipient[] memory named)
        internal
    {
        register(merchant, group, cycle, itsSettler, named, new Reserve[](0));
    }

    function register(
        address merchant,
        Group memory group,
        uint32 cycle,
        address itsSettler,
        Recipient[] memory named,
        Reserve[] memory reserves
    ) internal {
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout({eid: EID_A, settler: itsSettler, recipients: named, reserves: reserves});
        Registration memory registration = Registration({
            merchant: merchant,
            nonce: ++nonces[merchant],
            payout: Payout({asset: group.asset, eid: group.eid, cycle: cycle, tier: group.tier, toleranceBps: 0}),
            operators: new Operator[](0),
            chains: chains
        });
        vm.prank(merchant);
        registry.register(registration, "");
        noteAccount(registration);
    }

    /// @dev Notes where a registration on A lets payouts arrive on B.
    function noteAccount(Registration memory registration) internal {
        if (registration.payout.eid != EID_B) return;
        // Where nothing is said of chain B, nobody settles there.
        ChainPayout memory there = ChainPayout(EID_B, address(0), new Recipient[](0), new Reserve[](0));
        for (uint256 i = 0; i < registration.chains.length; ++i) {
            if (registration.chains[i].eid == EID_B) there = registration.chains[i];
        }
        bytes memory terms = abi.encode(PayoutTerms(registration.merchant, registration.payout, there));
        bytes[] storage known = accountTerms[registration.merchant];
        for (uint256 i = 0; i < known.length; ++i) {
            if (keccak256(known[i]) == keccak256(terms)) return;
        }
        known.push(terms);
    }

    /// @dev A ledger balance on chain A that arrived at `since`.
    function credit(address merchant, IERC20 token, uint256 amount, uint256 since) internal {
        uint256 today = vm.getBlockTimestamp();
        fund(token, address(this), amount);
        token.approve(address(escrow), amount);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry({account: merchant, amount: uint112(amount)});
        vm.warp(since);
        escrow.deposit(address(token), credits, "payment");
        vm.warp(today);
    }

    /// @dev New tokens, but of all the MATI there is.
    function fund(IERC20 token, address to, uint256 amount) internal {
        if (address(token) != address(mati)) return PlainToken(address(token)).mint(to, amount);
        vm.prank(treasury);
        mati.transfer(to, amount);
    }

    /// @dev Delivers and composes the message that was sent last: all its payouts are credited on chain B.
    function arrive() internal returns (bytes32 guid) {
        guid = deliverLast();
        composeLast();
        assertTrue(b.gateway.isProcessed(guid) && b.gateway.returnable(guid).from == 0, "credited");
    }

    /// @dev What a merchant was credited of messages, in all accounts that its registrations named.
    function arrived(address merchant) internal view returns (uint256 amount) {
        for (uint256 i = 0; i < accountTerms[merchant].length; ++i) {
            PayoutTerms memory terms = abi.decode(accountTerms[merchant][i], (PayoutTerms));
            amount += b.escrow.balanceOf(payoutAccounts.accountOf(terms), address(b.token));
        }
    }

    /// @dev The merchant takes out raw all that it was credited of messages.
    function withdrawArrived(address merchant, address to) internal {
        for (uint256 i = 0; i < accountTerms[merchant].length; ++i) {
            PayoutTerms memory terms = abi.decode(accountTerms[merchant][i], (PayoutTerms));
            uint256 amount = b.escrow.balanceOf(payoutAccounts.accountOf(terms), address(b.token));
            vm.prank(merchant);
            payoutAccounts.withdraw(terms, b.escrow, address(b.token), amount, to);
        }
        assertEq(arrived(merchant), 0, "all of it");
    }

    function recipients(address first, uint16 firstBps, address second, uint16 secondBps)
        internal
        pure
        returns (Recipient[] memory named)
    {
        named = new Recipient[](2);
        named[0] = Recipient({account: first, shareBps: firstBps});
        named[1] = Recipient({account: second, shareBps: secondBps});
    }

    /// @dev Of the settlement that brings its first member's `debited` counter to `debitedTotal`.
    function idOf(IERC20 token, address first, uint256 debitedTotal) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(settler), token, first, debitedTotal));
    }

    function list(address only) internal pure returns (address[] memory members) {
        members = new address[](1);
        members[0] = only;
    }

    function list(address first, address second) internal pure returns (address[] memory members) {
        members = new address[](2);
        (members[0], members[1]) = (first, second);
    }

    function list(address first, address second, address third) internal pure returns (address[] memory members) {
        members = new address[](3);
        (members[0], members[1], members[2]) = (first, second, third);
    }

    /// @dev Invariant 9.
    function assertHoldsNothing() internal view {
        IERC20[3] memory tokens = [IERC20(weth), usdc, mati];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(tokens[i].balanceOf(address(settler)), 0, "the settler's balance");
            assertEq(tokens[i].balanceOf(address(gateway)), 0, "the gateway's balance");
            assertEq(tokens[i].allowance(address(settler), address(escrow)), 0, "allowance to the escrow");
            assertEq(tokens[i].allowance(address(settler), address(gateway)), 0, "allowance to the gateway");
        }
        assertEq(address(settler).balance, 0, "the settler's coins");
    }
}
