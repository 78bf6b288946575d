// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenTransfer} from "../../contracts/src/libraries/TokenTransfer.sol";
import {Test} from "./base/Test.sol";

/// @dev Takes any transfer and notes the gas it was given.
contract MeteringToken {
    uint256 public given;

    fallback() external {
        given = gasleft();
    }
}

/// @dev Tells what was left before the transfer, where callers compare it with `REQUIRED_GAS`.
contract Transferor {
    function tryTransfer(MeteringToken token) external returns (uint256 left) {
        left = gasleft();
        TokenTransfer.tryTransfer(address(token), address(this), 1);
    }
}

/// Each token is transferred once: it is cold (EIP-2929), as the dearest case is.
///   given REQUIRED_GAS → the token gets all of TRANSFER_GAS, what EIP-150 keeps back notwithstanding
///   given a sixtieth less → it gets less: nobody is asked for a good deal more than is needed
contract TokenTransferTest is Test {
    Transferor internal transferor = new Transferor();
    MeteringToken[2] internal tokens = [new MeteringToken(), new MeteringToken()];
    /// What the token gets of any amount that is more than enough, and what is spent before the transfer.
    uint256 internal full;
    uint256 internal spent;

    function test_RequiredGasIsEnoughForAllOfTransferGas() public {
        _measure();
        assertEq(_givenAt(TokenTransfer.REQUIRED_GAS, tokens[1]), full, "all of it");
    }

    function test_RequiredGasIsLittleMoreThanEnough() public {
        _measure();
        assertLe(_givenAt(TokenTransfer.REQUIRED_GAS * 59 / 60, tokens[1]), full - 1, "less");
    }

    function _measure() private {
        uint256 gas = 10 * TokenTransfer.REQUIRED_GAS;
        spent = gas - transferor.tryTransfer{gas: gas}(tokens[0]);
        full = tokens[0].given();
    }

    function _givenAt(uint256 left, MeteringToken token) private returns (uint256) {
        assertEq(transferor.tryTransfer{gas: left + spent}(token), left, "left before");
        return token.given();
    }
}
