// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {RateOracle} from "../../contracts/src/RateOracle.sol";
import {IRateOracle} from "../../contracts/src/interfaces/IRateOracle.sol";
import {IRateSource} from "../../contracts/src/interfaces/IRateSource.sol";
import {PoolToken} from "./base/Pools.sol";
import {Test} from "./base/Test.sol";
import {ToldSource} from "./base/ToldSource.sol";

/// @dev Invariant 15 for rates: a source is set, replaced and retired behind the delay of the genuine access manager.
contract RateOracleDelayTest is Test {
    address constant USD = address(840);
    uint256 constant NOW = 1_800_000_000;
    uint32 constant DELAY = 2 days;
    IRateSource constant NONE = IRateSource(address(0));

    MatiAccess access;
    RateOracle oracle;
    address asset = address(new PoolToken(18));
    ToldSource oldSource = new ToldSource(USD, 2500e18, 11, uint40(NOW));
    ToldSource newSource = new ToldSource(USD, 2600e18, 22, uint40(NOW));
    address admin = makeAddress("admin");
    address guardian = makeAddress("guardian");
    address config = makeAddress("config");

    function setUp() public {
        vm.warp(NOW);
        access = new MatiAccess(admin);
        oracle = new RateOracle(address(access));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IRateOracle.setSource.selector;

        // As a deployment does: set up without a delay, then the role is config's, which waits.
        vm.startPrank(admin);
        oracle.setSource(asset, oldSource);
        access.grantRole(access.GUARDIAN_ROLE(), guardian, 0);
        access.grantRole(access.CONFIG_ROLE(), config, DELAY);
        access.setTargetFunctionRole(address(oracle), selectors, access.CONFIG_ROLE());
        vm.stopPrank();
    }

    function test_Config_ReplacesASourceAtItsTime() public {
        _schedule(newSource);
        vm.warp(NOW + DELAY);

        vm.expectEmit(address(oracle));
        emit IRateOracle.SourceSet(asset, newSource, 18);
        _set(newSource);

        assertEq(_wad(), 2600e18, "new source");
    }

    function test_Rate_IsTheOldSourcesUntilTheNewOneIsSet() public {
        _schedule(newSource);
        assertEq(_wad(), 2500e18, "scheduled");
        vm.warp(NOW + DELAY - 1);
        assertEq(_wad(), 2500e18, "a second before");
        vm.warp(NOW + DELAY + 1 days);
        assertEq(_wad(), 2500e18, "due, and not set");
    }

    function test_Config_RetiresASourceAtItsTime() public {
        _schedule(NONE);
        vm.warp(NOW + DELAY);
        assertEq(_wad(), 2500e18, "until then");

        _set(NONE);

        vm.expectRevert(abi.encodeWithSelector(IRateOracle.Oracle_NoSource.selector, asset));
        oracle.rate(asset, USD);
    }

    function test_RevertWhen_NothingIsScheduled() public {
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, _id(newSource)));
    }

    function test_RevertWhen_ItIsTooEarly() public {
        _schedule(newSource);
        vm.warp(NOW + DELAY - 1);
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, _id(newSource)));
    }

    function test_RevertWhen_ItIsScheduledForLessThanTheDelay() public {
        vm.prank(config);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCall.selector,
                config,
                address(oracle),
                IRateOracle.setSource.selector
            )
        );
        access.schedule(address(oracle), _call(newSource), uint48(NOW + DELAY - 1));
    }

    /// @dev What was scheduled is this very source: the time served is no other one's.
    function test_RevertWhen_AnotherSourceWasScheduled() public {
        _schedule(NONE);
        vm.warp(NOW + DELAY);
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, _id(newSource)));
    }

    function test_RevertWhen_ItWasScheduledAWeekTooLongAgo() public {
        _schedule(newSource);
        vm.warp(NOW + DELAY + access.expiration());
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerExpired.selector, _id(newSource)));
    }

    function test_RevertWhen_ItIsSetTwice() public {
        _schedule(newSource);
        vm.warp(NOW + DELAY);
        _set(newSource);
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, _id(newSource)));
    }

    function test_Guardian_CancelsAReplacement() public {
        _schedule(newSource);

        vm.prank(guardian);
        access.cancel(config, address(oracle), _call(newSource));

        vm.warp(NOW + DELAY);
        _expectSetReverts(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, _id(newSource)));
        assertEq(_wad(), 2500e18, "old source");
    }

    function test_RevertWhen_GuardianOrAdminSetsASource() public {
        address[2] memory callers = [guardian, admin];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[i]));
            oracle.setSource(asset, newSource);
        }
    }

    function _call(IRateSource source) private view returns (bytes memory) {
        return abi.encodeCall(IRateOracle.setSource, (asset, source));
    }

    function _id(IRateSource source) private view returns (bytes32) {
        return access.hashOperation(config, address(oracle), _call(source));
    }

    function _schedule(IRateSource source) private {
        vm.prank(config);
        access.schedule(address(oracle), _call(source), 0);
    }

    function _set(IRateSource source) private {
        vm.prank(config);
        oracle.setSource(asset, source);
    }

    function _expectSetReverts(bytes memory expected) private {
        vm.prank(config);
        vm.expectRevert(expected);
        oracle.setSource(asset, newSource);
    }

    function _wad() private view returns (uint256) {
        return oracle.rate(asset, USD).wad;
    }
}
