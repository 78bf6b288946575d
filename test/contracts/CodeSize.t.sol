// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./base/Test.sol";

/// @notice What no chain would deploy must not pass here: forge itself deploys code of any size.
contract CodeSizeTest is Test {
    /// @dev EIP-170.
    uint256 internal constant LIMIT = 24_576;

    function test_EveryDeployedContractFitsEip170() public view {
        string[24] memory contracts = [
            "CaptureAndSettle",
            "ChainlinkSource",
            "CheckedSource",
            "CrossSource",
            "DenyList",
            "DepositAccount",
            "DepositAddresses",
            "IntakeLimits",
            "MatiAccess",
            "MatiEscrow",
            "MatiGateway",
            "MatiToken",
            "MerchantRegistry",
            "NativeCollector",
            "Permit2Collector",
            "PermitCollector",
            "RateLens",
            "RateOracle",
            "SettlementUpkeep",
            "Settler",
            "SignatureVerifier",
            "StockSolver",
            "UniswapV3Solver",
            "UniswapV3TwapSource"
        ];
        for (uint256 i = 0; i < contracts.length; ++i) {
            uint256 size = vm.getDeployedCode(string.concat(contracts[i], ".sol:", contracts[i])).length;
            assertLe(size, LIMIT, contracts[i]);
        }
    }
}
