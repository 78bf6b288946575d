// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {IPayoutAccounts} from "../../../contracts/src/interfaces/IPayoutAccounts.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {ISignatureVerifier} from "../../../contracts/src/interfaces/ISignatureVerifier.sol";
import {ISettler} from "../../../contracts/src/interfaces/ISettler.sol";
import {Vm} from "./Vm.sol";

/// @notice What every test contract here stands on: cheatcodes, assertions that show both sides, accounts, `bound`.
/// @dev Declared here because no maintained package carries forge-std at a reasonable size.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev A tier's cap of tips above any tip: 281 million USD.
    uint48 internal constant UNCAPPED = type(uint48).max;

    /// @dev forge asks a test contract for this name before it runs `test` functions.
    bool public constant IS_TEST = true;

    error NotEqual(string what, bytes32 actual, bytes32 expected);
    error NotEqualUint(string what, uint256 actual, uint256 expected);
    error NotAtMost(string what, uint256 actual, uint256 limit);
    error NotTrue(string what);

    /// @dev From its artifact, as escrow and settler: all three are compiled through the IR, which would take along
    /// whatever imports them.
    function deployRegistry(uint32 eid, IPayoutAccounts payoutAccounts) internal returns (IMerchantRegistry) {
        return
            IMerchantRegistry(vm.deployCode("MerchantRegistry.sol:MerchantRegistry", abi.encode(eid, payoutAccounts)));
    }

    function deployEscrow(address access, IMerchantRegistry registry, IRateOracle oracle, ISignatureVerifier verifier)
        internal
        returns (IMatiEscrow)
    {
        return IMatiEscrow(vm.deployCode("MatiEscrow.sol:MatiEscrow", abi.encode(access, registry, oracle, verifier)));
    }

    function deploySettler(
        IMatiEscrow escrow,
        IMerchantRegistry registry,
        IRateOracle oracle,
        address wrappedNative,
        address access
    ) internal returns (ISettler) {
        return ISettler(
            vm.deployCode("Settler.sol:Settler", abi.encode(escrow, registry, oracle, wrappedNative, access))
        );
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, NotEqualUint(what, actual, expected));
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        assertEq(bytes32(uint256(uint160(actual))), bytes32(uint256(uint160(expected))), what);
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, actual, expected));
    }

    function assertEq(bytes memory actual, bytes memory expected, string memory what) internal pure {
        assertEq(keccak256(actual), keccak256(expected), what);
    }

    function assertEq(bool actual, bool expected, string memory what) internal pure {
        require(actual == expected, NotTrue(what));
    }

    function assertLe(uint256 actual, uint256 limit, string memory what) internal pure {
        require(actual <= limit, NotAtMost(what, actual, limit));
    }

    function assertGe(uint256 actual, uint256 limit, string memory what) internal pure {
        require(actual >= limit, NotAtMost(what, limit, actual));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        require(condition, NotTrue(what));
    }

    function makeAccount(string memory name) internal returns (address account, uint256 privateKey) {
        privateKey = uint256(keccak256(bytes(name)));
        account = vm.addr(privateKey);
        vm.label(account, name);
    }

    function makeAddress(string memory name) internal returns (address account) {
        (account,) = makeAccount(name);
    }

    /// @dev Folds a fuzzed value into [low, high].
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        require(low <= high, NotAtMost("bound", low, high));
        uint256 size = high - low;
        if (size == type(uint256).max) return value;
        return value >= low && value <= high ? value : low + value % (size + 1);
    }

    /// @dev A 65-byte ECDSA signature, in the order contracts read it.
    function signature(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Deploys a compiled artifact of an npm package (hardhat or solc layout), genuine bytecode and all.
    function deployArtifact(string memory path, bytes memory args) internal returns (address deployed) {
        bytes memory code =
            bytes.concat(vm.parseJsonBytes(vm.readFile(string.concat("node_modules/", path)), ".bytecode"), args);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), NotTrue(path));
    }
}
