// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the escrow uses of ERC-3009 (https://eips.ethereum.org/EIPS/eip-3009).
/// @notice `receive…` rather than `transfer…`: only the recipient can submit it, so nobody can take the signature out
/// of our call and leave the money here without its payment.
interface IERC3009 {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @dev FiatToken v2.2's variant, which takes ERC-1271 signatures as well.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
