// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiGateway} from "../../../contracts/src/interfaces/IMatiGateway.sol";
import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {ChainPayout, Payout, Recipient, Registration, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Rest} from "../../../contracts/src/types/Rest.sol";
import {Tier} from "../../../contracts/src/types/Settlement.sol";
import {MarketTest} from "../base/Market.sol";
import {UnrulyToken} from "../base/Tokens.sol";
import {SettlementModel} from "./SettlementModel.sol";

/// @notice All that settlements depend on, changing at random, and what a bystander would have noted of it.
abstract contract SettlementWorld is MarketTest {
    struct Account {
        uint256 credited;
        uint256 debited;
        uint256 since;
        SettlementModel.Rest rest;
        /// What could not be paid to it and is still there: what it takes out is of this first.
        uint256 kept;
    }

    /// What a merchant registered, encoded: `next` takes the place of `current` at `nextFrom`.
    struct Registered {
        bytes current;
        bytes next;
        uint256 nextFrom;
        uint64 nonce;
    }

    uint256 internal constant MERCHANTS = 5;
    address internal constant STRANGER = address(0x9999);

    /// @dev Merchants in ascending order, each with two accounts of its own; and everybody, the solver too.
    address[] internal shops;
    address[] internal people;
    address[2] internal keepers = [makeAddress("first keeper"), makeAddress("second keeper")];
    IERC20[] internal tokens;

    mapping(address account => mapping(address token => Account)) internal accounts;
    mapping(address account => uint256) internal arrivals;
    mapping(address merchant => Registered) internal registered;
    mapping(uint8 id => Tier) internal tiers;
    mapping(address token => uint256) internal donated;
    uint256 internal donatedCoins;
    bool internal isWayOpen = true;
    mapping(string action => uint256) public succeeded;
    mapping(string action => uint256) public failed;

    function setUp() public virtual override {
        super.setUp();
        pool(weth, 1_000 ether, mati, 10_000_000e18, FULL_RANGE);
        pool(mati, 10_000_000e18, usdc, 2_500_000e6, FULL_RANGE);
        tokens = [IERC20(weth), usdc, mati];
        tiers[TIER] = tier();
        tiers[2] = Tier({
            startBps: 0,
            maxBps: 1_000,
            growSeconds: 1 hours,
            tipBps: 100,
            maxMessageBps: 500,
            maxHeadBps: 200,
            maxTipUsd6: 1e6,
            headUsd6: 50_000
        });
        settler.setTier(2, tiers[2]);
        for (uint160 i = 1; i <= MERCHANTS; ++i) {
            shops.push(address(i * 0x1000));
            for (uint160 k = 0; k < 3; ++k) {
                people.push(address(i * 0x1000 + k));
            }
        }
        people.push(address(solver));
        vm.deal(keepers[0], 1_000 ether);
        vm.deal(keepers[1], 1_000 ether);
        // Opposite wishes from the start; the others register, at once in force, as each run has it.
        fund(weth, address(solver), 1e30);
        register(shops[0], Payout(address(usdc), EID_A, 0, TIER, 0));
        register(shops[1], Payout(address(weth), EID_A, 0, TIER, 0));
        register(shops[2], Payout(farAsset, EID_B, 0, 2, 0));
        for (uint256 seed = 0; seed < 24; ++seed) {
            doDeposit(seed, seed * 1e17);
        }
    }

    // ---------------------------------------------------------------------------------------------- actions

    function doRegister(uint256 seed) public {
        address merchant = shops[draw(seed, "merchant") % MERCHANTS];
        Registered storage r = registered[merchant];
        Registration memory drawn = drawRegistration(seed, merchant);
        Recipient[] memory named = drawn.chains[0].recipients;
        bool isSound = named.length == 0 || draw(seed, "sound") % 8 != 0;
        if (!isSound) named[0].shareBps += 1;
        Reserve[] memory kept = drawn.chains[0].reserves;
        if (kept.length == 2 && kept[0].token == kept[1].token) isSound = false;

        vm.prank(merchant);
        (bool success,) = address(registry).call(abi.encodeCall(registry.register, (drawn, "")));
        agree("register", success, isSound && drawn.nonce > r.nonce);
        if (success) noteRegistration(drawn);
    }

    function register(address merchant, Payout memory payout) internal {
        Registration memory first;
        (first.merchant, first.nonce, first.payout) = (merchant, 1, payout);
        first.chains = new ChainPayout[](1);
        (first.chains[0].eid, first.chains[0].settler) = (EID_A, address(settler));
        vm.prank(merchant);
        registry.register(first, "");
        noteRegistration(first);
    }

    function noteRegistration(Registration memory drawn) internal {
        noteAccount(drawn);
        Registered storage r = registered[drawn.merchant];
        r.nonce = drawn.nonce;
        if (r.nextFrom != 0 && block.timestamp >= r.nextFrom) r.current = r.next;
        if (r.current.length == 0) r.current = abi.encode(drawn);
        else (r.next, r.nextFrom) = (abi.encode(drawn), block.timestamp + 1 days);
    }

    /// @dev As a capture credits its merchant.
    function doDeposit(uint256 seed, uint256 amount) public {
        address account = shops[draw(seed, "account") % MERCHANTS];
        if (draw(seed, "who") % 4 == 0) account = people[draw(seed, "person") % people.length];
        if (draw(seed, "nobody") % 24 == 0) account = address(0);
        IERC20 token = tokens[draw(seed, "token") % 3];
        deposit(account, token, bound(amount, 0, draw(seed, "dust") % 8 == 0 ? 1e9 : twoWeth(token)), bytes32(seed));
    }

    function deposit(address account, IERC20 token, uint256 amount, bytes32 ref) internal {
        fund(token, address(this), amount);
        token.approve(address(escrow), amount);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry(account, uint112(amount));

        (bool success,) = address(escrow).call(abi.encodeCall(escrow.deposit, (address(token), credits, ref)));
        agree("deposit", success, account != address(0));
        if (success) noteCredit(account, token, amount);
        else discard(token);
    }

    function doWithdraw(uint256 seed, uint256 amount) external {
        address account = people[draw(seed, "account") % people.length];
        IERC20 token = tokens[draw(seed, "token") % 3];
        address to = draw(seed, "to") % 2 == 0 ? STRANGER : people[draw(seed, "whom") % people.length];
        uint256 balance = balanceOf(account, token);
        amount = draw(seed, "all") % 4 == 0 ? balance : bound(amount, 0, balance * 5 / 4 + 1);

        vm.prank(account);
        (bool success,) = address(escrow).call(abi.encodeCall(escrow.withdraw, (address(token), amount, to)));
        agree(
            "withdraw",
            success,
            amount <= balance && !refuses(token, to) && !(address(token) == address(usdc) && amount == 0)
        );
        if (success) noteDebit(account, token, amount);
        checkAccount(account, token);
    }

    /// @dev Mostly with a round for every feed, at the answers there are; now and then over the day that a merchant's
    /// change waits.
    function warp(uint256 seed) external {
        vm.warp(block.timestamp + draw(seed, "seconds") % (draw(seed, "far") % 4 == 0 ? 2 days : 30 minutes));
        if (draw(seed, "refresh") % 8 != 0) refreshFeeds();
    }

    /// @dev Up to 1.5% up or down from where it began, where the pools are; or what its source refuses.
    function moveFeed(uint256 seed) external {
        MockV3Aggregator[4] memory feeds = [ethFeed, usdcFeed, matiFeed, nativeFeed];
        int256[4] memory first = [int256(2_500e8), 1e8, 0.25e8, 2_500e8];
        uint256 which = draw(seed, "feed") % 4;
        int256 answer = first[which] * int256(9_850 + draw(seed, "answer") % 301) / 10_000;
        uint256 kind = draw(seed, "kind") % 32;
        if (kind == 0) answer = 0;
        if (kind == 1) answer = first[which] * 10 + 1;
        if (kind == 2) answer = first[which] / 10 - 1;
        feeds[which].updateAnswer(answer);
    }

    function refuse(uint256 seed) external {
        uint256 who = draw(seed, "who") % (people.length + 1);
        // The solver's own transfers are its own affair.
        address account = who < people.length - 1 ? people[who] : keepers[who % 2];
        UnrulyToken.Behaviour behaviour = UnrulyToken.Behaviour(draw(seed, "behaviour") % 7);
        usdc.setBehaviour(account, draw(seed, "heal") % 2 == 0 ? UnrulyToken.Behaviour.Pays : behaviour);
    }

    function configure(uint256 seed) external {
        if (draw(seed, "what") % 2 == 0) {
            isWayOpen = draw(seed, "open") % 8 != 0;
            return settler.setGateway(EID_B, isWayOpen ? IMatiGateway(gateway) : IMatiGateway(address(0)));
        }
        uint8 id = uint8(1 + draw(seed, "tier") % 2);
        Tier memory t = drawTier(seed);
        (bool success,) = address(settler).call(abi.encodeCall(settler.setTier, (id, t)));
        bool isSound = t.maxBps <= 1_000 && t.startBps <= t.maxBps && t.growSeconds != 0 && t.tipBps <= 100
            && t.maxMessageBps <= 500 && t.maxHeadBps <= 200;
        agree("set a tier", success, isSound);
        if (success) tiers[id] = t;
    }

    /// @dev Tips of a deposit are up to 50 USD; caps and heads lie around that, and around what dust is worth.
    function drawTier(uint256 seed) internal pure returns (Tier memory t) {
        t.maxBps = uint16(draw(seed, "max") % 1_001);
        t.startBps = uint16(draw(seed, "start") % (t.maxBps + 1));
        t.growSeconds = uint32(1 + draw(seed, "grow") % 2 hours);
        t.tipBps = uint16(draw(seed, "tip") % 101);
        t.maxMessageBps = uint16(draw(seed, "message") % 501);
        t.maxHeadBps = uint16(draw(seed, "head") % 201);
        uint256 flaw = draw(seed, "flaw") % 24;
        if (flaw == 0) t.maxBps = 1_001;
        if (flaw == 1) t.startBps = t.maxBps + 1;
        if (flaw == 2) t.growSeconds = 0;
        if (flaw == 3) t.tipBps = 101;
        if (flaw == 4) t.maxMessageBps = 501;
        if (flaw == 5) t.maxHeadBps = 201;
        uint256 cap = draw(seed, "cap") % 4;
        t.maxTipUsd6 = cap == 0 ? UNCAPPED : uint48(draw(seed, "capped at") % 5e6);
        uint256 head = draw(seed, "cost of a head") % 4;
        t.headUsd6 = head == 0 ? 0 : uint48(draw(seed, "a head is") % (head == 1 ? 40e6 : 5e5));
    }

    /// @dev What lies with the settler is no delivery, and stays.
    function donate(uint256 seed, uint256 amount) external {
        IERC20 token = tokens[draw(seed, "token") % 2];
        amount = bound(amount, 0, 1e18);
        fund(token, address(settler), amount);
        donated[address(token)] += amount;
        donatedCoins += amount;
        vm.deal(address(settler), donatedCoins);
    }

    // ----------------------------------------------------------------------------------------------- inside

    function drawRegistration(uint256 seed, address merchant) internal view returns (Registration memory drawn) {
        uint256 kind = draw(seed, "payout") % 8;
        uint256 pace = draw(seed, "cycle") % 8;
        drawn.merchant = merchant;
        drawn.nonce = registered[merchant].nonce + (draw(seed, "nonce") % 8 == 0 ? 0 : 1);
        drawn.payout = Payout({
            asset: kind < 3 ? address(usdc) : kind < 5 ? address(weth) : kind < 6 ? address(mati) : farAsset,
            eid: kind < 6 ? EID_A : EID_B,
            cycle: pace < 5 ? 0 : pace < 7 ? 1 hours : 1 days,
            tier: draw(seed, "tier") % 4 == 0 ? 2 : TIER,
            toleranceBps: 0
        });
        drawn.chains = new ChainPayout[](1);
        drawn.chains[0].eid = EID_A;
        drawn.chains[0].settler = draw(seed, "settler") % 16 == 0 ? STRANGER : address(settler);
        uint256 count = draw(seed, "recipients") % 3;
        uint160 first = uint160(draw(seed, "first") % 2);
        uint16 share = uint16(draw(seed, "share") % 10_001);
        drawn.chains[0].recipients = new Recipient[](count);
        for (uint160 i = 0; i < count; ++i) {
            uint16 shareBps = count == 1 ? 10_000 : i == 0 ? share : 10_000 - share;
            drawn.chains[0].recipients[i] = Recipient(address(uint160(merchant) + first + i), shareBps);
        }
        drawn.chains[0].reserves = drawReserves(seed, merchant);
    }

    /// @dev Half keep nothing; the others up to a deposit of one token or two, which may be the same one by mistake, or
    /// around what they have.
    function drawReserves(uint256 seed, address merchant) internal view returns (Reserve[] memory kept) {
        uint256 count = draw(seed, "reserves") % 4;
        kept = new Reserve[](count < 2 ? 0 : count - 1);
        for (uint256 i = 0; i < kept.length; ++i) {
            IERC20 token = tokens[(draw(seed, "reserved") + i * (draw(seed, "mistake") % 12 == 0 ? 3 : 1)) % 3];
            uint256 balance = balanceOf(merchant, token);
            uint256 amount = draw(seed, "kept") % (twoWeth(token) / 2);
            uint256 kind = draw(seed, "around") % 8;
            if (kind == 0) amount = balance;
            if (kind == 1 && balance != 0) amount = balance - 1;
            if (kind == 2) amount = balance / 2;
            kept[i] = Reserve(address(token), uint112(amount));
        }
    }

    /// @dev Two WETH, or what they are worth.
    function twoWeth(IERC20 token) internal view returns (uint256) {
        return address(token) == address(weth) ? 2e18 : address(token) == address(usdc) ? 5_000e6 : 20_000e18;
    }

    /// @dev The registration in force; of nobody if there is none.
    function registrationOf(address merchant) internal view returns (Registration memory inForce) {
        Registered memory r = registered[merchant];
        if (r.current.length == 0) return inForce;
        bool isReplaced = r.nextFrom != 0 && block.timestamp >= r.nextFrom;
        return abi.decode(isReplaced ? r.next : r.current, (Registration));
    }

    /// @dev The age of a balance is the mean age of its credits, weighted by amount.
    function noteCredit(address account, IERC20 token, uint256 amount) internal {
        if (amount == 0) return;
        Account storage its = accounts[account][address(token)];
        uint256 balance = its.credited - its.debited;
        // The mean age to the nearest second, a half counting as the younger.
        (uint256 weighted, uint256 sum) = ((block.timestamp - its.since) * balance, balance + amount);
        its.since = block.timestamp - (weighted > sum / 2 ? (weighted - sum / 2 + sum - 1) / sum : 0);
        its.credited += amount;
        checkAccount(account, token);
    }

    /// @dev First in, first out: what an earlier settlement left goes first.
    function noteDebit(address account, IERC20 token, uint256 amount) internal {
        Account storage its = accounts[account][address(token)];
        its.debited += amount;
        its.rest.left -= SettlementModel.min(amount, its.rest.left);
        its.kept -= SettlementModel.min(amount, its.kept);
    }

    function checkAccount(address account, IERC20 token) internal view {
        Ledger memory entry = escrow.ledger(account, address(token));
        Account memory its = accounts[account][address(token)];
        assertEq(entry.credited, its.credited, "credited");
        assertEq(entry.debited, its.debited, "debited");
        assertEq(entry.since, its.since, "since");
        Rest memory rest = settler.restOf(account, address(token));
        assertEq(settler.keptOf(account, address(token)), its.kept, "kept");
        assertEq(rest.credited > its.debited ? rest.credited - its.debited : 0, its.rest.left, "rest: what is left");
        if (its.rest.left == 0) return;
        assertEq(rest.since, its.rest.since, "rest: since");
        assertEq(rest.auctionFrom, its.rest.auctionFrom, "rest: auction");
        assertEq(rest.headWad, its.rest.headWad, "rest: head");
    }

    function balanceOf(address account, IERC20 token) internal view returns (uint256) {
        return accounts[account][address(token)].credited - accounts[account][address(token)].debited;
    }

    function refuses(IERC20 token, address to) internal view returns (bool) {
        return address(token) == address(usdc) && usdc.behaviour(to) > UnrulyToken.Behaviour.PaysSilently;
    }

    /// @dev An answer in USD, 8 decimals; 0 if it is too old or further than tenfold from where it began.
    function answerOf(MockV3Aggregator its, uint256 first) internal view returns (uint256) {
        uint256 answer = uint256(its.latestAnswer());
        bool isFresh = block.timestamp - its.latestTimestamp() <= MAX_AGE;
        return isFresh && answer >= first / 10 && answer <= first * 10 ? answer : 0;
    }

    function agree(string memory action, bool success, bool expected) internal {
        assertEq(success, expected, string.concat(action, expected ? " must succeed" : " must fail"));
        success ? succeeded[action]++ : failed[action]++;
    }

    function draw(uint256 seed, string memory what) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what)));
    }
}
