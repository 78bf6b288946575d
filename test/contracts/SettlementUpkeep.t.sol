// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettler} from "../../contracts/src/interfaces/ISettler.sol";
import {SettlementUpkeep} from "../../contracts/src/SettlementUpkeep.sol";
import {SettlerTest} from "./base/SettlerTest.sol";

/// @notice Chainlink Automation as a keeper.
contract SettlementUpkeepTest is SettlerTest {
    SettlementUpkeep internal upkeep;
    address internal beneficiary = makeAddress("beneficiary");

    function setUp() public override {
        super.setUp();
        upkeep = new SettlementUpkeep(settler, EID_A, beneficiary);
        register(merchants[0], here(), 0);
    }

    function test_CheckUpkeep_OnlyWhilePerformingWouldSucceed() public {
        bytes memory data = abi.encode(_job());
        assertTrue(!_isNeeded(data), "nothing there");
        credit(merchants[0], weth, 0.4 ether, MIDNIGHT);
        solver.willDeliver(1_000e6);
        assertTrue(!_isNeeded(data), "less than it is worth");
        credit(merchants[0], weth, 0.6 ether, MIDNIGHT);
        assertTrue(!_isNeeded(data), "the solver delivers too little");
        solver.willDeliver(2_500e6);
        assertTrue(_isNeeded(data), "now");
        assertTrue(!_isNeeded("nonsense"), "nonsense");
    }

    function test_PerformUpkeep_SettlesAndTipsTheBeneficiary() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(2_500e6);

        upkeep.performUpkeep(abi.encode(_job()));

        assertEq(usdc.balanceOf(merchants[0]), 2_497.5e6, "paid");
        assertEq(usdc.balanceOf(beneficiary), 2.5e6, "tip");
        assertEq(usdc.balanceOf(address(upkeep)), 0, "holds nothing");
    }

    function test_RevertWhen_NotNeeded() public {
        credit(merchants[0], weth, 0.4 ether, MIDNIGHT);

        vm.expectRevert(
            abi.encodeWithSelector(SettlementUpkeep.SettlementUpkeep_NotNeeded.selector, 0.4 ether, 0.5 ether)
        );
        upkeep.performUpkeep(abi.encode(_job()));
    }

    function test_RevertWhen_NothingIsThere() public {
        SettlementUpkeep.Job memory job = _job();
        job.minAmountIn = 0;

        vm.expectRevert(abi.encodeWithSelector(SettlementUpkeep.SettlementUpkeep_NotNeeded.selector, 0, 0));
        upkeep.performUpkeep(abi.encode(job));
    }

    function test_RevertWhen_PaidOutElsewhere() public {
        SettlementUpkeep.Job memory job = _job();
        job.group = across();

        vm.expectRevert(abi.encodeWithSelector(SettlementUpkeep.SettlementUpkeep_OtherChain.selector, EID_B));
        upkeep.performUpkeep(abi.encode(job));
    }

    function test_RevertWhen_PerformedBelowTheBoundByAnyone() public {
        credit(merchants[0], weth, 1 ether, MIDNIGHT);
        solver.willDeliver(1);

        vm.expectRevert(abi.encodeWithSelector(ISettler.Settler_BelowBound.selector, 1, 2_492.5e6));
        upkeep.performUpkeep(abi.encode(_job()));
    }

    function _job() internal view returns (SettlementUpkeep.Job memory) {
        return SettlementUpkeep.Job({
            group: here(),
            merchants: list(merchants[0]),
            minAmountIn: 0.5 ether,
            maxAmountIn: type(uint256).max,
            solver: address(solver),
            data: ""
        });
    }

    function _isNeeded(bytes memory data) internal returns (bool needed) {
        uint256 before = vm.snapshotState();
        (needed,) = upkeep.checkUpkeep(data);
        vm.revertToState(before);
    }
}
