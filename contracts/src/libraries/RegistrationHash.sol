// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ChainPayout, Operator, Payout, PayoutTerms, Recipient, Registration, Reserve} from "../types/Payout.sol";

/// @title The EIP-712 hash of a merchant's registration.
/// @dev The domain names neither chain nor contract, so that one signature holds on every chain; its salt keeps it
/// apart from whatever else carries that name and version.
library RegistrationHash {
    bytes32 internal constant DOMAIN_SEPARATOR = keccak256(
        abi.encode(
            keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
            keccak256("Mati Merchant Registry"),
            keccak256("1"),
            keccak256("mati.merchant-registry")
        )
    );

    // EIP-712 encodeType: the struct itself first, then those it refers to, sorted by name.
    bytes32 internal constant REGISTRATION_TYPEHASH = keccak256(
        "Registration(address merchant,uint64 nonce,Payout payout,Operator[] operators,ChainPayout[] chains)"
        "ChainPayout(uint32 eid,address settler,Recipient[] recipients,Reserve[] reserves)"
        "Operator(address account,uint8 actions,uint40 until)"
        "Payout(address asset,uint32 eid,uint32 cycle,uint8 tier,uint16 toleranceBps)"
        "Recipient(address account,uint16 shareBps)" "Reserve(address token,uint112 amount)"
    );
    bytes32 internal constant CHAIN_PAYOUT_TYPEHASH = keccak256(
        "ChainPayout(uint32 eid,address settler,Recipient[] recipients,Reserve[] reserves)"
        "Recipient(address account,uint16 shareBps)" "Reserve(address token,uint112 amount)"
    );
    bytes32 internal constant PAYOUT_TYPEHASH =
        keccak256("Payout(address asset,uint32 eid,uint32 cycle,uint8 tier,uint16 toleranceBps)");
    bytes32 internal constant OPERATOR_TYPEHASH = keccak256("Operator(address account,uint8 actions,uint40 until)");
    bytes32 internal constant RECIPIENT_TYPEHASH = keccak256("Recipient(address account,uint16 shareBps)");
    bytes32 internal constant RESERVE_TYPEHASH = keccak256("Reserve(address token,uint112 amount)");

    function hash(Registration calldata registration) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                REGISTRATION_TYPEHASH,
                registration.merchant,
                registration.nonce,
                _hash(registration.payout),
                _hash(registration.operators),
                _hash(registration.chains)
            )
        );
        return MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR, structHash);
    }

    /// @notice The id of a payout account: the hash of what it stands for, the same on every chain.
    function hash(PayoutTerms calldata terms) internal pure returns (bytes32) {
        return _payoutAccountId(terms.merchant, terms.payout, _hash(terms.chain));
    }

    /// @notice The id of the account that a registration's payout goes to on its own chain.
    /// @dev A registration that says nothing of that chain says: nobody settles there, the merchant alone is paid.
    function payoutAccountId(Registration calldata registration) internal pure returns (bytes32) {
        uint32 eid = registration.payout.eid;
        bytes32 chainHash = keccak256(abi.encode(CHAIN_PAYOUT_TYPEHASH, eid, address(0), keccak256(""), keccak256("")));
        for (uint256 i = 0; i < registration.chains.length; ++i) {
            if (registration.chains[i].eid == eid) chainHash = _hash(registration.chains[i]);
        }
        return _payoutAccountId(registration.merchant, registration.payout, chainHash);
    }

    function _payoutAccountId(address merchant, Payout calldata payout, bytes32 chainHash)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(merchant, _hash(payout), chainHash));
    }

    function _hash(ChainPayout calldata chain) private pure returns (bytes32) {
        return keccak256(
            abi.encode(CHAIN_PAYOUT_TYPEHASH, chain.eid, chain.settler, _hash(chain.recipients), _hash(chain.reserves))
        );
    }

    function _hash(Payout calldata payout) private pure returns (bytes32) {
        return keccak256(
            abi.encode(PAYOUT_TYPEHASH, payout.asset, payout.eid, payout.cycle, payout.tier, payout.toleranceBps)
        );
    }

    function _hash(Operator[] calldata operators) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            Operator calldata operator = operators[i];
            hashes[i] = keccak256(abi.encode(OPERATOR_TYPEHASH, operator.account, operator.actions, operator.until));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hash(ChainPayout[] calldata chains) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](chains.length);
        for (uint256 i = 0; i < chains.length; ++i) {
            hashes[i] = _hash(chains[i]);
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hash(Recipient[] calldata recipients) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](recipients.length);
        for (uint256 i = 0; i < recipients.length; ++i) {
            hashes[i] = keccak256(abi.encode(RECIPIENT_TYPEHASH, recipients[i].account, recipients[i].shareBps));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hash(Reserve[] calldata reserves) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](reserves.length);
        for (uint256 i = 0; i < reserves.length; ++i) {
            hashes[i] = keccak256(abi.encode(RESERVE_TYPEHASH, reserves[i].token, reserves[i].amount));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
