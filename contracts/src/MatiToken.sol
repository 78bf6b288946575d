// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {MatiBridge} from "./MatiBridge.sol";

/// @title Mati, the token that carries value between chains. See `IMatiToken`, which is the manual.
contract MatiToken is MatiBridge, ERC20Permit {
    /// @param owner Owns the token and is its delegate in the endpoint: the access manager.
    /// @param genesisAmount All Mati there will ever be, on the home chain; 0 on every other.
    constructor(address endpoint, address owner, address genesisReceiver, uint256 genesisAmount)
        MatiBridge(endpoint, owner)
        ERC20Permit("Mati")
    {
        if (genesisAmount != 0) _mintGenesis(genesisReceiver, genesisAmount);
    }

    /// @dev OFTCore narrows amounts to 64 bits unchecked: with no more than this in existence it never cuts any.
    function _mintGenesis(address receiver, uint256 amount) internal {
        uint256 max = type(uint64).max * decimalConversionRate;
        require(amount <= max, Token_GenesisTooLarge(amount, max));
        _mint(receiver, amount);
    }
}
