// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PayoutTerms} from "../types/Payout.sol";
import {IMatiEscrow} from "./IMatiEscrow.sol";

/// @title The accounts in which payouts from other chains arrive.
/// @notice What a message brings is credited to an address made of everything that is to become of it: merchant, asset,
/// tier, settler, recipients and their shares. So the message carries its instructions in 20 bytes, and nothing the
/// merchant says later changes what was on its way. The registry lets it be settled (`openPayoutAccount`); what cannot
/// be is taken out raw, here.
/// @dev Has no arguments and no owner, so that it is at the same place on every chain, and with it every account.
/// Accounts hold nothing but ledger balances. Any escrow may be named: an account is known to no other contract, and
/// whatever a false one does, it is not with anybody's tokens.
interface IPayoutAccounts {
    /// @notice All of an account's ledger balance became ledger balances of its recipients, by their shares.
    event Distributed(address indexed account, address indexed token, address indexed caller, uint256 amount);

    error PayoutAccounts_NotMerchant(address caller, address merchant);
    /// Neither the merchant nor one of its recipients.
    error PayoutAccounts_NotParty(address caller);
    error PayoutAccounts_NothingToDistribute(address account, address token);
    /// The escrow did not pay what it said it owed.
    error PayoutAccounts_TransferMismatch(uint256 received, uint256 expected);

    /// @notice The account of some terms.
    function accountOf(PayoutTerms calldata terms) external view returns (address);
    /// @notice The account of the terms whose hash is `id` (`RegistrationHash`).
    function addressOf(bytes32 id) external view returns (address);

    /// @notice Takes an amount of the account's ledger balance out, to any address. Only the merchant.
    function withdraw(PayoutTerms calldata terms, IMatiEscrow escrow, address token, uint256 amount, address to)
        external;

    /// @notice Divides all of the account's ledger balance, as it is, over the ledgers of its recipients. The merchant or any of
    /// them: the way out where no settlement comes and the merchant's own account does not exist on this chain.
    /// @dev Shares are cumulative and rounded down, so that they add up. The part of one whom the escrow would not credit
    /// is the merchant's.
    function distribute(PayoutTerms calldata terms, IMatiEscrow escrow, address token) external;
}
