// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who must not pay or be paid.
interface IScreener {
    function isRefused(address account) external view returns (bool);
}
