// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {TokenTransfer} from "./libraries/TokenTransfer.sol";
import {Ledger, LedgerEntry} from "./types/Ledger.sol";

/// @title The ledger half of the escrow: what everyone may take out, and how tokens come and go.
/// @notice Knows nothing of payments. See `IMatiEscrow`, which is the manual.
abstract contract EscrowLedger is IMatiEscrow, ReentrancyGuardTransient {
    using SafeCast for uint256;
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
            _requireRecipient(credits[i].account);
            _credit(credits[i].account, token, credits[i].amount, ref, msg.sender);
            total += credits[i].amount;
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
    function debit(address token, LedgerEntry[] calldata debits, address to)
        external
        nonReentrant
        returns (uint256[] memory debitedTotals)
    {
        _requireRecipient(to);
        uint256 total;
        debitedTotals = new uint256[](debits.length);
        for (uint256 i = 0; i < debits.length; ++i) {
            address account = debits[i].account;
            address settler = REGISTRY.settlerOf(account);
            require(msg.sender == settler, Escrow_NotSettler(msg.sender, account, settler));
            debitedTotals[i] = _debit(account, token, debits[i].amount, to);
            total += debits[i].amount;
        }

        IERC20(token).safeTransfer(to, total);
    }

    /// @inheritdoc IMatiEscrow
    function ledger(address account, address token) external view returns (Ledger memory) {
        return _ledgers[account][token];
    }

    /// @inheritdoc IMatiEscrow
    function balanceOf(address account, address token) external view returns (uint256) {
        Ledger storage entry = _ledgers[account][token];
        return entry.credited - entry.debited;
    }

    // ----------------------------------------------------------------------------------------------- ledger

    function _credit(address account, address token, uint256 amount, bytes32 ref, address from) internal {
        if (amount == 0) return;
        uint256 credited = _addCredit(account, token, amount);
        emit Credited(account, token, ref, from, amount, credited);
    }

    /// @return credited The account's `credited` counter afterwards.
    function _addCredit(address account, address token, uint256 amount) internal returns (uint256 credited) {
        Ledger memory entry = _ledgers[account][token];
        uint256 balance = entry.credited - entry.debited;
        // To the nearest second: rounded up, every unit that a stranger deposits would make any balance a second younger.
        // Cast: a mean of two 32-bit times.
        uint256 sum = balance + amount;
        if (sum != 0) {
            entry.since = uint32((uint256(entry.since) * balance + block.timestamp * amount + sum / 2) / sum);
        }
        credited = entry.credited + amount;
        entry.credited = credited.toUint112();
        _ledgers[account][token] = entry;
    }

    function _debit(address account, address token, uint256 amount, address to) internal returns (uint256) {
        Ledger storage entry = _ledgers[account][token];
        uint256 balance = entry.credited - entry.debited;
        require(amount <= balance, Escrow_InsufficientLedger(account, token, amount, balance));
        // Cast: `debited` stays at most `credited`, a uint112.
        uint112 debitedTotal = entry.debited + uint112(amount);
        entry.debited = debitedTotal;
        emit Debited(account, token, to, amount, debitedTotal);
        return debitedTotal;
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
