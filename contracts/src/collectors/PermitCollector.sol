// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ISignatureVerifier} from "../interfaces/ISignatureVerifier.sol";
import {IMatiEscrow} from "../interfaces/IMatiEscrow.sol";
import {Payment} from "../types/Payment.sol";
import {Collector} from "./Collector.sol";

/// @notice An EIP-2612 permit whose spender is the collector (https://eips.ethereum.org/EIPS/eip-2612).
struct Permit {
    /// In units of the token; at least the payment's `maxAmount`. What is left of it waits for the payer's next payment.
    uint256 value;
    /// Unix seconds; the last one at which the permit works.
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @title The way in for a payer without gas whose token has EIP-2612.
/// @notice `data` is `abi.encode(Permit permit, bytes signature)`: an allowance for this collector, and the payer's
/// signature of the payment (EIP-712; its digest is the id), by key, ERC-1271 or ERC-6492. The signature is empty if the
/// payer itself calls the escrow.
/// @dev The allowance alone moves nothing: not a unit leaves the payer but for a payment that it signed. A permit binds
/// no terms, and anyone can submit it first, so whether it succeeds is not asked; only what is allowed afterwards counts
/// (EIP-2612, "Security Considerations"). Two permits that wait at once overwrite each other's allowance: permit more
/// than one payment's worth, or sign one after the other.
contract PermitCollector is Collector {
    using SafeERC20 for IERC20;

    ISignatureVerifier public immutable VERIFIER;

    /// Neither the payer called, nor did it sign these terms.
    error PermitCollector_NotPayer(address caller, address payer);
    /// The permit did not work, and no earlier one left enough.
    error PermitCollector_AllowanceTooSmall(uint256 allowance, uint256 required);

    constructor(IMatiEscrow escrow) Collector(escrow) {
        VERIFIER = escrow.VERIFIER();
    }

    function collect(Payment calldata payment, bytes32 id, address caller, bytes calldata data) external onlyEscrow {
        (Permit memory permit, bytes memory signature) = abi.decode(data, (Permit, bytes));
        require(
            caller == payment.payer || VERIFIER.isValid(payment.payer, id, signature),
            PermitCollector_NotPayer(caller, payment.payer)
        );

        try IERC20Permit(payment.token)
            .permit(payment.payer, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s) {}
            catch {}
        uint256 allowance = IERC20(payment.token).allowance(payment.payer, address(this));
        require(allowance >= payment.maxAmount, PermitCollector_AllowanceTooSmall(allowance, payment.maxAmount));
        IERC20(payment.token).safeTransferFrom(payment.payer, address(ESCROW), payment.maxAmount);
    }
}
