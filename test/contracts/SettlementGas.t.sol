// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Group, Tier} from "../../contracts/src/types/Settlement.sol";
import {MarketTest} from "./base/Market.sol";
import {PlainToken} from "./base/Tokens.sol";

/// @notice What settling costs whoever calls, each call a transaction of its own: 21,000 and call data included, net of
/// refunds. Rates from two Chainlink feeds, one hop through Uniswap's own pool, a tier that caps tips and charges heads,
/// and everybody paid has held the asset before.
/// forge-config: default.isolate = true
contract SettlementGasTest is MarketTest {
    event Gas(uint256 merchants, uint256 gasUsed);

    PlainToken internal dollar;
    address[] internal shops;

    function setUp() public override {
        super.setUp();
        dollar = new PlainToken("USDC", 6);
        feed(oracle, address(dollar), 1e8, 22);
        Tier memory params = tier();
        (params.maxHeadBps, params.maxTipUsd6, params.headUsd6) = (100, 50e6, 10_000);
        settler.setTier(TIER, params);
        pool(weth, 10_000 ether, dollar, 25_000_000e6, FULL_RANGE);
        dollar.mint(keeper, 1e6);
        for (uint160 i = 1; i <= 10; ++i) {
            shops.push(address(i * 0x1111_1111_1111_1111_1111));
            register(shops[i - 1], _group(), 0);
            dollar.mint(shops[i - 1], 1e6);
            credit(shops[i - 1], weth, 0.1 ether, MIDNIGHT);
        }
        vm.warp(MIDNIGHT + 600);
        // The pool's and the settler's slots are written before, as on any day but the first.
        _settle(1);
        credit(shops[0], weth, 0.1 ether, MIDNIGHT);
    }

    function test_Gas_OneMerchantWithSwap() public {
        assertLe(_settle(1), 290_000, "settle_1_merchant_with_swap");
    }

    function test_Gas_TenMerchantsWithSwap() public {
        assertLe(_settle(10), 790_000, "settle_10_merchants_with_swap");
    }

    function _settle(uint256 count) internal returns (uint256 gasUsed) {
        address[] memory members = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            members[i] = shops[i];
        }
        vm.prank(keeper);
        settler.settle(_group(), members, address(uniswap), abi.encodePacked(weth, FEE, dollar));
        gasUsed = vm.lastCallGas().gasTotalUsed;
        emit Gas(count, gasUsed);
    }

    function _group() internal view returns (Group memory) {
        return Group({token: address(weth), asset: address(dollar), eid: EID_A, tier: TIER});
    }
}
