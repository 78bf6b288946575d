// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {PlainToken} from "../base/Tokens.sol";

/// @dev As WETH9: whatever it does not know it takes for a deposit, and succeeds.
contract PermissiveToken is PlainToken {
    constructor() PlainToken("WETH9", 18) {}

    fallback() external payable {}
}

/// @notice WETH9 has no ERC-3009 but a fallback: nothing but the measured balance
/// keeps a stranger from opening holds without money, and capturing those of others.
contract PermissiveTokenTest is EscrowTest {
    function test_RevertWhen_TokenWithoutErc3009SwallowsTheCall() public {
        PermissiveToken token = new PermissiveToken();
        escrow.setTokenAllowed(address(token), true);
        Payment memory p = terms();
        p.token = address(token);
        vm.expectRevert(
            abi.encodeWithSelector(IMatiEscrow.Escrow_TransferMismatch.selector, address(token), 0, p.maxAmount)
        );
        escrow.authorize(p, address(escrow), new bytes(65));
    }
}
