// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateSource} from "../../contracts/src/interfaces/IRateSource.sol";
import {CrossSource} from "../../contracts/src/sources/CrossSource.sol";
import {Test} from "./base/Test.sol";
import {requireSameTogether, ToldSource} from "./base/ToldSource.sol";

/// @dev Invariant 7, over two steps.
contract CrossSourceTest is Test {
    address constant USD = address(840);
    address constant TOKEN = address(0x10000);
    uint40 constant NOW = 1_800_000_000;

    ToldSource first = new ToldSource(TOKEN, 0.25e18, 11, NOW - 10);
    ToldSource second = new ToldSource(USD, 0.999e18, 22, NOW - 20);
    CrossSource source = new CrossSource(first, second);

    function test_Constructor_KeepsItsArguments() public view {
        assertEq(address(source.first()), address(first), "first");
        assertEq(address(source.second()), address(second), "second");
        assertEq(source.quoteAsset(), USD, "quoteAsset");
    }

    function test_Read_GivesTheProduct_TheFirstRoundAndTheOlderTime() public {
        _expectPrice(0.24975e18, 11, NOW - 20);

        first.tell(0.25e18, 12, NOW - 30);
        _expectPrice(0.24975e18, 12, NOW - 30);
    }

    function test_Read_RoundsDown() public {
        first.tell(1e18 + 1, 11, NOW);
        _expectPrice(0.999e18, 11, NOW - 20);
    }

    function test_RevertWhen_TheProductIsOutOfRange() public {
        second.tell(1e14, 22, NOW);
        first.tell(1e10, 11, NOW);
        _expectPrice(1e6, 11, NOW);
        first.tell(1e10 - 1, 11, NOW);
        _expectOutOfRange(1e6 - 1);

        second.tell(1e24, 22, NOW);
        first.tell(1e24, 11, NOW);
        _expectPrice(1e30, 11, NOW);
        first.tell(1e24 + 1, 11, NOW);
        _expectOutOfRange(1e30 + 1e6);
    }

    function test_RevertWhen_EitherRefuses_WithItsReason() public {
        bytes memory reason = abi.encodeWithSignature("Error(string)", "no price");
        ToldSource[2] memory sources = [first, second];
        for (uint256 i = 0; i < 2; ++i) {
            vm.mockCallRevert(address(sources[i]), abi.encodeCall(IRateSource.read, ()), reason);
            vm.expectRevert(reason);
            source.read();
            vm.clearMockedCalls();
        }
    }

    function test_ReadTogether_AsksBoth() public {
        requireSameTogether(source);
        ToldSource[2] memory sources = [first, second];
        for (uint256 i = 0; i < 2; ++i) {
            sources[i].setApart(true);
            vm.expectRevert("apart");
            source.readTogether();
            sources[i].setApart(false);
        }
    }

    function test_RevertWhen_ConfigMakesNoSense() public {
        IRateSource nothing = IRateSource(makeAddress("nothing"));
        _expectBadConfig("first", nothing, second);
        _expectBadConfig("second", first, nothing);
        _expectBadConfig("quoteAsset", second, second);
    }

    function _expectPrice(uint256 wad, uint80 roundId, uint40 updatedAt) private view {
        (uint256 wadRead, uint80 roundIdRead, uint40 updatedAtRead) = source.read();
        assertEq(wadRead, wad, "wad");
        assertEq(roundIdRead, roundId, "roundId");
        assertEq(updatedAtRead, updatedAt, "updatedAt");
    }

    function _expectOutOfRange(uint256 wad) private {
        vm.expectRevert(abi.encodeWithSelector(CrossSource.CrossSource_OutOfRange.selector, wad, 1e6, 1e30));
        source.read();
    }

    function _expectBadConfig(string memory parameter, IRateSource first_, IRateSource second_) private {
        vm.expectRevert(abi.encodeWithSelector(CrossSource.CrossSource_BadConfig.selector, parameter));
        new CrossSource(first_, second_);
    }
}
