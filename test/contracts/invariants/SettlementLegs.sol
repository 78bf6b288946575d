// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Registration} from "../../../contracts/src/types/Payout.sol";
import {Group} from "../../../contracts/src/types/Settlement.sol";
import {SettlementModel} from "./SettlementModel.sol";
import {SettlementWorld} from "./SettlementWorld.sol";

/// @notice Draws a group and merchants to be settled, possibly invalid, and what the model is told of them.
abstract contract SettlementLegs is SettlementWorld {
    /// One group that is to be settled, what the model decides about it, and what it expects to come of it.
    struct Leg {
        Group group;
        IERC20 token;
        IERC20 out;
        address[] merchants;
        SettlementModel.Terms terms;
        SettlementModel.Member[] members;
        SettlementModel.Plan plan;
        /// What is shared among the members, and what of it the keeper earns.
        uint256 delivered;
        uint256 earned;
        /// By index in `people`: in tokens, and as ledger balances.
        uint256[] paid;
        uint256[] credited;
        /// By member: in the message.
        uint256[] carried;
        /// What was there before.
        uint256[] wallets;
        uint256 keeperWallet;
        /// What the settler returned.
        bytes32 id;
    }

    /// @dev Of all merchants, now.
    function registrations() internal view returns (Registration[] memory all) {
        all = new Registration[](MERCHANTS);
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            all[i] = registrationOf(shops[i]);
        }
    }

    /// @dev Mostly what some merchant registered and has more of than it keeps, else anything.
    function drawGroup(Registration[] memory all, uint256 seed) internal view returns (Group memory group) {
        Registration memory its = drawRegistration(seed, shops[0]);
        IERC20 token = tokens[draw(seed, "token") % 3];
        uint256 from = draw(seed, "any") % 16 == 0 ? MERCHANTS * 3 : draw(seed, "from") % (MERCHANTS * 3);
        for (uint256 i = from; i < from + MERCHANTS * 3 && from != MERCHANTS * 3; ++i) {
            uint256 whose = i % MERCHANTS;
            if (!hasMore(all[whose], tokens[i % 3])) continue;
            (its, token) = (all[whose], tokens[i % 3]);
            break;
        }
        group = Group(address(token), its.payout.asset, its.payout.eid, its.payout.tier);
        if (draw(seed, "unset tier") % 32 == 0) group.tier = 3;
        if (draw(seed, "unknown chain") % 32 == 0) group.eid = 77;
    }

    function hasMore(Registration memory its, IERC20 token) internal view returns (bool) {
        return its.chains.length != 0 && balanceOf(its.merchant, token) > reserveOf(its, token);
    }

    function reserveOf(Registration memory its, IERC20 token) private pure returns (uint256 amount) {
        for (uint256 i = 0; i < its.chains[0].reserves.length; ++i) {
            if (its.chains[0].reserves[i].token == address(token)) amount = its.chains[0].reserves[i].amount;
        }
    }

    /// @dev What the model is to know of a group, but for who is settled and how much at most.
    function describe(Leg memory x, Group memory group) internal view {
        (x.group, x.token) = (group, IERC20(group.token));
        SettlementModel.Terms memory t = x.terms;
        t.maxAmountIn = type(uint256).max;
        t.tier = tiers[group.tier];
        t.isAcross = group.eid != EID_A;
        t.unit = t.isAcross ? UNIT : 1;
        x.out = t.isAcross ? IERC20(mati) : IERC20(group.asset);
        uint256 outUsd = usd(x.out);
        if (outUsd != 0) {
            // Millionths of a USD, by an answer of 8 decimals.
            uint256 scale = 100 * 10 ** (address(x.out) == address(usdc) ? 6 : 18);
            t.maxTip = t.tier.maxTipUsd6 * scale / outUsd;
            t.headCost = t.tier.headUsd6 * scale / outUsd;
        }
        t.isAsIs = address(x.token) == address(x.out);
        (t.numerator, t.denominator) = price(x.token, x.out);
        bool hasWay = !t.isAcross || (group.eid == EID_B && isWayOpen);
        t.isPossible = group.tier != 3 && hasWay && t.denominator != 0;
    }

    function drawMerchants(Leg memory x, Registration[] memory all, uint256 seed) internal view {
        uint256 included = draw(seed, "members") | draw(seed, "more members");
        uint256[] memory drawn = new uint256[](MERCHANTS + 2);
        uint256 count;
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            if (included >> i & 1 == 1) drawn[count++] = i;
        }
        // Beyond all merchants: a stranger.
        if (draw(seed, "stranger") % 8 == 0) drawn[count++] = MERCHANTS;
        uint256 disorder = draw(seed, "disorder") % 48;
        if (disorder == 0 && count > 1) (drawn[0], drawn[count - 1]) = (drawn[count - 1], drawn[0]);
        if (disorder == 1 && count > 0) {
            drawn[count] = drawn[count - 1];
            ++count;
        }

        x.merchants = new address[](count);
        x.members = new SettlementModel.Member[](count);
        x.terms.isAscending = true;
        for (uint256 i = 0; i < count; ++i) {
            x.merchants[i] = drawn[i] == MERCHANTS ? STRANGER : shops[drawn[i]];
            if (i != 0 && drawn[i - 1] >= drawn[i]) x.terms.isAscending = false;
            x.members[i].account = x.merchants[i];
            if (drawn[i] != MERCHANTS) describeMember(x, x.members[i], all[drawn[i]]);
        }
    }

    function describeMember(Leg memory x, SettlementModel.Member memory m, Registration memory its) private view {
        if (its.chains.length == 0) return;
        m.belongs = its.payout.asset == x.group.asset && its.payout.eid == x.group.eid
            && its.payout.tier == x.group.tier && its.chains[0].settler == address(settler);
        m.cycle = its.payout.cycle;
        m.recipients = its.chains[0].recipients;
        m.reserve = reserveOf(its, x.token);
        Account storage account = accounts[m.account][address(x.token)];
        (m.balance, m.since, m.rest) = (account.credited - account.debited, account.since, account.rest);
        if (isSharedAgain(x, m)) m.reserve += account.kept;
    }

    /// @dev Whether what could not be paid to it earlier would be shared a second time with whom else it named.
    function isSharedAgain(Leg memory x, SettlementModel.Member memory m) internal pure returns (bool) {
        return x.terms.isAsIs && m.recipients.length != 0;
    }

    function plan(Leg memory x) internal view {
        if (x.terms.isPossible) x.plan = SettlementModel.plan(x.terms, x.members, block.timestamp);
    }

    /// @dev Whether the settler could begin with it.
    function isSettleable(Leg memory x) internal pure returns (bool) {
        return x.terms.isPossible && x.terms.isAscending && x.plan.count != 0;
    }

    /// @dev Units of `out` per unit of `token` as a fraction; the rate has 18 decimals, rounded down, as the oracle's.
    function price(IERC20 token, IERC20 out) internal view returns (uint256 numerator, uint256 denominator) {
        if (address(token) == address(out)) return (1, 1);
        (uint256 tokenUsd, uint256 outUsd) = (usd(token), usd(out));
        if (tokenUsd == 0 || outUsd == 0) return (0, 0);
        uint256 rateWad = tokenUsd * 1e18 / outUsd;
        return (rateWad * (address(out) == address(usdc) ? 1e6 : 1e18), address(token) == address(usdc) ? 1e24 : 1e36);
    }

    function usd(IERC20 token) internal view returns (uint256) {
        if (address(token) == address(weth)) return answerOf(ethFeed, 2_500e8);
        if (address(token) == address(usdc)) return answerOf(usdcFeed, 1e8);
        return address(token) == address(mati) ? answerOf(matiFeed, 0.25e8) : 0;
    }

    /// @dev What repays the message, in MATI; nothing where nobody knows.
    function messageWorth() internal view returns (uint256) {
        (uint256 nativeUsd, uint256 matiUsd) = (answerOf(nativeFeed, 2_500e8), answerOf(matiFeed, 0.25e8));
        return matiUsd == 0 ? 0 : MESSAGE_FEE * (nativeUsd * 1e18 / matiUsd) / 1e18;
    }
}
