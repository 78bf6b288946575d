// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {CrossingHandler} from "./CrossingHandler.sol";

/// @notice Settlement's invariants after any sequence of calls, valid or not. That each settlement succeeds exactly
/// when the model says so, and gives each merchant what is its (invariants 8 and 14), is asserted inside the handler,
/// whose own revert is a failure here.
/// forge-config: default.invariant.fail-on-revert = true
/// The calls' only arguments are seeds: what forge would collect of values it has seen, at half of all time, is of no use.
/// forge-config: default.invariant.dictionary-weight = 0
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
contract SettlementInvariants is CrossingHandler {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev forge asks for these: what it calls, at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[22] memory weighted = [
            this.doSettle.selector,
            this.doSettle.selector,
            this.doSettle.selector,
            this.doSettle.selector,
            this.doSettlePart.selector,
            this.doSettlePart.selector,
            this.doSettlePart.selector,
            this.doCross.selector,
            this.doCross.selector,
            this.doCross.selector,
            this.doDeposit.selector,
            this.doDeposit.selector,
            this.doDeposit.selector,
            this.doDeposit.selector,
            this.doRegister.selector,
            this.doRegister.selector,
            this.doWithdraw.selector,
            this.warp.selector,
            this.moveFeed.selector,
            this.refuse.selector,
            this.configure.selector,
            this.donate.selector
        ];
        bytes4[] memory selectors = new bytes4[](weighted.length);
        for (uint256 i = 0; i < weighted.length; ++i) {
            selectors[i] = weighted[i];
        }
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), selectors);
    }

    /// @dev One campaign for both: it is the handler's calls that take the time.
    function invariant_EscrowsAreSolventAndNothingIsLeftBehind() external view {
        checkSolvency();
        checkNothingIsLeft();
    }

    /// @dev Invariant 1: per token, the escrow's balance covers all ledger balances (there are no holds here).
    function checkSolvency() internal view {
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 owed;
            for (uint256 i = 0; i < people.length; ++i) {
                owed += escrow.balanceOf(people[i], address(tokens[t]));
            }
            assertGe(tokens[t].balanceOf(address(escrow)), owed, "balance covers what is owed");
        }
        uint256 owedAcross;
        for (uint256 i = 0; i < shops.length; ++i) {
            owedAcross += arrived(shops[i]);
        }
        assertGe(b.token.balanceOf(address(b.escrow)), owedAcross, "so it does on the other chain");
    }

    /// @dev Invariant 9: nothing but donations lies with the settler, nothing at all with solver and gateways.
    function checkNothingIsLeft() internal view {
        address[3] memory empty = [address(uniswap), address(gateway), address(b.gateway)];
        address[5] memory spenders = [address(escrow), address(gateway), address(uniswap), address(solver), router];
        for (uint256 t = 0; t < tokens.length; ++t) {
            assertEq(tokens[t].balanceOf(address(settler)), donated[address(tokens[t])], "the settler's balance");
            for (uint256 i = 0; i < empty.length; ++i) {
                assertEq(tokens[t].balanceOf(empty[i]), 0, "balance");
            }
            for (uint256 i = 0; i < spenders.length; ++i) {
                assertEq(tokens[t].allowance(address(settler), spenders[i]), 0, "the settler's allowance");
                assertEq(tokens[t].allowance(address(uniswap), spenders[i]), 0, "the solver's allowance");
                assertEq(tokens[t].allowance(address(gateway), spenders[i]), 0, "the gateway's allowance");
            }
        }
        assertEq(b.token.balanceOf(address(b.gateway)), 0, "the other gateway's balance");
        assertEq(b.token.allowance(address(b.gateway), address(b.escrow)), 0, "the other gateway's allowance");
        assertEq(address(settler).balance, donatedCoins, "the settler's coins");
        assertEq(address(gateway).balance, 0, "the gateway's coins");
    }

    /// @dev Invariant 5: every ledger balance can be withdrawn raw by its owner, all of them one after the other. The
    /// first runs of the other campaign.
    /// forge-config: default.invariant.runs = 12
    function invariant_EveryBalanceCanBeWithdrawn() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 t = 0; t < tokens.length; ++t) {
                uint256 balance = escrow.balanceOf(people[i], address(tokens[t]));
                assertEq(balance, balanceOf(people[i], tokens[t]), "as noted");
                if (balance == 0) continue;
                vm.prank(people[i]);
                escrow.withdraw(address(tokens[t]), balance, address(0xCAFE));
            }
        }
        for (uint256 i = 0; i < shops.length; ++i) {
            withdrawArrived(shops[i], address(0xCAFE));
        }
        vm.revertToState(snapshot);
    }

    /// @dev The campaign is worth something only if every action both succeeds and fails in it, and everything that
    /// distinguishes one settlement from another happens.
    function test_HandlerReachesBothOutcomesOfEveryAction() external {
        for (uint256 i = 0; i < 600; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            this.doSettle(seed);
            if (i % 2 == 0) this.doSettlePart(seed >> 1);
            if (i % 2 == 1) this.doCross(seed >> 2);
            this.doDeposit(seed, seed >> 5);
            if (i < 8 || i % 5 == 0) this.doRegister(seed);
            if (i % 4 == 0) this.doWithdraw(seed, seed >> 3);
            if (i % 7 == 0) this.moveFeed(seed);
            if (i % 6 == 0) this.refuse(seed);
            if (i % 10 == 0) this.configure(seed);
            if (i % 9 == 0) this.donate(seed, seed >> 4);
            if (i % 3 == 0) this.warp(seed);
        }
        string[13] memory actions = [
            "settle from stock",
            "settle through pools",
            "settle as is",
            "settle across",
            "settle a part",
            "settle a part across",
            "cross exactly",
            "cross, the rest from stock",
            "cross, the rest through pools",
            "register",
            "set a tier",
            "deposit",
            "withdraw"
        ];
        string[10] memory turns = [
            "all of it is reserved",
            "a head is too dear",
            "a reserve stays",
            "a part is taken",
            "of a rest alone",
            "of a rest and what came since",
            "of a reserve that was drawn on",
            "nobody knows the worth in USD",
            "a tip is capped",
            "a head is paid for"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            assertGe(succeeded[actions[i]], 3, string.concat(actions[i], " succeeds"));
            assertGe(failed[actions[i]], 3, string.concat(actions[i], " fails"));
        }
        for (uint256 i = 0; i < turns.length; ++i) {
            assertGe(reached[turns[i]], 3, turns[i]);
        }
    }
}
