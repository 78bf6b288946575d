// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {MatiAccess} from "../../contracts/src/MatiAccess.sol";
import {Test} from "./base/Test.sol";

/// @dev A restricted function per role.
contract Managed is AccessManaged {
    bool public paused;
    uint256 public value;

    constructor(address access) AccessManaged(access) {}

    function setPaused(bool paused_) external restricted {
        paused = paused_;
    }

    function setValue(uint256 value_) external restricted {
        value = value_;
    }
}

/// @dev Invariant 15: privileged parameters change only after their delay.
contract MatiAccessTest is Test {
    uint256 constant NOW = 1_800_000_000;
    uint32 constant DELAY = 2 days;

    MatiAccess access;
    Managed target;
    address admin = makeAddress("admin");
    address guardian = makeAddress("guardian");
    address config = makeAddress("config");

    function setUp() public {
        vm.warp(NOW);
        access = new MatiAccess(admin);
        target = new Managed(address(access));

        vm.startPrank(admin);
        access.grantRole(access.GUARDIAN_ROLE(), guardian, 0);
        access.grantRole(access.CONFIG_ROLE(), config, DELAY);
        access.setTargetFunctionRole(address(target), _only(Managed.setPaused.selector), access.GUARDIAN_ROLE());
        access.setTargetFunctionRole(address(target), _only(Managed.setValue.selector), access.CONFIG_ROLE());
        vm.stopPrank();
    }

    function test_Constructor_NamesRolesAndTheirGuardian() public {
        vm.expectEmit();
        emit IAccessManager.RoleLabel(1, "guardian");
        vm.expectEmit();
        emit IAccessManager.RoleLabel(2, "operator");
        vm.expectEmit();
        emit IAccessManager.RoleLabel(3, "config");
        access = new MatiAccess(admin);

        assertEq(access.GUARDIAN_ROLE(), 1, "guardian");
        assertEq(access.OPERATOR_ROLE(), 2, "operator");
        assertEq(access.CONFIG_ROLE(), 3, "config");
        assertEq(access.getRoleGuardian(access.OPERATOR_ROLE()), access.GUARDIAN_ROLE(), "guardian of operator");
        assertEq(access.getRoleGuardian(access.CONFIG_ROLE()), access.GUARDIAN_ROLE(), "guardian of config");
        (bool isAdmin, uint32 delay) = access.hasRole(access.ADMIN_ROLE(), admin);
        assertTrue(isAdmin, "admin");
        assertEq(delay, 0, "admin's delay");
    }

    function test_Guardian_PausesAtOnce() public {
        vm.prank(guardian);
        target.setPaused(true);

        assertTrue(target.paused(), "paused");
    }

    function test_RevertWhen_GuardianConfigures() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        target.setValue(1);
    }

    function test_RevertWhen_ConfigPauses() public {
        vm.prank(config);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, config));
        target.setPaused(true);
    }

    function test_Config_ChangesAfterItsDelayOnly() public {
        bytes memory call = abi.encodeCall(Managed.setValue, (7));
        bytes32 id = access.hashOperation(config, address(target), call);

        vm.prank(config);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id));
        target.setValue(7);

        vm.prank(config);
        access.schedule(address(target), call, 0);

        vm.warp(NOW + DELAY - 1);
        vm.prank(config);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id));
        target.setValue(7);
        assertEq(target.value(), 0, "before the delay");

        vm.warp(NOW + DELAY);
        vm.prank(config);
        target.setValue(7);
        assertEq(target.value(), 7, "after the delay");
    }

    function test_Guardian_CancelsWhatConfigScheduled() public {
        bytes memory call = abi.encodeCall(Managed.setValue, (7));
        vm.prank(config);
        access.schedule(address(target), call, 0);

        vm.prank(guardian);
        access.cancel(config, address(target), call);

        vm.warp(NOW + DELAY);
        bytes32 id = access.hashOperation(config, address(target), call);
        vm.prank(config);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id));
        target.setValue(7);
    }

    function _only(bytes4 selector) private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = selector;
    }
}
