// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Contracts of others that local chains deploy from source; importing them here makes forge build them.
import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {WETH9} from "@chainlink/contracts/src/v0.8/vendor/canonical-weth/WETH9.sol";
