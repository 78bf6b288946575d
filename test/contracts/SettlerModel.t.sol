// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {Recipient} from "../../contracts/src/types/Payout.sol";
import {Group} from "../../contracts/src/types/Settlement.sol";
import {SettlerTest} from "./base/SettlerTest.sol";
import {UnrulyToken} from "./base/Tokens.sol";

/// @notice Settlements of many merchants against a model that knows nothing of the settler's code (invariants 8, 9, 14).
contract SettlerModelTest is SettlerTest {
    struct Member {
        address account;
        uint256 amount;
        bool eligible;
        /// Of the moment, in basis points.
        uint256 allowance;
        Recipient[] recipients;
    }

    uint256 internal constant MAX_MEMBERS = 8;

    function setUp() public override {
        super.setUp();
        fund(mati, address(solver), mati.balanceOf(treasury));
    }

    function testFuzz_SettlesHere(uint256 seed) public {
        Group memory group = here();
        Member[] memory members = _members(group, seed);
        (uint256 amountIn, uint256 allowance) = _model(members);
        uint256 delivered = _deliver(amountIn, 2_500, 1e12, seed);
        uint256 value = (amountIn + 4e8 - 1) / 4e8;

        (bool success, bytes32 id) = _trySettle(group, members, 0);

        assertEq(id, success ? _idOf(members) : bytes32(0), "id");
        _assertOutcome(success, delivered, value, allowance);
        if (!success) return;
        uint256 tip = usdc.balanceOf(keeper);
        uint256 sum = tip;
        for (uint256 i = 0; i < members.length; ++i) {
            sum += _assertPaidHere(members[i], delivered, amountIn);
        }
        assertEq(sum, delivered, "all that was delivered was paid out");
        assertLe(tip * 10_000, delivered * 10, "the tip's bound");
        assertHoldsNothing();
    }

    function testFuzz_SettlesAcross(uint256 seed) public {
        Group memory group = across();
        Member[] memory members = _members(group, seed);
        (uint256 amountIn, uint256 allowance) = _model(members);
        uint256 delivered = _deliver(amountIn, 10_000, 1, seed);
        uint256 value = amountIn * 1e4;

        (bool success,) = _trySettle(group, members, 1 ether);

        _assertOutcome(success, delivered, value, allowance);
        if (!success) return;
        arrive();
        uint256 sum = mati.balanceOf(keeper);
        for (uint256 i = 0; i < members.length; ++i) {
            if (!members[i].eligible) {
                assertEq(escrow.balanceOf(members[i].account, address(weth)), members[i].amount, "skipped: untouched");
                assertEq(arrived(members[i].account), 0, "nothing sent");
                continue;
            }
            uint256 sent = arrived(members[i].account);
            // Its exact part of what was delivered, at least less tip (0.1%), message (1%) and cut (1e12 and a unit).
            uint256 least = delivered * members[i].amount / amountIn * 9_990 / 10_000 * 99 / 100;
            assertGe(sent + 1e12 + 3, least, "its share");
            assertLe(sent, delivered * members[i].amount / amountIn + 1, "no more than its share");
            sum += sent;
        }
        assertEq(sum, delivered, "all that was delivered was sent or earned");
        assertHoldsNothing();
    }

    /// @dev What a keeper earns beyond the tip is what it paid for the message, at most, plus uncarried dust.
    function testFuzz_KeeperEarnsNoMoreThanItsDue(uint256 seed) public {
        Member[] memory members = _members(across(), seed);
        (uint256 amountIn,) = _model(members);
        uint256 delivered = _deliver(amountIn, 10_000, 1, seed);

        (bool success,) = _trySettle(across(), members, 1 ether);

        if (!success) return;
        uint256 paidInMati = (NATIVE - keeper.balance) * 10_000;
        uint256 dust = members.length * UNIT;
        assertLe(mati.balanceOf(keeper), delivered / 1_000 + paidInMati + dust, "earned");
        assertLe(mati.balanceOf(keeper), delivered / 1_000 + delivered / 100 + dust, "capped");
    }

    /// @dev Merchants in ascending order, of every kind: without a balance, dust, due or not, with one recipient or
    /// several, some of whom cannot be paid.
    function _members(Group memory group, uint256 seed) internal returns (Member[] memory members) {
        vm.warp(MIDNIGHT + 20 minutes);
        members = new Member[](1 + seed % MAX_MEMBERS);
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            Member memory member = members[i];
            member.account = address(uint160(0x1000 * (i + 1)));
            member.recipients = _recipients(member.account, dice >> 8);
            register(member.account, group, dice % 3 == 0 ? 1 hours : 0, address(settler), member.recipients);
            uint256 since = MIDNIGHT + 20 minutes - (dice >> 16) % 30 minutes;
            // At most as much as there is MATI for.
            member.amount = (dice >> 32) % 10 ** ((dice >> 24) % (group.eid == EID_A ? 25 : 22));
            if (member.amount != 0) credit(member.account, weth, member.amount, since);

            bool isDue = dice % 3 != 0 || since <= MIDNIGHT;
            uint256 elapsed = dice % 3 == 0 ? 20 minutes : MIDNIGHT + 20 minutes - since;
            member.allowance = elapsed >= 600 ? 130 : 30 + elapsed / 6;
            member.eligible = isDue && _isWorthIt(group, member);
        }
    }

    function _recipients(address account, uint256 dice) internal returns (Recipient[] memory named) {
        named = new Recipient[](dice % 4);
        uint256 left = 10_000;
        for (uint256 i = 0; i < named.length; ++i) {
            uint256 share = i + 1 == named.length ? left : (dice >> (8 * i)) % (left + 1);
            left -= share;
            named[i] = Recipient({account: address(uint160(account) + uint160(i) + 1), shareBps: uint16(share)});
            UnrulyToken.Behaviour behaviour = UnrulyToken.Behaviour((dice >> (4 * i + 64)) % 7);
            usdc.setBehaviour(named[i].account, behaviour);
        }
    }

    /// @dev What rounds to nothing waits.
    function _isWorthIt(Group memory group, Member memory member) internal pure returns (bool) {
        if (group.eid == EID_A) {
            uint256 least = member.amount / 4e8 * (10_000 - member.allowance) / 10_000;
            return least * 9_990 / 10_000 > 0;
        }
        return member.amount * 1e4 * (10_000 - member.allowance) / 10_000 * 9_990 / 10_000 * 9_900 / 10_000 >= 1e12;
    }

    function _model(Member[] memory members) internal pure returns (uint256 amountIn, uint256 allowance) {
        allowance = 10_000;
        for (uint256 i = 0; i < members.length; ++i) {
            if (!members[i].eligible) continue;
            amountIn += members[i].amount;
            if (members[i].allowance < allowance) allowance = members[i].allowance;
        }
    }

    function _idOf(Member[] memory members) internal view returns (bytes32) {
        uint256 first = 0;
        while (!members[first].eligible) ++first;
        return idOf(weth, members[first].account, members[first].amount);
    }

    /// @dev Between 98% and 101% of the value, so that bounds are met and missed.
    function _deliver(uint256 amountIn, uint256 rateWhole, uint256 scale, uint256 seed)
        internal
        returns (uint256 delivered)
    {
        delivered = amountIn * rateWhole * (9_800 + (seed >> 128) % 300) / 10_000 / scale;
        solver.willDeliver(delivered);
    }

    function _trySettle(Group memory group, Member[] memory members, uint256 value)
        internal
        returns (bool success, bytes32 id)
    {
        address[] memory accounts = new address[](members.length);
        for (uint256 i = 0; i < members.length; ++i) {
            accounts[i] = members[i].account;
        }
        vm.prank(keeper);
        try settler.settle{value: value}(group, accounts, address(solver), "") returns (bytes32 settled) {
            return (true, settled);
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            assertTrue(
                selector == ISettler.Settler_BelowBound.selector
                    || selector == ISettler.Settler_NothingToSettle.selector,
                "no other reason to fail"
            );
        }
    }

    /// @dev Settled if and only if enough was delivered: the value (rounded up) less the allowance, rounded up.
    function _assertOutcome(bool success, uint256 delivered, uint256 value, uint256 allowance) internal pure {
        bool enough = delivered * 10_000 >= value * (10_000 - allowance);
        assertEq(success, value != 0 && enough, "settled");
    }

    /// @return got All that the merchant's recipients got, in tokens and as ledger balances.
    function _assertPaidHere(Member memory member, uint256 delivered, uint256 amountIn)
        internal
        view
        returns (uint256 got)
    {
        uint256 balance = escrow.balanceOf(member.account, address(weth));
        assertEq(balance, member.eligible ? 0 : member.amount, "settled whole, or untouched");
        if (member.recipients.length == 0) got = usdc.balanceOf(member.account);
        for (uint256 i = 0; i < member.recipients.length; ++i) {
            address account = member.recipients[i].account;
            uint256 paid = usdc.balanceOf(account);
            uint256 credited = escrow.balanceOf(account, address(usdc));
            bool canBePaid = usdc.behaviour(account) <= UnrulyToken.Behaviour.PaysSilently;
            assertEq(canBePaid ? credited : paid, 0, "paid if it can be");
            got += paid + credited;
        }
        if (!member.eligible) {
            assertEq(got, 0, "skipped: nothing");
            return 0;
        }
        uint256 share = delivered * member.amount / amountIn;
        assertGe(got + 1, share * 9_990 / 10_000, "its share less the tip");
        assertLe(got, share + 1, "no more than its share");
        // Invariant 8, exactly: value * (1 - its own allowance) * (1 - tip), rounded down.
        uint256 bound = member.amount * 2_500e6 * (10_000 - member.allowance) / 10_000 * 9_990 / 10_000 / 1e18;
        assertGe(got, bound, "its oracle value less the allowance and the tip");
        for (uint256 i = 0; i < member.recipients.length; ++i) {
            Recipient memory recipient = member.recipients[i];
            uint256 its = usdc.balanceOf(recipient.account) + escrow.balanceOf(recipient.account, address(usdc));
            assertGe(its + 1, (share * 9_990 / 10_000) * recipient.shareBps / 10_000, "a recipient's part");
        }
    }
}
