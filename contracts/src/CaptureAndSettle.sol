// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMatiEscrow} from "./interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {ISettler} from "./interfaces/ISettler.sol";
import {CaptureOrders} from "./libraries/CaptureOrders.sol";
import {CaptureOrder} from "./types/Payment.sol";
import {CAPTURE} from "./types/Payout.sol";
import {Group} from "./types/Settlement.sol";

/// @title Captures payments and settles what they brought, in one transaction.
/// @notice So that what waits is the hold, and not a ledger balance whose worth moves. Anyone may call, for payments
/// whose terms say auto-capture: the escrow captures them for this contract as for anyone. A merchant may appoint this
/// contract as its operator; then it captures for that merchant and its operators, in any way, and for nobody else.
/// Holds nothing between transactions.
contract CaptureAndSettle is ReentrancyGuardTransient {
    using CaptureOrders for bytes;
    using SafeERC20 for IERC20;

    /// The merchant appointed this contract, but not the caller.
    error CaptureAndSettle_NotMerchant(uint256 index, address caller, address merchant);

    IMatiEscrow public immutable escrow;
    IMerchantRegistry public immutable registry;
    ISettler public immutable settler;
    /// @dev This chain, as the registry knows it.
    uint32 private immutable _localEid;

    constructor(IMatiEscrow escrow_, IMerchantRegistry registry_, ISettler settler_) {
        (escrow, registry, settler) = (escrow_, registry_, settler_);
        _localEid = registry_.localEid();
    }

    /// @notice Captures, skipping what fails (the escrow emits why), then settles the group; see `ISettler.settle`.
    /// The caller gets the tip, and whatever of its coins the message did not need.
    /// @dev If nothing can be settled, nothing is captured either.
    /// @param orders Packed, as `IMatiEscrow.captureMany` takes them.
    function captureAndSettle(
        bytes calldata orders,
        Group calldata group,
        address[] calldata merchants,
        address solver,
        bytes calldata data
    ) external payable nonReentrant returns (bytes32 id) {
        _requireMayCapture(orders);
        escrow.captureMany(orders);

        IERC20 out = IERC20(group.eid == _localEid ? group.asset : settler.gateway(group.eid).token());
        uint256 balanceBefore = out.balanceOf(address(this));
        uint256 coinsBefore = address(this).balance - msg.value;
        id = settler.settle{value: msg.value}(group, merchants, solver, data);
        uint256 tip = out.balanceOf(address(this)) - balanceBefore;
        if (tip != 0) out.safeTransfer(msg.sender, tip);
        uint256 coins = address(this).balance - coinsBefore;
        if (coins != 0) Address.sendValue(payable(msg.sender), coins);
    }

    /// @dev Else anyone could use what a merchant who appointed this contract lets it do: to capture a part, at the highest
    /// fee, or with any shortfall.
    function _requireMayCapture(bytes calldata orders) internal view {
        CaptureOrder memory order;
        address checked;
        uint256 cursor = CaptureOrders.START;
        uint256 count = orders.count();
        for (uint256 i = 0; i < count; ++i) {
            cursor = orders.next(cursor, order);
            address merchant = order.payment.merchant;
            if (merchant == checked) continue;
            require(
                registry.mayAct(merchant, msg.sender, CAPTURE) || !registry.mayAct(merchant, address(this), CAPTURE),
                CaptureAndSettle_NotMerchant(i, msg.sender, merchant)
            );
            checked = merchant;
        }
    }

    /// @dev What the message to another chain did not need.
    receive() external payable {}
}
