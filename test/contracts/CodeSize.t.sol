// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "./base/Test.sol";

/// @notice What no chain would deploy must not pass here: forge itself deploys code of any size.
contract CodeSizeTest is Test {
    /// @dev EIP-170.
    uint256 internal constant LIMIT = 24_576;

    function test_EveryDeployedContractFitsEip170() public view {
        string[11] memory contracts = [
            "MatiAccess",
            "MatiEscrow",
            "MatiGateway",
            "MatiToken",
            "MerchantRegistry",
            "RateOracle",
            "Settler",
            "SignatureVerifier",
            "UniswapV3Solver",
            "ChainlinkSource",
            "UniswapV3TwapSource"
        ];
        for (uint256 i = 0; i < contracts.length; ++i) {
            uint256 size = vm.getDeployedCode(string.concat(contracts[i], ".sol:", contracts[i])).length;
            assertLe(size, LIMIT, contracts[i]);
        }
    }
}
