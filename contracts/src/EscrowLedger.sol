// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {TokenTransfer} from "./libraries/TokenTransfer.sol";
import {Ledger, LedgerEntry} from "./types/Ledger.sol";

/// @title The ledger half of the escrow: what everyone may take out, and how tokens come and go.
/// @notice Knows nothing of payments. See `IMatiEscrow`, which is the manual.
abstract contract EscrowLedger is IMatiEscrow, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IMerchantRegistry public immutable REGISTRY;

    mapping(address account => mapping(address token => Ledger)) internal _ledgers;

    constructor(IMerchantRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc IMatiEscrow
    function deposit(address token, LedgerEntry[] calldata credits, bytes32 ref) external nonReentrant {
        uint256 total;
        for (uint256 i = 0; i < credits.length; ++i) {
            LedgerEntry calldata credit = credits[i];
            (address account, uint256 amount) = (credit.account, credit.amount);
            _requireRecipient(account);
            _credit(account, token, amount, ref, msg.sender);
            // Unchecked: no calldata holds 2^144 amounts of 112 bits.
            unchecked {
                total += amount;
            }
        }

        _pull(token, msg.sender, total);
    }

    /// @inheritdoc IMatiEscrow
    function withdraw(address token, uint256 amount, address to) external nonReentrant {
        _requireRecipient(to);
        _debit(msg.sender, token, amount, to);

        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IMatiEscrow
    function debit(address token, LedgerEntry[] calldata debits, address to) external nonReentrant {
        _requireRecipient(to);
        address[] memory accounts = new address[](debits.length);
        uint256 total;
        for (uint256 i = 0; i < debits.length; ++i) {
            LedgerEntry calldata entry = debits[i];
            accounts[i] = entry.account;
            _debit(entry.account, token, entry.amount, to);
            total += entry.amount;
        }
        uint256 settled = REGISTRY.countSettledBy(msg.sender, accounts);
        if (settled != accounts.length) {
            revert Escrow_NotSettler(msg.sender, accounts[settled], REGISTRY.settlerOf(accounts[settled]));
        }

        IERC20(token).safeTransfer(to, total);
    }

    /// @inheritdoc IMatiEscrow
    function ledger(address account, address token) external view returns (Ledger memory) {
        (uint256 credited, uint256 debited, uint256 since) = _ledgers[account][token].load();
        // Casts: as they are stored.
        return Ledger(uint112(credited), uint112(debited), uint32(since));
    }

    /// @inheritdoc IMatiEscrow
    function balanceOf(address account, address token) external view returns (uint256) {
        (uint256 credited, uint256 debited,) = _ledgers[account][token].load();
        return credited - debited;
    }

    // ----------------------------------------------------------------------------------------------- ledger

    function _credit(address account, address token, uint256 amount, bytes32 ref, address from) internal {
        if (amount == 0) return;
        uint256 credited = _addCredit(account, token, amount);
        emit Credited(account, token, ref, from, amount, credited);
    }

    /// @return newCredited The account's `credited` counter afterwards.
    function _addCredit(address account, address token, uint256 amount) internal returns (uint256 newCredited) {
        Ledger storage entry = _ledgers[account][token];
        (uint256 credited, uint256 debited, uint256 since) = entry.load();
        newCredited = credited + amount;
        require(newCredited <= type(uint112).max, Escrow_LedgerOverflow(account, token));
        // Unchecked: amounts below 2^112, `debited` at most `credited`, times below 2^40.
        unchecked {
            uint256 balance = credited - debited;
            uint256 sum = balance + amount;
            // To the nearest second: rounded up, every unit that a stranger deposits would make any balance a second
            // younger.
            if (sum != 0) since = (since * balance + block.timestamp * amount + sum / 2) / sum;
        }
        entry.save(newCredited, debited, since);
    }

    function _debit(address account, address token, uint256 amount, address to) internal {
        Ledger storage entry = _ledgers[account][token];
        (uint256 credited, uint256 debited, uint256 since) = entry.load();
        require(amount <= credited - debited, Escrow_InsufficientLedger(account, token, amount, credited - debited));
        uint256 newDebited = debited + amount;
        entry.save(credited, newDebited, since);
        emit Debited(account, token, to, amount, newDebited);
    }

    // ------------------------------------------------------------------------------------------------ money

    /// @dev Takes tokens from an account's allowance, measured.
    function _pull(address token, address from, uint256 amount) internal {
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), amount);
        _requireReceived(token, balanceBefore, amount);
    }

    /// @dev Pays out, or credits the recipient's ledger balance if its transfer fails (a blocklist, a reverting hook),
    /// so that nobody's account can keep a hold from ending.
    function _payOrCredit(address token, address to, uint256 amount, bytes32 ref) internal {
        if (amount == 0) return;
        uint256 gas = gasleft();
        if (TokenTransfer.tryTransfer(token, to, amount)) return;
        require(gas >= TokenTransfer.REQUIRED_GAS, Escrow_InsufficientGas(gas, TokenTransfer.REQUIRED_GAS));
        _credit(to, token, amount, ref, address(0));
    }

    function _requireReceived(address token, uint256 balanceBefore, uint256 expected) internal view {
        uint256 received = IERC20(token).balanceOf(address(this)) - balanceBefore;
        require(received == expected, Escrow_TransferMismatch(token, received, expected));
    }

    function _isRecipient(address account) internal view returns (bool) {
        return account != address(0) && account != address(this);
    }

    function _requireRecipient(address account) internal view {
        require(_isRecipient(account), Escrow_BadRecipient(account));
    }
}
