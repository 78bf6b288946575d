// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateSource} from "../../../contracts/src/interfaces/IRateSource.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {EscrowTest} from "../MatiEscrow/EscrowTest.sol";
import {UnrulyToken} from "../base/Tokens.sol";

/// @dev As a feed behind a proxy that catches its own failure: refuses, cheaply, if it is given little gas.
contract HungrySource is IRateSource {
    address public constant quoteAsset = address(840);

    function read() public view returns (uint256, uint80, uint40) {
        require(gasleft() > 400_000, "too little gas");
        return (2_500e18, 1, uint40(block.timestamp));
    }

    function readTogether() external view returns (uint256, uint80, uint40) {
        return read();
    }
}

/// @notice A failure that costs little leaves gas to go on with: it must not let the caller's gas choose an outcome.
contract CheapFailuresTest is EscrowTest {
    function testFuzz_GasChoosesNoFallback(uint256 gasLimit) public {
        oracle.setSource(address(weth), new HungrySource());
        Payment memory p = terms();
        authorize(p);
        vm.warp(p.captureBy);
        gasLimit = bound(gasLimit, 100_000, 1_000_000);
        vm.prank(merchant);
        try escrow.capture{gas: gasLimit}(p, p.due, 100, true) returns (uint256 amount) {
            assertEq(amount, 0.02e18, "at the rate, never the fallback");
        } catch {}
    }

    function testFuzz_GasDecidesNoTransferThatFailsCheaply(uint256 gasLimit) public {
        UnrulyToken token = new UnrulyToken("NEEDY", 18);
        token.setBehaviour(refundTo, UnrulyToken.Behaviour.NeedsGas);
        escrow.setTokenAllowed(address(token), true);
        token.mint(payer, 1e18);
        vm.prank(payer);
        token.approve(address(escrow), 1e18);
        Payment memory p = usdcTerms();
        (p.token, p.currency) = (address(token), address(token));
        authorize(p);
        vm.warp(p.captureBy + 1);
        gasLimit = bound(gasLimit, 100_000, 600_000);
        try escrow.reclaim{gas: gasLimit}(p) {
            assertEq(token.balanceOf(refundTo), p.maxAmount, "paid out, not credited");
        } catch {}
    }
}
