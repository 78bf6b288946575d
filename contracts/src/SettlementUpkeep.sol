// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AutomationCompatibleInterface
} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISettler} from "./interfaces/ISettler.sol";
import {Group} from "./types/Settlement.sol";

/// @title Chainlink Automation as a keeper of one chain's groups.
/// @notice Anyone may perform with any data: it can do no more than `ISettler.settlePart` lets anyone do, and what that
/// earns goes to `beneficiary`, who pays the upkeep. Groups of other chains need coins for a message and are refused.
contract SettlementUpkeep is AutomationCompatibleInterface, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev What an upkeep names, ABI-encoded, as check data and perform data alike.
    struct Job {
        Group group;
        /// In ascending order.
        address[] merchants;
        /// The least that must be there, in units of the group's token, for the call to be worth its gas.
        uint256 minAmountIn;
        /// The most to settle at once.
        uint256 maxAmountIn;
        address solver;
        bytes data;
    }

    /// Nothing to settle, or less than the job's `minAmountIn`.
    error SettlementUpkeep_NotNeeded(uint256 amountIn, uint256 minAmountIn);
    /// The group is paid out on another chain.
    error SettlementUpkeep_OtherChain(uint32 eid);

    ISettler public immutable settler;
    uint32 public immutable localEid;
    /// @notice Who gets the tips.
    address public immutable beneficiary;

    constructor(ISettler settler_, uint32 localEid_, address beneficiary_) {
        (settler, localEid, beneficiary) = (settler_, localEid_, beneficiary_);
    }

    /// @inheritdoc AutomationCompatibleInterface
    /// @dev Simulated off chain, by `eth_call`: whether performing would succeed at this moment, pool included. Which is
    /// to be asked of `performUpkeep` itself, so that both can never disagree.
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData) {
        try this.performUpkeep(checkData) {
            upkeepNeeded = true;
        } catch {}
        performData = checkData;
    }

    /// @inheritdoc AutomationCompatibleInterface
    function performUpkeep(bytes calldata performData) external nonReentrant {
        Job memory job = abi.decode(performData, (Job));
        require(job.group.eid == localEid, SettlementUpkeep_OtherChain(job.group.eid));
        (uint256 amountIn,,,,) = settler.previewPart(job.group, job.merchants, job.maxAmountIn);
        require(amountIn != 0 && amountIn >= job.minAmountIn, SettlementUpkeep_NotNeeded(amountIn, job.minAmountIn));

        IERC20 asset = IERC20(job.group.asset);
        uint256 balanceBefore = asset.balanceOf(address(this));
        settler.settlePart(job.group, job.merchants, job.maxAmountIn, job.solver, job.data);
        uint256 tip = asset.balanceOf(address(this)) - balanceBefore;
        if (tip != 0) asset.safeTransfer(beneficiary, tip);
    }
}
