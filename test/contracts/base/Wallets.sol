// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A contract wallet (ERC-1271): the owner's signature counts, followed by one byte that no key's has. It
/// approves a spender when it is made.
contract OwnedWallet {
    address public immutable OWNER;

    constructor(address owner, IERC20 token, address spender) {
        OWNER = owner;
        if (address(token) != address(0)) token.approve(spender, type(uint256).max);
    }

    function isValidSignature(bytes32 digest, bytes calldata sig) external view returns (bytes4) {
        bool valid =
            sig.length == 66 && ecrecover(digest, uint8(sig[64]), bytes32(sig[:32]), bytes32(sig[32:64])) == OWNER;
        return valid ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @notice Makes such wallets at addresses known beforehand.
contract WalletFactory {
    uint256 public made;

    function deploy(address owner, IERC20 token, address spender) external returns (address wallet) {
        wallet = address(new OwnedWallet{salt: 0}(owner, token, spender));
        ++made;
    }

    function addressOf(address owner, IERC20 token, address spender) external view returns (address) {
        bytes32 code = keccak256(bytes.concat(type(OwnedWallet).creationCode, abi.encode(owner, token, spender)));
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), code)))));
    }
}

/// @dev ERC-6492's wrapping.
function wrap6492(address factory, bytes memory prepareCall, bytes memory inner) pure returns (bytes memory) {
    return bytes.concat(
        abi.encode(factory, prepareCall, inner), hex"6492649264926492649264926492649264926492649264926492649264926492"
    );
}
