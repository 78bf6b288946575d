// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bucket, RateLimit, SECOND} from "../../../contracts/src/types/RateLimit.sol";
import {Test} from "../base/Test.sol";

/// @notice The bucket against one told in amounts: a level that grows by capacity / window per second and is taken from.
contract RateLimitTest is Test {
    uint256 internal constant START = 1_800_000_000;

    /// @dev In units times `windowSeconds`, of which `capacity` flow in each second: exact.
    int256 internal level;
    uint256 internal levelAt;

    /// @dev An admitted amount is what the model has, to the unit; and nothing else is admitted.
    function testFuzz_TakesAsTheModelDoes(uint112 rawCapacity, uint32 rawWindow, uint256[12] calldata raw) public {
        Bucket memory bucket =
            Bucket(uint112(bound(rawCapacity, 1, type(uint112).max)), uint32(bound(rawWindow, 1, type(uint32).max)), 0);
        (level, levelAt) = (int256(uint256(bucket.capacity) * bucket.windowSeconds), START);
        uint256 time = START;
        for (uint256 i = 0; i < raw.length; ++i) {
            time += (raw[i] >> 128) % (bucket.windowSeconds / 4 + 2);
            uint256 available = flow(bucket, time);
            assertLe(bucket.availableAt(time), available, "never more than flowed in");
            assertLe(available, bucket.availableAt(time) + tolerance(bucket), "and hardly less");
            uint256 amount = raw[i] % 3 == 0 ? bucket.availableAt(time) : uint128(raw[i]) % (available + 1);
            assertEq(bucket.admits(amount, time), amount <= bucket.availableAt(time), "admits");
            assertTrue(!bucket.admits(bucket.availableAt(time) + 1, time), "and no unit more");
            if (!bucket.admits(amount, time)) continue;
            bucket.fullAt = bucket.fullAfter(amount, time);
            level -= int256(amount * bucket.windowSeconds);
        }
    }

    function testFuzz_RefillsFromEmptyToFullInAWindow(uint112 rawCapacity, uint32 rawWindow, uint32 rawPart)
        public
        pure
    {
        Bucket memory bucket = Bucket(
            uint112(bound(rawCapacity, 1e12, type(uint112).max)), uint32(bound(rawWindow, 1, type(uint32).max)), 0
        );
        bucket.fullAt = bucket.fullAfter(bucket.capacity, START);
        uint256 part = bound(rawPart, 0, bucket.windowSeconds);

        assertEq(bucket.availableAt(START), 0, "empty");
        assertEq(
            bucket.availableAt(START + part),
            uint256(bucket.capacity) * part / bucket.windowSeconds,
            "linear, rounded down"
        );
        assertEq(bucket.availableAt(START + bucket.windowSeconds), bucket.capacity, "full");
        assertEq(bucket.availableAt(START + 2 * uint256(bucket.windowSeconds)), bucket.capacity, "no more than full");
    }

    function test_ClosedAdmitsNothing() public pure {
        Bucket memory closed;
        assertEq(closed.availableAt(START), 0, "available");
        assertTrue(!closed.admits(0, START), "nothing");
        assertTrue(!closed.admitsShare(1, 0, START), "nor a share");
    }

    /// @dev The share: not a second sooner than it flowed in, not while the bucket lacks anything, then debt.
    function testFuzz_AShareIsAdmittedWhenItHasFlowedIn(uint112 rawCapacity, uint32 rawWindow, uint256 rawAmount)
        public
        pure
    {
        Bucket memory bucket = Bucket(
            uint112(bound(rawCapacity, 1, 1e30)), uint32(bound(rawWindow, 1, 365 days)), uint112(START * SECOND)
        );
        uint256 amount = bound(rawAmount, uint256(bucket.capacity) + 1, uint256(bucket.capacity) * 1_000 + 1);
        uint256 wait = (amount * bucket.windowSeconds + bucket.capacity - 1) / bucket.capacity;

        assertTrue(!bucket.admits(amount, START + wait), "too large to pass at once");
        assertTrue(!bucket.admitsShare(amount, START, START + wait - 1), "a second too soon");
        assertTrue(bucket.admitsShare(amount, START, START + wait), "in time");
        assertTrue(!bucket.admitsShare(bucket.capacity, START, START + wait), "what fits needs no share");
        bucket.fullAt = uint112((START + wait) * SECOND + 1);
        assertTrue(!bucket.admitsShare(amount, START, START + wait), "lacks something");

        bucket.fullAt = uint112((START + wait) * SECOND);
        bucket.fullAt = bucket.fullAfter(amount, START + wait);
        uint256 debtEnds = START + 2 * wait - bucket.windowSeconds;
        assertEq(bucket.availableAt(debtEnds - 1), 0, "in debt");
        assertEq(bucket.availableAt(START + 2 * wait), bucket.capacity, "full again as long after");
    }

    /// @dev What is lacking stays lacking; and no sequence of changes makes more of what there is.
    function testFuzz_AnotherLimitKeepsWhatIsLacking(
        RateLimit calldata rawOld,
        RateLimit calldata rawNew,
        uint256 rawUsed,
        uint32 elapsed
    ) public pure {
        Bucket memory bucket = Bucket(
            uint112(bound(rawOld.capacity, 1, 1e36)), uint32(bound(rawOld.windowSeconds, 1, 365 days)), 0
        );
        RateLimit memory limit =
            RateLimit(uint112(bound(rawNew.capacity, 1, 1e36)), uint32(bound(rawNew.windowSeconds, 1, 365 days)));
        bucket.fullAt = bucket.fullAfter(bound(rawUsed, 0, bucket.capacity), START);
        uint256 time = START + elapsed % bucket.windowSeconds;
        uint256 lacking = bucket.capacity - bucket.availableAt(time);
        Bucket memory changed = bucket.withLimit(limit, time);

        assertEq(changed.capacity, limit.capacity, "capacity");
        assertEq(changed.windowSeconds, limit.windowSeconds, "window");
        if (lacking >= limit.capacity) assertEq(changed.availableAt(time), 0, "in debt");
        else assertLe(limit.capacity - changed.availableAt(time) - lacking, 1 + tolerance(changed), "lacking");
        assertTrue(changed.availableAt(time) + lacking <= limit.capacity || lacking > limit.capacity, "no more");
    }

    function test_ClosingAndOpeningBeginsFull() public pure {
        Bucket memory bucket = Bucket(1_000, 100, 0);
        bucket.fullAt = bucket.fullAfter(1_000, START);
        Bucket memory closed = bucket.withLimit(RateLimit(0, 0), START);
        assertEq(closed.availableAt(START + 100), 0, "closed");
        assertEq(closed.withLimit(RateLimit(500, 100), START).availableAt(START), 500, "full");
    }

    /// @dev Next to nothing to make up for as much as there can be: it ends with time, and can be set again.
    function test_ADebtThatOutlastsTimeCanStillBeLifted() public pure {
        Bucket memory bucket = Bucket(type(uint112).max, 1, 0);
        bucket.fullAt = bucket.fullAfter(type(uint112).max, START);
        Bucket memory poor = bucket.withLimit(RateLimit(1, type(uint32).max), START);
        assertEq(poor.fullAt, type(uint112).max, "for ever");
        assertEq(
            poor.withLimit(RateLimit(type(uint112).max, 1), START).availableAt(START + 1), type(uint112).max, "ends"
        );
    }

    /// @dev What the model has at `time`: its level in whole units, 0 in debt.
    function flow(Bucket memory bucket, uint256 time) internal returns (uint256) {
        int256 full = int256(uint256(bucket.capacity) * bucket.windowSeconds);
        level += int256(uint256(bucket.capacity) * (time - levelAt));
        if (level > full) level = full;
        levelAt = time;
        return level < 0 ? 0 : uint256(level) / bucket.windowSeconds;
    }

    /// @dev `fullAt` is rounded up by 2^-64 s each time: so much of the flow, a dozen times, and a unit for rounding.
    function tolerance(Bucket memory bucket) internal pure returns (uint256) {
        return 2 + 13 * (uint256(bucket.capacity) / bucket.windowSeconds) / SECOND;
    }
}
