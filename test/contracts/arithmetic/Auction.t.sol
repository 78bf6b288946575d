// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction} from "../../../contracts/src/libraries/Auction.sol";
import {Tier} from "../../../contracts/src/types/Settlement.sol";
import {Test} from "../base/Test.sol";

contract AuctionTest is Test {
    function test_AllowanceGrowsFromStartToMost() public pure {
        Tier memory tier = tierOf(30, 130, 600);
        assertEq(Auction.allowanceBps(tier, 0), 30, "at the start");
        assertEq(Auction.allowanceBps(tier, 5), 30, "rounded down");
        assertEq(Auction.allowanceBps(tier, 6), 31, "after a hundredth");
        assertEq(Auction.allowanceBps(tier, 599), 129, "a second before the end");
        assertEq(Auction.allowanceBps(tier, 600), 130, "at the end");
        assertEq(Auction.allowanceBps(tier, type(uint256).max), 130, "ever after");
    }

    function testFuzz_AllowanceIsBoundedAndGrowsOnly(uint256 start, uint256 most, uint256 grow, uint64 at, uint64 later)
        public
        pure
    {
        Tier memory tier = tierOf(start, most, grow);
        uint256 early = Auction.allowanceBps(tier, at);
        uint256 late = Auction.allowanceBps(tier, uint256(at) + later);

        assertGe(early, tier.startBps, "not below its start");
        assertLe(early, late, "never shrinks");
        assertLe(late, tier.maxBps, "not above its most");
    }

    function testFuzz_AllowanceIsTheLineRoundedDown(uint256 start, uint256 most, uint256 grow, uint256 at) public pure {
        Tier memory tier = tierOf(start, most, grow);
        uint256 elapsed = bound(at, 0, tier.growSeconds);

        uint256 grown = Auction.allowanceBps(tier, elapsed) - tier.startBps;

        uint256 exact = uint256(tier.maxBps - tier.startBps) * elapsed;
        assertLe(grown * tier.growSeconds, exact, "not above the line");
        assertGe((grown + 1) * tier.growSeconds, exact + 1, "less than one below it");
    }

    function testFuzz_LessUpIsLessDownOrAUnitMore(uint224 amount, uint256 bps) public pure {
        bps = bound(bps, 0, Auction.BPS);
        uint256 down = Auction.lessDown(amount, bps);
        uint256 up = Auction.lessUp(amount, bps);

        uint256 exact = uint256(amount) * (Auction.BPS - bps);
        assertEq(down, exact / Auction.BPS, "rounded down");
        assertEq(up - down, exact % Auction.BPS == 0 ? 0 : 1, "a unit more where it does not divide");
    }

    function testFuzz_ThePartAndTheRestAreTheAmount(uint224 amount, uint256 bps) public pure {
        bps = bound(bps, 0, Auction.BPS);

        assertEq(Auction.partDown(amount, bps) + Auction.lessUp(amount, bps), amount, "part and rest");
    }

    function test_DueAtTheBoundaryOfItsCycle() public {
        vm.warp(1_000);
        assertDue(100, 1_000, 0, true, 0);
        assertDue(100, 901, 0, true, 0);
        assertDue(100, 900, 0, true, 100);
        assertDue(100, 1_001, 0, false, 0);
        vm.warp(999);
        assertDue(100, 901, 0, false, 0);
        assertDue(100, 900, 0, true, 99);
    }

    function test_DueAtOnceWithoutACycle() public {
        vm.warp(1_000);
        assertDue(0, 1_000, 0, true, 0);
        assertDue(0, 400, 0, true, 600);
        assertDue(0, 1_001, 0, true, 0);
    }

    function test_TheAuctionBeginsNotBeforeItsTime() public {
        vm.warp(1_000);
        assertDue(100, 800, 799, true, 200);
        assertDue(100, 800, 801, true, 199);
        assertDue(100, 800, 1_001, true, 0);
        assertDue(0, 800, 900, true, 100);
    }

    function testFuzz_DueFromTheFirstBoundaryOn(uint32 cycle, uint32 since, uint32 from, uint40 time) public {
        vm.warp(time);
        uint256 boundary = since;
        if (cycle != 0 && since % cycle != 0) boundary = uint256(since) + cycle - since % cycle;
        uint256 begin = boundary > from ? boundary : from;

        assertDue(cycle, since, from, cycle == 0 || time >= boundary, time > begin ? time - begin : 0);
    }

    function assertDue(uint256 cycle, uint256 since, uint256 from, bool expectedDue, uint256 expectedElapsed)
        private
        view
    {
        (bool isDue, uint256 elapsed) = Auction.due(cycle, since, from);
        assertEq(isDue, expectedDue, "due");
        if (isDue) assertEq(elapsed, expectedElapsed, "elapsed");
    }

    function tierOf(uint256 start, uint256 most, uint256 grow) private pure returns (Tier memory tier) {
        tier.maxBps = uint16(bound(most, 0, 1_000));
        tier.startBps = uint16(bound(start, 0, tier.maxBps));
        tier.growSeconds = uint32(bound(grow, 1, type(uint32).max));
    }
}
