// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IIntakeGuard} from "./interfaces/IIntakeGuard.sol";
import {IIntakeLimits} from "./interfaces/IIntakeLimits.sol";
import {IScreener} from "./interfaces/IScreener.sol";
import {IntakeCounter} from "./types/IntakeCounter.sol";
import {Payment} from "./types/Payment.sol";

/// @title See `IIntakeLimits`, which is the manual.
contract IntakeLimits is IIntakeLimits, AccessManaged {
    address public immutable ESCROW;
    /// @inheritdoc IIntakeLimits
    uint256 public immutable WINDOW;

    mapping(address token => IntakeCounter) internal _tokens;
    mapping(address token => mapping(address merchant => IntakeCounter)) internal _merchants;
    /// @inheritdoc IIntakeLimits
    IScreener public screener;

    constructor(address access, address escrow, uint256 windowSeconds) AccessManaged(access) {
        require(windowSeconds > 1, IntakeLimits_BadWindow(windowSeconds));
        ESCROW = escrow;
        WINDOW = windowSeconds;
    }

    /// @inheritdoc IIntakeGuard
    function onAuthorize(Payment calldata payment, bytes32, address caller) external {
        require(msg.sender == ESCROW, IntakeLimits_NotEscrow(msg.sender, ESCROW));
        IScreener current = screener;
        if (address(current) != address(0)) {
            _requireAccepted(current, payment.payer);
            _requireAccepted(current, payment.merchant);
            if (payment.refundTo != payment.payer) _requireAccepted(current, payment.refundTo);
            if (caller != payment.payer) _requireAccepted(current, caller);
        }

        _count(_tokens[payment.token], payment.token, address(0), payment.maxAmount);
        _count(_merchants[payment.token][payment.merchant], payment.token, payment.merchant, payment.maxAmount);
    }

    /// @inheritdoc IIntakeLimits
    function setTokenLimit(address token, uint112 limit) external restricted {
        _tokens[token].limit = limit;
        emit TokenLimitSet(token, limit);
    }

    /// @inheritdoc IIntakeLimits
    function setMerchantLimit(address token, address merchant, uint112 limit) external restricted {
        _merchants[token][merchant].limit = limit;
        emit MerchantLimitSet(token, merchant, limit);
    }

    /// @inheritdoc IIntakeLimits
    function setScreener(IScreener newScreener) external restricted {
        screener = newScreener;
        emit ScreenerSet(newScreener);
    }

    /// @inheritdoc IIntakeLimits
    function tokenLimit(address token) external view returns (uint256 limit, uint256 used) {
        IntakeCounter memory counter = _tokens[token];
        return (counter.limit, counter.usedIn(_window()));
    }

    /// @inheritdoc IIntakeLimits
    function merchantLimit(address token, address merchant) external view returns (uint256 limit, uint256 used) {
        IntakeCounter memory counter = _merchants[token][merchant];
        return (counter.limit, counter.usedIn(_window()));
    }

    function _requireAccepted(IScreener current, address account) internal view {
        require(!current.isRefused(account), IntakeLimits_Refused(account));
    }

    function _count(IntakeCounter storage slot, address token, address merchant, uint112 amount) internal {
        IntakeCounter memory counter = slot;
        if (counter.limit == 0) return;
        uint32 window = _window();
        uint256 used = counter.usedIn(window);
        // A limit that was lowered may lie below what came in already.
        uint256 available = used < counter.limit ? counter.limit - used : 0;
        require(
            amount <= available,
            IntakeLimits_Exceeded(token, merchant, amount, available, (uint256(window) + 1) * WINDOW)
        );

        // Cast: at most the limit.
        slot.used = uint112(used + amount);
        slot.window = window;
    }

    /// @dev Cast: a window is at least two seconds long.
    function _window() internal view returns (uint32) {
        return uint32(block.timestamp / WINDOW);
    }
}
