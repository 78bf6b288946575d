// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {Group} from "../../../contracts/src/types/Settlement.sol";
import {DevUsdc} from "../../../devnet/contracts/DevUsdc.sol";
import {MarketTest} from "../base/Market.sol";

/// @notice How payer and merchant get their money out, whatever stands in the way: every combination of nine
/// impediments, over the real contracts (invariants 4, 5, 15, 16).
/// @dev Each way begins from the same world: payments in USDC, whose issuer blocks accounts, held before anything went
/// wrong; a merchant that wants WETH for them. `test_Rows` logs what the table in `contracts/README.md` says:
/// `npm run exits` writes it.
contract ExitMatrixTest is MarketTest {
    uint256 internal constant INTAKE_PAUSED = 1;
    uint256 internal constant CAPTURE_FROZEN = 1 << 1;
    uint256 internal constant ORACLE_STALE = 1 << 2;
    uint256 internal constant SEQUENCER_DOWN = 1 << 3;
    uint256 internal constant POOL_EMPTY = 1 << 4;
    uint256 internal constant MERCHANT_BLOCKED = 1 << 5;
    uint256 internal constant PAYER_BLOCKED = 1 << 6;
    uint256 internal constant ARBITER_SILENT = 1 << 7;
    uint256 internal constant KEEPER_ABSENT = 1 << 8;
    uint256 internal constant COMBINATIONS = 1 << 9;
    /// @dev Which impediment a row names, in the order of the bits.
    string[9] internal names = [
        "intake paused",
        "capture frozen",
        "oracle stale",
        "sequencer down",
        "pool empty",
        "token blocks the merchant",
        "token blocks refundTo",
        "arbiter silent",
        "keeper absent"
    ];
    uint112 internal constant AMOUNT = 60e6;
    uint112 internal constant DUE_USD = 50e18;
    uint112 internal constant FALLBACK = 51e6;

    /// @dev forge-std's, which `forge test --json` reports as `decoded_logs`.
    event log(string);

    DevUsdc internal coin;
    MockV3Aggregator internal coinFeed;
    MockV3Aggregator internal sequencerFeed;
    address internal payer = makeAddress("payer");
    address internal refundTo = makeAddress("refundTo");
    address internal arbiter = makeAddress("arbiter");
    /// @dev An account that no token blocks.
    address internal elsewhere = makeAddress("elsewhere");
    address internal merchant;

    /// @dev In units of the token; due in it, disputable, due in USD.
    Payment internal inCoin;
    Payment internal disputable;
    Payment internal inUsd;

    function setUp() public override {
        super.setUp();
        merchant = merchants[0];
        coin = new DevUsdc(address(this));
        coinFeed = new MockV3Aggregator(8, 1e8);
        sequencerFeed = new MockV3Aggregator(0, 0);
        vm.warp(block.timestamp + 1 days); // the sequencer's grace period
        oracle.setSource(
            address(coin),
            new ChainlinkSource(address(coinFeed), USD, MAX_AGE, 0.9e8, 1.1e8, address(sequencerFeed), 1 hours)
        );
        escrow.setTokenAllowed(address(coin), true);
        register(merchant, group(), 0);

        inCoin = terms("in coin");
        (inCoin.currency, inCoin.due) = (address(coin), AMOUNT);
        disputable = terms("disputable");
        disputable.captureAfter = uint40(block.timestamp + 1 days);
        (disputable.arbiter, disputable.resolveBy) = (arbiter, disputable.captureBy + 1 days);
        disputable.defaultMerchantBps = 4000;
        inUsd = terms("in USD");
        (inUsd.currency, inUsd.due, inUsd.fallbackAmount) = (USD, DUE_USD, FALLBACK);
        coin.mint(payer, 3 * AMOUNT);
        vm.startPrank(payer);
        coin.approve(address(escrow), type(uint256).max);
        escrow.authorize(inCoin, address(0), "");
        escrow.authorize(disputable, address(0), "");
        escrow.authorize(inUsd, address(0), "");
        vm.stopPrank();
    }

    /// @dev Every one of the 512, in four parts for the gas of a test.
    function test_EveryoneGetsOutOfEveryCombination_1() public {
        proveAll(0);
    }

    function test_EveryoneGetsOutOfEveryCombination_2() public {
        proveAll(1);
    }

    function test_EveryoneGetsOutOfEveryCombination_3() public {
        proveAll(2);
    }

    function test_EveryoneGetsOutOfEveryCombination_4() public {
        proveAll(3);
    }

    /// @dev Each combination from the same beginning.
    function proveAll(uint256 quarter) internal {
        uint256 snapshot = vm.snapshotState();
        uint256 first = quarter * COMBINATIONS / 4;
        for (uint256 combination = first; combination < first + COMBINATIONS / 4; ++combination) {
            try this.prove(combination) {}
            catch (bytes memory reason) {
                require(false, NotTrue(string.concat(describe(combination), ": ", vm.toString(reason))));
            }
            vm.revertToState(snapshot);
        }
    }

    /// @dev One row per impediment, before them the world without any, after them all at once.
    function test_Rows() public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 row = 0; row < 11; ++row) {
            uint256 combination = row == 0 ? 0 : row == 10 ? COMBINATIONS - 1 : 1 << (row - 1);
            string[6] memory ways = this.prove(combination);
            vm.revertToState(snapshot);
            emit log(string.concat(
                    "| ",
                    row == 0 ? "nothing" : row == 10 ? "all at once" : names[row - 1],
                    " | ",
                    ways[0],
                    " | ",
                    ways[1],
                    " | ",
                    ways[2],
                    " | ",
                    ways[3],
                    " | ",
                    ways[4],
                    " | ",
                    ways[5],
                    " |"
                ));
        }
    }

    /// @dev The six ways out, one after the other, each from the world in which the impediments have just come.
    function prove(uint256 combination) external returns (string[6] memory ways) {
        impede(combination);
        uint256 snapshot = vm.snapshotState();
        ways[0] = payerByVoid();
        vm.revertToState(snapshot);
        ways[1] = payerByReclaim(combination);
        vm.revertToState(snapshot);
        ways[2] = bothByRuling(combination);
        vm.revertToState(snapshot);
        ways[3] = merchantInTheToken(combination);
        vm.revertToState(snapshot);
        ways[4] = merchantInUsd(combination);
        vm.revertToState(snapshot);
        ways[5] = ledgerOut(combination);
        vm.revertToState(snapshot);
    }

    // ------------------------------------------------------------------------------------------ the ways out

    function payerByVoid() internal returns (string memory) {
        vm.prank(merchant);
        escrow.void(inCoin);
        return string.concat("void ", paidBack(AMOUNT));
    }

    function payerByReclaim(uint256 combination) internal returns (string memory) {
        vm.warp(uint256(inCoin.captureBy) + 1);
        vm.prank(anyone(combination));
        escrow.reclaim(inCoin);
        return string.concat(by(combination), " reclaims ", paidBack(AMOUNT));
    }

    /// @dev By ruling a third is the merchant's, by default two fifths.
    function bothByRuling(uint256 combination) internal returns (string memory) {
        vm.prank(payer);
        escrow.dispute(disputable);
        bool silent = combination & ARBITER_SILENT != 0;
        uint256 share = silent ? AMOUNT * 4 / 10 : AMOUNT / 3;
        if (silent) {
            vm.warp(uint256(disputable.resolveBy) + 1);
            vm.prank(anyone(combination));
            escrow.resolveByDefault(disputable);
        } else {
            vm.prank(arbiter);
            escrow.resolve(disputable, share);
        }
        withdrawn(share, combination);
        return string.concat(
            silent ? string.concat(by(combination), " applies the default split ") : "ruling ", paidBack(AMOUNT - share)
        );
    }

    function merchantInTheToken(uint256 combination) internal returns (string memory how) {
        how = thaw(combination);
        vm.prank(merchant);
        escrow.capture(inCoin, AMOUNT, 0, true);
        withdrawn(AMOUNT, combination);
    }

    /// @dev At the rate, else for what the payer signed, from the last day on: a dead oracle takes nothing from anybody.
    function merchantInUsd(uint256 combination) internal returns (string memory how) {
        how = thaw(combination);
        uint256 amount = 50e6;
        if (!hasRate(combination)) {
            amount = FALLBACK;
            vm.warp(inUsd.captureBy - 1 days);
            how = "in the last day, for the fallback";
        }
        refresh(combination);
        vm.prank(merchant);
        assertEq(escrow.capture(inUsd, DUE_USD, 0, true), amount, "captured");
        paidBack(AMOUNT - amount);
        withdrawn(amount, combination);
    }

    /// @dev What became a ledger balance: settled where everything works, withdrawn raw where not.
    function ledgerOut(uint256 combination) internal returns (string memory) {
        thaw(combination);
        vm.prank(merchant);
        escrow.capture(inCoin, AMOUNT, 0, true);
        if (combination & KEEPER_ABSENT == 0) {
            vm.warp(block.timestamp + 10 minutes);
            refresh(combination);
            address[] memory members = new address[](1);
            members[0] = merchant;
            uint256 before = weth.balanceOf(merchant);
            vm.prank(keeper);
            try settler.settle(group(), members, address(uniswap), abi.encodePacked(coin, FEE, weth)) {
                assertTrue(hasRate(combination) && combination & POOL_EMPTY == 0, "settled though nothing should");
                assertTrue(weth.balanceOf(merchant) > before, "paid in WETH");
                assertEq(escrow.balanceOf(merchant, address(coin)), 0, "ledger");
                return "settled";
            } catch {
                assertTrue(!hasRate(combination) || combination & POOL_EMPTY != 0, "not settled though it should");
            }
        }
        return withdrawn(AMOUNT, combination);
    }

    // ----------------------------------------------------------------------------------------- the impediments

    function impede(uint256 combination) internal {
        if (combination & INTAKE_PAUSED != 0) escrow.setIntakePaused(true);
        if (combination & CAPTURE_FROZEN != 0) {
            escrow.freezeCapture(inCoin);
            escrow.freezeCapture(disputable);
            escrow.freezeCapture(inUsd);
        }
        if (combination & SEQUENCER_DOWN != 0) sequencerFeed.updateAnswer(1);
        if (combination & POOL_EMPTY == 0) pool(coin, 25_000_000e6, weth, 10_000e18, FULL_RANGE);
        if (combination & MERCHANT_BLOCKED != 0) coin.setBlacklisted(merchant, true);
        if (combination & PAYER_BLOCKED != 0) {
            coin.setBlacklisted(refundTo, true);
            coin.setBlacklisted(payer, true);
        }
        if (combination & ORACLE_STALE != 0) vm.warp(block.timestamp + MAX_AGE + 1);
    }

    /// @dev Waits for the freeze to end, if there is one.
    function thaw(uint256 combination) internal returns (string memory) {
        if (combination & CAPTURE_FROZEN == 0) return "at once";
        vm.warp(escrow.paymentState(escrow.paymentId(inCoin)).frozenUntil);
        return "after two days";
    }

    /// @dev Chainlink goes on, unless it is what stands in the way.
    function refresh(uint256 combination) internal {
        if (combination & ORACLE_STALE != 0) return;
        refreshFeeds();
        coinFeed.updateAnswer(1e8);
    }

    function hasRate(uint256 combination) internal pure returns (bool) {
        return combination & (ORACLE_STALE | SEQUENCER_DOWN) == 0;
    }

    function anyone(uint256 combination) internal view returns (address) {
        return combination & KEEPER_ABSENT == 0 ? keeper : payer;
    }

    function by(uint256 combination) internal pure returns (string memory) {
        return combination & KEEPER_ABSENT == 0 ? "keeper" : "payer";
    }

    // ------------------------------------------------------------------------------------- where money arrived

    /// @dev refundTo has it, or takes it from its ledger to an account that is not blocked.
    function paidBack(uint256 amount) internal returns (string memory) {
        if (coin.balanceOf(refundTo) == amount) return "to refundTo";
        assertEq(coin.balanceOf(refundTo), 0, "all or nothing");
        uint256 before = coin.balanceOf(elsewhere);
        vm.prank(refundTo);
        escrow.withdraw(address(coin), amount, elsewhere);
        assertEq(coin.balanceOf(elsewhere) - before, amount, "refundTo's, elsewhere");
        return "into refundTo's ledger, withdrawn elsewhere";
    }

    function withdrawn(uint256 amount, uint256 combination) internal returns (string memory) {
        bool blocked = combination & MERCHANT_BLOCKED != 0;
        address to = blocked ? elsewhere : merchant;
        uint256 before = coin.balanceOf(to);
        vm.prank(merchant);
        escrow.withdraw(address(coin), amount, to);
        assertEq(coin.balanceOf(to) - before, amount, "merchant's");
        return blocked ? "withdrawn raw elsewhere" : "withdrawn raw";
    }

    function group() internal view returns (Group memory) {
        return Group({token: address(coin), asset: address(weth), eid: EID_A, tier: TIER});
    }

    /// @dev Without a fee, which others would be owed.
    function terms(bytes32 invoice) internal view returns (Payment memory) {
        return Payment({
            payer: payer,
            merchant: merchant,
            token: address(coin),
            maxAmount: AMOUNT,
            currency: address(coin),
            due: AMOUNT,
            fallbackAmount: 0,
            minFeeBps: 0,
            maxFeeBps: 0,
            feeReceiver: address(0),
            authorizeBy: uint40(block.timestamp),
            captureAfter: uint40(block.timestamp),
            captureBy: uint40(block.timestamp + 7 days),
            autoCapture: false,
            arbiter: address(0),
            resolveBy: 0,
            defaultMerchantBps: 0,
            refundTo: refundTo,
            invoice: invoice
        });
    }

    function describe(uint256 combination) internal view returns (string memory all) {
        for (uint256 i = 0; i < names.length; ++i) {
            if (combination & (1 << i) != 0) all = string.concat(all, bytes(all).length == 0 ? "" : ", ", names[i]);
        }
    }
}
