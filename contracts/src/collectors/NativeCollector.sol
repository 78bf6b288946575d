// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ICollector} from "../interfaces/ICollector.sol";
import {IMatiEscrow} from "../interfaces/IMatiEscrow.sol";
import {INativeCollector} from "../interfaces/INativeCollector.sol";
import {Payment} from "../types/Payment.sol";
import {Collector} from "./Collector.sol";

/// @notice What is used of WETH9 and its kin.
interface IWrapped is IERC20 {
    function deposit() external payable;
}

/// @title See `INativeCollector`, which is the manual.
contract NativeCollector is INativeCollector, Collector {
    using SafeERC20 for IWrapped;

    IWrapped public immutable WRAPPED;

    /// @dev The payment being opened, while it is: for no other does this collector hand anything over.
    bytes32 internal transient _opening;

    constructor(IMatiEscrow escrow, IWrapped wrapped) Collector(escrow) {
        WRAPPED = wrapped;
    }

    /// @inheritdoc INativeCollector
    function authorize(Payment calldata payment) external payable returns (bytes32 id) {
        _wrap(payment);
        id = ESCROW.authorize(payment, address(this), "");
    }

    /// @inheritdoc INativeCollector
    function charge(Payment calldata payment) external payable returns (bytes32 id, uint256 amount) {
        _wrap(payment);
        (id, amount) = ESCROW.charge(payment, address(this), "", payment.minFeeBps);
    }

    /// @inheritdoc ICollector
    function collect(Payment calldata payment, bytes32 id, address, bytes calldata) external onlyEscrow {
        require(id == _opening, NativeCollector_NotOpening(id, _opening));
        _opening = 0;

        WRAPPED.safeTransfer(address(ESCROW), payment.maxAmount);
    }

    /// @dev Leaves the payment's id for `collect`, which the escrow calls before it returns, or everything is undone.
    function _wrap(Payment calldata payment) internal {
        require(msg.sender == payment.payer, NativeCollector_NotPayer(msg.sender, payment.payer));
        require(payment.token == address(WRAPPED), NativeCollector_WrongToken(payment.token, address(WRAPPED)));
        require(msg.value == payment.maxAmount, NativeCollector_ValueMismatch(msg.value, payment.maxAmount));
        bytes32 id = ESCROW.paymentId(payment);
        require(_opening == 0, NativeCollector_NotOpening(id, _opening));
        _opening = id;

        WRAPPED.deposit{value: msg.value}();
    }
}
