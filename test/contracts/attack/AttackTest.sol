// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {ISolver} from "../../../contracts/src/interfaces/ISolver.sol";
import {MatiAccess} from "../../../contracts/src/MatiAccess.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {SignatureVerifier} from "../../../contracts/src/SignatureVerifier.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {PayoutAccounts} from "../../../contracts/src/PayoutAccounts.sol";
import {RateOracle} from "../../../contracts/src/RateOracle.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {ChainlinkSource} from "../../../contracts/src/sources/ChainlinkSource.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {ChainPayout, Operator, Payout, Recipient, Registration, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {Test} from "../base/Test.sol";
import {PlainToken} from "../base/Tokens.sol";

/// @dev Delivers exactly the bound, from its own stock.
contract BoundSolver is ISolver {
    function solve(address, uint256, address tokenOut, uint256 minOut, bytes calldata) external {
        PlainToken(tokenOut).transfer(msg.sender, minOut);
    }
}

/// @notice The field for attacks: real escrow, registry, oracle and settler; Chainlink's mock feeds.
abstract contract AttackTest is Test {
    uint32 internal constant EID = 40901;
    address internal constant USD = address(840);
    uint256 internal constant MIDNIGHT = 1_800_057_600;

    MatiAccess internal access;
    IMerchantRegistry internal registry;
    RateOracle internal oracle;
    IMatiEscrow internal escrow;
    ISettler internal settler;
    BoundSolver internal solver;
    PlainToken internal weth;
    PlainToken internal usdc;
    address internal merchant = makeAddress("merchant");
    address internal attacker = makeAddress("attacker");
    address internal keeper = makeAddress("keeper");

    function setUp() public virtual {
        vm.warp(MIDNIGHT);
        access = new MatiAccess(address(this));
        registry = deployRegistry(EID, new PayoutAccounts());
        oracle = new RateOracle(address(access));
        escrow = deployEscrow(address(access), registry, oracle, new SignatureVerifier(address(access)));
        weth = new PlainToken("WETH", 18);
        usdc = new PlainToken("USDC", 6);
        settler = deploySettler(escrow, registry, oracle, address(weth), address(access));
        solver = new BoundSolver();
        price(address(weth), 2_500e8);
        price(address(usdc), 1e8);
        // Tier 1 of contracts/config/example.json has 60/300/300; tier 0 this one.
        settler.setTier(
            0,
            Tier({
                startBps: 30,
                maxBps: 100,
                growSeconds: 600,
                tipBps: 5,
                maxMessageBps: 100,
                maxHeadBps: 0,
                maxTipUsd6: UNCAPPED,
                headUsd6: 0
            })
        );
        usdc.mint(address(solver), 1e20);
    }

    function price(address token, int256 answer) internal {
        address feed = address(new MockV3Aggregator(8, answer));
        oracle.setSource(token, new ChainlinkSource(feed, USD, 365 days, 1, 1e15, address(0), 0));
    }

    function register(address account, address asset, uint32 cycle, Recipient[] memory named) internal {
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout({eid: EID, settler: address(settler), recipients: named, reserves: new Reserve[](0)});
        vm.prank(account);
        registry.register(
            Registration({
                merchant: account,
                nonce: 1,
                payout: Payout({asset: asset, eid: EID, cycle: cycle, tier: 0, toleranceBps: 0}),
                operators: new Operator[](0),
                chains: chains
            }),
            ""
        );
    }

    function credit(address account, PlainToken token, uint256 amount, uint256 entries) internal {
        token.mint(address(this), amount * entries);
        token.approve(address(escrow), amount * entries);
        escrow.deposit(address(token), entriesOf(account, amount, entries), "");
    }

    function entriesOf(address account, uint256 amount, uint256 count)
        internal
        pure
        returns (LedgerEntry[] memory entries)
    {
        entries = new LedgerEntry[](count);
        for (uint256 i = 0; i < count; ++i) {
            entries[i] = LedgerEntry(account, uint112(amount));
        }
    }

    function group() internal view returns (Group memory) {
        return Group({token: address(weth), asset: address(usdc), eid: EID, tier: 0});
    }

    function list(address account) internal pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
