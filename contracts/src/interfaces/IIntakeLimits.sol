// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IIntakeGuard} from "./IIntakeGuard.sol";
import {IScreener} from "./IScreener.sol";

/// @title Limits on what comes in per window, by token and by merchant, and screening of who takes part.
/// @notice A brake on what a flaw or a stolen key can gather before somebody looks, not a promise of capacity: authorizing
/// and letting go (void, reclaim) costs a stranger nothing but gas and the time its money is held, and what was counted
/// stays counted, so anyone with the money can fill a window, a merchant's or a token's. Its payments then wait for the
/// next window or a higher limit, within their `authorizeBy`.
/// @dev The way out never asks: not to give counted amounts back, since then an exit would depend on this contract, and
/// not to screen, since who was accepted must be able to leave (invariants 4, 5 and 15). Amounts are `maxAmount`s, in
/// units of the token. Windows are fixed: within any span as long as one, at most twice the limit comes in.
interface IIntakeLimits is IIntakeGuard {
    event TokenLimitSet(address indexed token, uint112 limit);
    event MerchantLimitSet(address indexed token, address indexed merchant, uint112 limit);
    event ScreenerSet(IScreener indexed screener);

    error IntakeLimits_BadWindow(uint256 windowSeconds);
    /// More would come in than fits into the window.
    /// @param merchant Zero where it is the token's limit.
    /// @param windowEnd When the next window begins, Unix seconds.
    error IntakeLimits_Exceeded(address token, address merchant, uint256 amount, uint256 available, uint256 windowEnd);
    error IntakeLimits_NotEscrow(address caller, address escrow);
    error IntakeLimits_Refused(address account);

    /// @notice Sets what may come in in a token within a window, from all merchants together; 0 for no limit. Restricted.
    /// @dev What came in in this window counts if there was a limit before.
    function setTokenLimit(address token, uint112 limit) external;

    /// @notice Sets what may come in for one merchant in a token within a window; 0 for no limit. Restricted.
    /// @dev There is no limit for merchants unnamed: whoever wants more than one merchant's would be many merchants.
    function setMerchantLimit(address token, address merchant, uint112 limit) external;

    /// @notice Sets who is asked about payer, merchant, `refundTo` and the escrow's caller; zero for nobody. Restricted.
    /// @dev While it reverts, nothing comes in.
    function setScreener(IScreener newScreener) external;

    /// @return limit 0 for no limit.
    /// @return used What came in within the current window.
    function tokenLimit(address token) external view returns (uint256 limit, uint256 used);
    /// @return limit 0 for no limit.
    /// @return used What came in within the current window.
    function merchantLimit(address token, address merchant) external view returns (uint256 limit, uint256 used);
    function screener() external view returns (IScreener);
    /// @notice Seconds.
    function WINDOW() external view returns (uint256);
}
