// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Group, Side} from "../../../contracts/src/types/Settlement.sol";
import {SettlementLegs} from "./SettlementLegs.sol";

/// @notice Draws who solves: stock, delivered around the bound; Uniswap's pools; somebody who tries more than to solve;
/// or nobody.
abstract contract SettlementFills is SettlementLegs {
    /// What a solver is asked for, and what it will do.
    struct Fill {
        /// Whether there is anything to be solved.
        bool isNeeded;
        IERC20 token;
        uint256 amountIn;
        IERC20 out;
        uint256 minOut;
        address solver;
        bytes data;
        /// What it will deliver; whether it does so at all, without a revert.
        uint256 delivered;
        bool isSolved;
        /// What of it is its own ledger balance, withdrawn straight to the settler.
        uint256 withdrawn;
        /// Whether it tries what it must not be able to do.
        bool isHostile;
        /// What it had of `token`.
        uint256 wallet;
    }

    function drawFill(Fill memory x, Group memory group, uint256 seed) internal {
        uint256 kind = draw(seed, "solver") % 20;
        if (kind >= 18) {
            x.solver = kind == 18 ? address(escrow) : STRANGER;
        } else if (kind >= 10 && address(x.token) != address(x.out)) {
            usePools(x, draw(seed, "path") % 16 != 0);
        } else {
            useStock(x, seed);
            if (kind == 0) useLedger(x, seed);
            if (kind == 1 || kind == 2) tryMore(x, group, seed);
        }
    }

    function useStock(Fill memory x, uint256 seed) private {
        uint256 kind = draw(seed, "delivered") % 12;
        uint256 least = x.minOut;
        x.delivered = kind == 0 ? 0 : least * (9_800 + draw(seed, "around") % 600) / 10_000;
        if (kind == 1 && least != 0) x.delivered = least - 1;
        if (kind >= 2 && kind <= 4) x.delivered = least;
        if (kind >= 5 && kind <= 8) x.delivered = least * (10_000 + draw(seed, "above") % 300) / 10_000;
        solver.willDeliver(x.delivered);
        (x.solver, x.isSolved) = (address(solver), true);
    }

    function useLedger(Fill memory x, uint256 seed) private {
        uint256 balance = balanceOf(address(solver), x.out);
        uint256 part = draw(seed, "part") % (balance + balance / 8 + 1);
        solver.willCall(address(escrow), abi.encodeCall(IMatiEscrow.withdraw, (address(x.out), part, address(settler))));
        if (part > balance || part == 0 || !x.isNeeded) return;
        x.delivered += part;
        x.withdrawn = part;
    }

    /// @dev Another settlement in the midst of this one, or somebody's balance.
    function tryMore(Fill memory x, Group memory group, uint256 seed) private {
        x.isHostile = x.isNeeded;
        uint256 kind = draw(seed, "more") % 4;
        bytes memory call;
        if (kind == 0) call = abi.encodeCall(ISettler.settle, (group, shops, address(solver), ""));
        if (kind == 1) call = abi.encodeCall(ISettler.settlePart, (group, shops, 1e6, address(solver), ""));
        if (kind == 2) {
            Group memory back = Group(group.asset, group.token, group.eid, group.tier);
            call = abi.encodeCall(ISettler.settleCrossed, (Side(group, shops), Side(back, shops), address(solver), ""));
        }
        if (kind != 3) return solver.willCall(address(settler), call);
        LedgerEntry[] memory debits = new LedgerEntry[](1);
        debits[0] = LedgerEntry(shops[draw(seed, "victim") % MERCHANTS], 0);
        solver.willCall(address(escrow), abi.encodeCall(IMatiEscrow.debit, (address(x.out), debits, address(settler))));
    }

    function usePools(Fill memory x, bool isRightWay) private {
        x.solver = address(uniswap);
        x.data = isRightWay ? path(x.token, x.out) : path(x.out, x.token);
        if (!isRightWay || x.amountIn == 0) return;
        try quoter.quoteExactInput(x.data, x.amountIn) returns (uint256 amountOut) {
            (x.delivered, x.isSolved) = (amountOut, amountOut >= x.minOut);
        } catch {
            // No pool, or one without liquidity: not solved.
        }
    }

    /// @dev WETH and USDC are traded for MATI only.
    function path(IERC20 from, IERC20 to) private view returns (bytes memory) {
        bool isDirect = address(from) == address(mati) || address(to) == address(mati);
        return isDirect ? abi.encodePacked(from, FEE, to) : abi.encodePacked(from, FEE, mati, FEE, to);
    }

    function look(Fill memory x) internal view {
        x.wallet = x.token.balanceOf(address(solver));
    }

    /// @dev What the solver was told, got, gave up and could not do.
    function check(Fill memory x) internal {
        if (!x.isNeeded || x.solver != address(solver)) return;
        if (x.isHostile) assertTrue(!solver.succeeded(), "a solver can do no more than deliver");
        assertEq(solver.lastAmountIn(), x.amountIn, "it was told what it got");
        assertEq(solver.lastMinOut(), x.minOut, "and the bound");
        assertEq(x.token.balanceOf(address(solver)), x.wallet + x.amountIn, "it got that");
        if (x.withdrawn != 0) noteDebit(address(solver), x.out, x.withdrawn);
        checkAccount(address(solver), x.out);
    }

    function forgetFill() internal {
        solver.willDeliver(0);
        solver.willCall(address(0), "");
    }
}
