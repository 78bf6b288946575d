// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Group, Tier} from "../../../contracts/src/types/Settlement.sol";
import {MarketTest} from "../base/Market.sol";
import {Searcher} from "./Searcher.sol";

/// @notice The field that games are played on: merchants owed WETH who want USDC, a genuine Uniswap pool at the
/// oracle's price (0.3%, 10,000 WETH deep), and a searcher with all the capital it could wish for.
/// @dev Everything is valued in units of USDC at the oracle's rate, which no move of the pool changes. Figures are
/// logged: `-vv` shows them.
abstract contract GameTest is MarketTest {
    uint256 internal constant DEPTH = 10_000 ether;
    uint256 internal constant CAPITAL = 1_000_000 ether;
    uint256 internal constant MAX_TIP_USD6 = 50e6;
    uint256 internal constant HEAD_USD6 = 10_000;

    /// @dev forge-std's, which forge shows as a line.
    event log(string);

    Searcher internal searcher;
    address internal market;

    function setUp() public virtual override {
        super.setUp();
        Tier memory params = tier();
        (params.maxHeadBps, params.maxTipUsd6, params.headUsd6) = (100, uint48(MAX_TIP_USD6), uint48(HEAD_USD6));
        settler.setTier(TIER, params);
        market = pool(weth, DEPTH, usdc, worth(DEPTH), FULL_RANGE);
        searcher = new Searcher(settler, router, address(uniswap), FEE);
        weth.mint(address(searcher), CAPITAL);
        usdc.mint(address(searcher), worth(CAPITAL));
    }

    /// @dev Merchants of one group, all of whose balances arrive now.
    function owe(uint256[] memory balances) internal returns (address[] memory members, uint256 sum) {
        members = new address[](balances.length);
        for (uint256 i = 0; i < balances.length; ++i) {
            members[i] = address(uint160(0x1001 + i));
            register(members[i], here(), 0);
            credit(members[i], weth, balances[i], vm.getBlockTimestamp());
            sum += balances[i];
        }
    }

    /// @dev To so many seconds after midnight, when most balances became due; with a round of every feed.
    function elapse(uint256 elapsed) internal {
        vm.warp(MIDNIGHT + elapsed);
        refreshFeeds();
    }

    /// @dev 2,500 USDC a WETH, as Chainlink says.
    function worth(uint256 wethAmount) internal pure returns (uint256) {
        return Math.mulDiv(wethAmount, 2_500e6, 1 ether);
    }

    /// @dev In tokens and in the ledger.
    function wealthOf(address account) internal view returns (uint256) {
        return worth(weth.balanceOf(account) + escrow.balanceOf(account, address(weth))) + usdc.balanceOf(account)
            + escrow.balanceOf(account, address(usdc));
    }

    /// @dev What Uniswap's quoter says the pool would give for it now.
    function quote(uint256 wethAmount) internal returns (uint256) {
        return quoter.quoteExactInput(wethToUsdc(), wethAmount);
    }

    function wethToUsdc() internal view returns (bytes memory) {
        return abi.encodePacked(weth, FEE, usdc);
    }

    /// @dev A part of a whole in basis points, with two digits after the point.
    function inBps(int256 part, uint256 whole) internal pure returns (string memory) {
        uint256 hundredths = Math.mulDiv(uint256(part < 0 ? -part : part), 1_000_000, whole);
        string memory cents = vm.toString(hundredths % 100);
        if (hundredths % 100 < 10) cents = string.concat("0", cents);
        return string.concat(part < 0 ? "-" : "", vm.toString(hundredths / 100), ".", cents);
    }
}
