// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureTransfer} from "../interfaces/ISignatureTransfer.sol";
import {ISignatureVerifier} from "../interfaces/ISignatureVerifier.sol";
import {PaymentHash} from "../libraries/PaymentHash.sol";
import {IMatiEscrow} from "../interfaces/IMatiEscrow.sol";
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
    using PaymentHash for Payment;

    ISignatureTransfer public immutable PERMIT2;
    ISignatureVerifier public immutable VERIFIER;

    /// @param permit2 0x000000000022D473030F116dDEE9F6B43aC78BA3 on most chains.
    constructor(IMatiEscrow escrow, ISignatureTransfer permit2) Collector(escrow) {
        PERMIT2 = permit2;
        VERIFIER = escrow.VERIFIER();
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
            // What its id is made of. It comes from the escrow's encoder, so no word is dirty.
            payment.structHash(),
            // EIP-712 sorts the types by name behind the primary one, whose end this is.
            string.concat("Payment witness)", PaymentHash.TYPE, "TokenPermissions(address token,uint256 amount)"),
            // Of 65 bytes it is a key's: nothing to unwrap.
            signature.length == 65 ? signature : VERIFIER.unwrap(payment.payer, signature)
        );
    }
}
