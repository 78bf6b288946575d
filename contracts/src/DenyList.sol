// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IScreener} from "./interfaces/IScreener.sol";

/// @title A screener that is a list.
contract DenyList is IScreener, AccessManaged {
    event RefusedSet(address indexed account, bool refused);

    /// @inheritdoc IScreener
    mapping(address account => bool) public isRefused;

    constructor(address access) AccessManaged(access) {}

    /// @notice Refuses accounts, or no longer. Restricted.
    function setRefused(address[] calldata accounts, bool refused) external restricted {
        for (uint256 i = 0; i < accounts.length; ++i) {
            isRefused[accounts[i]] = refused;
            emit RefusedSet(accounts[i], refused);
        }
    }
}
