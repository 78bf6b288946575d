// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {ChainPayout, Operator, Payout, Recipient, Registration, Reserve} from "../../../contracts/src/types/Payout.sol";
import {Group} from "../../../contracts/src/types/Settlement.sol";
import {AnySolver} from "./AnySolver.sol";
import {SettlerTest} from "./SettlerTest.sol";
import {UnrulyToken} from "./Tokens.sol";

/// @notice Settlement on both chains: from WETH in chain A's escrow to USDC on chain B.
abstract contract BothChainsTest is SettlerTest {
    ISettler internal farSettler;
    AnySolver internal farSolver;
    UnrulyToken internal farUsdc;

    function setUp() public virtual override {
        super.setUp();
        farUsdc = new UnrulyToken("USDC", 6);
        farAsset = address(farUsdc);
        feed(b.oracle, address(b.token), 0.25e8, 55);
        feed(b.oracle, farAsset, 1e8, 66);
        farSettler = deploySettler(b);
        farSolver = new AnySolver();
        farUsdc.mint(address(farSolver), 1e12);
    }

    /// @dev What a merchant signs to be paid USDC on B, by these recipients.
    function registrationOf(address merchant, uint64 nonce, Recipient[] memory onB)
        internal
        view
        returns (Registration memory)
    {
        ChainPayout[] memory chains = new ChainPayout[](2);
        chains[0] = ChainPayout({
            eid: EID_A, settler: address(settler), recipients: new Recipient[](0), reserves: new Reserve[](0)
        });
        chains[1] = ChainPayout({eid: EID_B, settler: address(farSettler), recipients: onB, reserves: new Reserve[](0)});
        return Registration({
            merchant: merchant,
            nonce: nonce,
            payout: Payout({asset: farAsset, eid: EID_B, cycle: 0, tier: TIER, toleranceBps: 0}),
            operators: new Operator[](0),
            chains: chains
        });
    }

    /// @dev One registration, as one signature would bring it to both chains.
    function registerOnBoth(address merchant, Recipient[] memory onB) internal {
        Registration memory registration = registrationOf(merchant, 1, onB);
        vm.startPrank(merchant);
        a.registry.register(registration, "");
        b.registry.register(registration, "");
        vm.stopPrank();
    }

    function settleOnB(address[] memory accounts) internal {
        vm.prank(keeper);
        farSettler.settle(matiToUsdc(), accounts, address(farSolver), "");
    }

    function ascending(address one, address other) internal pure returns (address[] memory) {
        return one < other ? list(one, other) : list(other, one);
    }

    function matiToUsdc() internal view returns (Group memory) {
        return Group({token: address(b.token), asset: farAsset, eid: EID_B, tier: TIER});
    }
}
