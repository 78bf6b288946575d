// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureTransfer} from "../interfaces/ISignatureTransfer.sol";
import {ISignatureVerifier} from "../interfaces/ISignatureVerifier.sol";
import {MatiEscrow} from "../MatiEscrow.sol";
import {Payment} from "../types/Payment.sol";
import {Collector} from "./Collector.sol";

/// @title The way in for a payer that once approved Permit2, with any token.
/// @notice `data` is `abi.encodePacked(uint256 nonce, bytes signature)`. The signature is of Permit2's
/// `PermitWitnessTransferFrom(TokenPermissions permitted, address spender, uint256 nonce, uint256 deadline, Payment
/// witness)`, with permitted = (token, maxAmount), spender = this collector, deadline = `authorizeBy`: one signature for
/// money and terms, and a wallet shows all of them.
/// @dev Permit2's domain names the chain, the spender stands for the escrow, and the money can go nowhere else. The nonce
/// is the signer's choice: counting up takes 256 from one word of Permit2's bitmap, while nonces at random pay for a fresh
/// slot (17,100 gas) each. Permit2 asks an account with code (EIP-7702) by ERC-1271 only; a wallet not yet deployed
/// is deployed by the ERC-6492 wrapping.
contract Permit2Collector is Collector {
    /// @dev EIP-712 sorts the types by name behind the primary one, whose end this is.
    string internal constant WITNESS_TYPE =
        "Payment witness)Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address arbiter,uint40 resolveBy,uint16 defaultMerchantBps,address refundTo,bytes32 invoice)TokenPermissions(address token,uint256 amount)";

    /// @dev `Payment` is 19 static fields.
    uint256 internal constant PAYMENT_SIZE = 19 * 32;

    ISignatureTransfer public immutable PERMIT2;
    ISignatureVerifier public immutable VERIFIER;
    /// @dev The escrow's: a payment's witness is what its id is made of.
    bytes32 internal immutable _PAYMENT_TYPEHASH;

    /// @param permit2 0x000000000022D473030F116dDEE9F6B43aC78BA3 on most chains.
    constructor(MatiEscrow escrow, ISignatureTransfer permit2) Collector(escrow) {
        PERMIT2 = permit2;
        VERIFIER = escrow.VERIFIER();
        _PAYMENT_TYPEHASH = escrow.PAYMENT_TYPEHASH();
    }

    function collect(Payment calldata payment, bytes32, address, bytes calldata data) external onlyEscrow {
        bytes calldata signature = data[32:];

        PERMIT2.permitWitnessTransferFrom(
            ISignatureTransfer.PermitTransferFrom({
                permitted: ISignatureTransfer.TokenPermissions({token: payment.token, amount: payment.maxAmount}),
                nonce: uint256(bytes32(data[:32])),
                deadline: payment.authorizeBy
            }),
            ISignatureTransfer.SignatureTransferDetails({to: address(ESCROW), requestedAmount: payment.maxAmount}),
            payment.payer,
            _hash(payment),
            WITNESS_TYPE,
            // Of 65 bytes it is a key's: nothing to unwrap.
            signature.length == 65 ? signature : VERIFIER.unwrap(payment.payer, signature)
        );
    }

    /// @dev As the escrow hashes it: all fields are static, so their calldata is their EIP-712 encoding. It comes from the
    /// escrow's encoder, so no word is dirty.
    function _hash(Payment calldata payment) internal view returns (bytes32 structHash) {
        bytes32 typehash = _PAYMENT_TYPEHASH;
        uint256 size = PAYMENT_SIZE;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            calldatacopy(add(data, 0x20), payment, size)
            structHash := keccak256(data, add(size, 0x20))
        }
    }
}
