// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IPayoutAccounts} from "./interfaces/IPayoutAccounts.sol";
import {RegistrationHash} from "./libraries/RegistrationHash.sol";
import {PayoutAccount} from "./PayoutAccount.sol";
import {LedgerEntry} from "./types/Ledger.sol";
import {PayoutTerms, Recipient} from "./types/Payout.sol";
import {nextPart} from "./types/Share.sol";

/// @title See `IPayoutAccounts`, which is the manual.
contract PayoutAccounts is IPayoutAccounts {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 internal constant BPS = 10_000;

    address internal immutable _ACCOUNT = address(new PayoutAccount());

    /// @inheritdoc IPayoutAccounts
    function withdraw(PayoutTerms calldata terms, IMatiEscrow escrow, address token, uint256 amount, address to)
        external
    {
        require(msg.sender == terms.merchant, PayoutAccounts_NotMerchant(msg.sender, terms.merchant));
        _account(RegistrationHash.hash(terms)).withdraw(escrow, token, amount, to);
    }

    /// @inheritdoc IPayoutAccounts
    function distribute(PayoutTerms calldata terms, IMatiEscrow escrow, address token) external {
        require(_isParty(terms, msg.sender), PayoutAccounts_NotParty(msg.sender));
        bytes32 id = RegistrationHash.hash(terms);
        PayoutAccount account = _account(id);
        uint256 amount = escrow.balanceOf(address(account), token);
        require(amount != 0, PayoutAccounts_NothingToDistribute(address(account), token));

        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        account.withdraw(escrow, token, amount, address(this));
        uint256 received = IERC20(token).balanceOf(address(this)) - balanceBefore;
        require(received == amount, PayoutAccounts_TransferMismatch(received, amount));
        IERC20(token).forceApprove(address(escrow), amount);
        escrow.deposit(token, _parts(terms, address(escrow), amount), id);
        // A false escrow may have left some of it.
        IERC20(token).forceApprove(address(escrow), 0);
        emit Distributed(address(account), token, msg.sender, amount);
    }

    /// @inheritdoc IPayoutAccounts
    function accountOf(PayoutTerms calldata terms) external view returns (address) {
        return addressOf(RegistrationHash.hash(terms));
    }

    /// @inheritdoc IPayoutAccounts
    function addressOf(bytes32 id) public view returns (address) {
        return Clones.predictDeterministicAddress(_ACCOUNT, id);
    }

    /// @dev The account of that id, created if this is the first time that anything leaves it.
    function _account(bytes32 id) private returns (PayoutAccount) {
        address account = addressOf(id);
        if (account.code.length == 0) Clones.cloneDeterministic(_ACCOUNT, id);
        return PayoutAccount(account);
    }

    function _isParty(PayoutTerms calldata terms, address account) private pure returns (bool) {
        if (account == terms.merchant) return true;
        for (uint256 i = 0; i < terms.chain.recipients.length; ++i) {
            if (terms.chain.recipients[i].account == account) return true;
        }
        return false;
    }

    /// @dev Shares beyond the whole make `nextPart` go beyond `amount`: the deposit then finds too little and reverts.
    function _parts(PayoutTerms calldata terms, address escrow, uint256 amount)
        private
        pure
        returns (LedgerEntry[] memory parts)
    {
        Recipient[] calldata named = terms.chain.recipients;
        if (named.length == 0) {
            parts = new LedgerEntry[](1);
            parts[0] = LedgerEntry({account: terms.merchant, amount: amount.toUint112()});
            return parts;
        }
        parts = new LedgerEntry[](named.length);
        uint256 bpsBefore = 0;
        for (uint256 i = 0; i < named.length; ++i) {
            bool isCreditable = named[i].account != escrow && named[i].account != address(0);
            parts[i] = LedgerEntry({
                account: isCreditable ? named[i].account : terms.merchant,
                amount: nextPart(amount, bpsBefore, named[i].shareBps, BPS).toUint112()
            });
            bpsBefore += named[i].shareBps;
        }
    }
}
