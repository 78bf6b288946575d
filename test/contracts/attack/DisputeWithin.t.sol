// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment, PaymentStatus} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {PlainToken} from "../base/Tokens.sol";

/// @dev Calls whoever pays before it takes anything, as ERC-777 does.
contract SenderHookToken is PlainToken {
    constructor() PlainToken("HOOK777", 18) {}

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (from.code.length != 0) DisputingPayer(from).tokensToSend();
        return super.transferFrom(from, to, amount);
    }
}

/// @dev Disputes its payment as soon as it is asked for the money.
contract DisputingPayer {
    IMatiEscrow internal immutable ESCROW;
    bytes internal _dispute;

    constructor(IMatiEscrow escrow, PlainToken token) {
        ESCROW = escrow;
        token.approve(address(escrow), type(uint256).max);
    }

    function authorize(Payment calldata payment) external {
        _dispute = abi.encodeCall(ESCROW.dispute, (payment));
        ESCROW.authorize(payment, address(0), "");
    }

    function charge(Payment calldata payment) external {
        _dispute = abi.encodeCall(ESCROW.dispute, (payment));
        ESCROW.charge(payment, address(0), "", payment.minFeeBps);
    }

    function tokensToSend() external {
        (bool success, bytes memory reason) = address(ESCROW).call(_dispute);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}

/// @notice `dispute` moves no money and knows no lock: it can come between the opening of a hold and its money.
contract DisputeWithinTest is EscrowTest {
    SenderHookToken internal token;
    DisputingPayer internal disputing;
    Payment internal p;

    function setUp() public override {
        super.setUp();
        token = new SenderHookToken();
        escrow.setTokenAllowed(address(token), true);
        disputing = new DisputingPayer(escrow, token);
        token.mint(address(disputing), 50e6);
        p = usdcTerms();
        (p.payer, p.token, p.currency) = (address(disputing), address(token), address(token));
        (p.arbiter, p.resolveBy, p.captureAfter) = (stranger, p.captureBy, p.captureAfter + 1);
    }

    /// @dev The hold is whole and waits for the arbiter.
    function test_WhileItIsAuthorized() public {
        disputing.authorize(p);
        bytes32 id = escrow.paymentId(p);
        assertState(id, PaymentStatus.Disputed, 50e6, 0);
        assertEq(token.balanceOf(address(escrow)), 50e6, "held");

        vm.prank(stranger);
        escrow.resolve(p, 20e6);
        assertState(id, PaymentStatus.Resolved, 0, 20e6);
        assertEq(token.balanceOf(refundTo), 30e6, "refundTo");
    }

    /// @dev What can be disputed cannot be captured yet, and the other way round: nothing is opened.
    function test_RevertWhen_ItIsCharged() public {
        bytes32 id = escrow.paymentId(p);
        vm.expectRevert(abi.encodeWithSelector(IMatiEscrow.Escrow_WrongStatus.selector, id, PaymentStatus.Disputed));
        disputing.charge(p);

        vm.warp(p.captureAfter);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_DisputeTooLate.selector, p.captureAfter, p.captureAfter)
        );
        disputing.charge(p);
        assertState(id, PaymentStatus.None, 0, 0);
        assertEq(token.balanceOf(address(escrow)), 0, "nothing came");
    }
}
