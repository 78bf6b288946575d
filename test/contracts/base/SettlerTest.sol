// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMatiGateway} from "../../../contracts/src/interfaces/IMatiGateway.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {MerchantRegistry} from "../../../contracts/src/MerchantRegistry.sol";
import {Settler} from "../../../contracts/src/Settler.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {ChainPayout, Payout, Recipient, Registration} from "../../../contracts/src/types/Payout.sol";
import {Rate} from "../../../contracts/src/types/Rate.sol";
import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {GatewayDouble, LedgerDouble, OracleDouble, SolverDouble, TokenDouble} from "./Doubles.sol";
import {Test} from "./Test.sol";

/// @notice A settler over the real registry, with merchants who are owed WETH (2,500 USD each) and want USDC here, or
/// MATI (0.25 USD) carried to another chain.
abstract contract SettlerTest is Test {
    uint32 internal constant EID = 40901;
    uint32 internal constant OTHER_EID = 40902;
    uint8 internal constant TIER = 1;
    /// @dev A multiple of 1 day and of 1 hour.
    uint256 internal constant MIDNIGHT = 1_800_057_600;
    uint256 internal constant NATIVE = 100 ether;

    MerchantRegistry internal registry;
    LedgerDouble internal escrow;
    OracleDouble internal oracle;
    GatewayDouble internal gateway;
    Settler internal settler;
    SolverDouble internal solver;
    TokenDouble internal weth;
    TokenDouble internal usdc;
    TokenDouble internal mati;
    address internal wrappedNative = makeAddress("wrapped native");
    address internal farAsset = makeAddress("usdc on the other chain");
    address internal keeper = makeAddress("keeper");
    /// @dev Ascending.
    address[3] internal merchants = [address(0x1001), address(0x1002), address(0x1003)];
    mapping(address merchant => uint64) internal nonces;

    function setUp() public virtual {
        vm.warp(MIDNIGHT);
        registry = new MerchantRegistry(EID);
        escrow = new LedgerDouble(registry);
        oracle = new OracleDouble();
        weth = new TokenDouble(18);
        usdc = new TokenDouble(6);
        mati = new TokenDouble(18);
        gateway = new GatewayDouble(address(mati));
        settler = new Settler(
            IMatiEscrow(address(escrow)),
            registry,
            IRateOracle(address(oracle)),
            wrappedNative,
            address(new AccessManager(address(this)))
        );
        solver = new SolverDouble();
        settler.setTier(TIER, tier());
        settler.setGateway(OTHER_EID, IMatiGateway(address(gateway)));
        oracle.set(address(weth), address(usdc), rate(2_500e18, 18, 6));
        oracle.set(address(weth), address(mati), rate(10_000e18, 18, 18));
        oracle.set(wrappedNative, address(mati), rate(10_000e18, 18, 18));
        usdc.mint(address(solver), 1e30);
        mati.mint(address(solver), 1e36);
        vm.deal(keeper, NATIVE);
    }

    function tier() internal pure returns (Tier memory) {
        return Tier({startBps: 30, maxBps: 130, growSeconds: 600, tipBps: 10, maxMessageBps: 100});
    }

    function rate(uint256 wad, uint8 baseDecimals, uint8 quoteDecimals) internal pure returns (Rate memory) {
        return Rate({
            wad: wad,
            baseDecimals: baseDecimals,
            quoteDecimals: quoteDecimals,
            updatedAt: uint40(MIDNIGHT),
            baseRoundId: 11,
            quoteRoundId: 22
        });
    }

    /// @dev WETH to be paid out as USDC on this chain.
    function here() internal view returns (Group memory) {
        return Group({token: address(weth), asset: address(usdc), eid: EID, tier: TIER});
    }

    /// @dev WETH to be carried as MATI to another chain.
    function across() internal view returns (Group memory) {
        return Group({token: address(weth), asset: farAsset, eid: OTHER_EID, tier: TIER});
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
        ChainPayout[] memory chains = new ChainPayout[](1);
        chains[0] = ChainPayout({eid: EID, settler: itsSettler, recipients: named});
        Registration memory registration = Registration({
            merchant: merchant,
            nonce: ++nonces[merchant],
            payout: Payout({asset: group.asset, eid: group.eid, cycle: cycle, tier: group.tier, toleranceBps: 0}),
            operators: new address[](0),
            chains: chains
        });
        vm.prank(merchant);
        registry.register(registration, "");
    }

    /// @dev A ledger balance that arrived at `since`.
    function credit(address merchant, TokenDouble token, uint256 amount, uint256 since) internal {
        token.mint(address(this), amount);
        token.approve(address(escrow), amount);
        LedgerEntry[] memory credits = new LedgerEntry[](1);
        credits[0] = LedgerEntry({account: merchant, amount: uint112(amount)});
        escrow.deposit(address(token), credits, "payment");
        escrow.setSince(merchant, address(token), uint32(since));
    }

    function recipients(address a, uint16 shareA, address b, uint16 shareB)
        internal
        pure
        returns (Recipient[] memory named)
    {
        named = new Recipient[](2);
        named[0] = Recipient({account: a, shareBps: shareA});
        named[1] = Recipient({account: b, shareBps: shareB});
    }

    function idOf(uint256 count) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(settler), count));
    }

    function list(address a) internal pure returns (address[] memory members) {
        members = new address[](1);
        members[0] = a;
    }

    function list(address a, address b) internal pure returns (address[] memory members) {
        members = new address[](2);
        (members[0], members[1]) = (a, b);
    }

    function list(address a, address b, address c) internal pure returns (address[] memory members) {
        members = new address[](3);
        (members[0], members[1], members[2]) = (a, b, c);
    }

    /// @dev Invariant 9.
    function assertHoldsNothing() internal view {
        TokenDouble[3] memory tokens = [weth, usdc, mati];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(tokens[i].balanceOf(address(settler)), 0, "the settler's balance");
            assertEq(tokens[i].allowance(address(settler), address(escrow)), 0, "allowance to the escrow");
            assertEq(tokens[i].allowance(address(settler), address(gateway)), 0, "allowance to the gateway");
        }
        assertEq(address(settler).balance, 0, "the settler's coins");
    }
}
