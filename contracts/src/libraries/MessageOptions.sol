// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What LayerZero's executor is asked, and paid, to do on the other chain.
/// @dev Options of type 3 (https://docs.layerzero.network/v2/tools/sdks/options): the type, then for each option the
/// worker's id, the size of what follows, the option's type and its fields. LayerZero's own `OptionsBuilder` needs a
/// library that its package does not bring; tests compare with LayerZero's decoder.
library MessageOptions {
    uint16 private constant TYPE_3 = 3;
    uint8 private constant EXECUTOR = 1;
    uint8 private constant LZ_RECEIVE = 1;
    uint8 private constant LZ_COMPOSE = 3;

    /// @dev Deliver with `receiveGas`.
    function receiving(uint128 receiveGas) internal pure returns (bytes memory) {
        return abi.encodePacked(TYPE_3, EXECUTOR, uint16(17), LZ_RECEIVE, receiveGas);
    }

    /// @dev Deliver with `receiveGas`, then compose its one message (index 0) with `composeGas`.
    function composing(uint128 receiveGas, uint128 composeGas) internal pure returns (bytes memory) {
        return abi.encodePacked(receiving(receiveGas), EXECUTOR, uint16(19), LZ_COMPOSE, uint16(0), composeGas);
    }
}
