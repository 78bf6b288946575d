// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OFT} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/OFT.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @notice LayerZero's OFT and nothing else: what the bench of the bridge holds Mati's messages against.
contract PlainOft is OFT {
    constructor(address endpoint, address owner, uint256 supply)
        OFT("Plain OFT", "PLAIN", endpoint, owner)
        Ownable(owner)
    {
        _mint(owner, supply);
    }
}
