// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Permit2Collector} from "../../../contracts/src/collectors/Permit2Collector.sol";
import {ISignatureTransfer} from "../../../contracts/src/interfaces/ISignatureTransfer.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {CollectorTest} from "./CollectorTest.sol";

/// @notice What the tests use of Permit2 beside what the collector does.
interface IPermit2 is ISignatureTransfer {
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function nonceBitmap(address owner, uint256 word) external view returns (uint256);
}

/// @notice The genuine Permit2 at its address, and what a payer signs for it.
abstract contract Permit2Test is CollectorTest {
    IPermit2 internal constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);
    Permit2Collector internal collector;

    function setUp() public virtual override {
        super.setUp();
        vm.etch(address(PERMIT2), vm.parseJsonBytes(vm.readFile("devnet/artifacts/permit2.json"), ".deployedBytecode"));
        collector = new Permit2Collector(escrow, PERMIT2);
        escrow.setCollector(address(collector), true);
        vm.startPrank(payer);
        usdc.approve(address(PERMIT2), type(uint256).max);
        weth.approve(address(PERMIT2), type(uint256).max);
        vm.stopPrank();
    }

    function dataFor(Payment memory p, uint256 nonce) internal view returns (bytes memory) {
        return dataFor(p, nonce, address(collector), p.maxAmount, p.authorizeBy);
    }

    /// @dev Built here from the standard's text and Permit2's documentation.
    function dataFor(Payment memory p, uint256 nonce, address spender, uint256 amount, uint256 deadline)
        internal
        view
        returns (bytes memory)
    {
        string memory payment =
            "Payment(address payer,address merchant,address token,uint112 maxAmount,address currency,uint112 due,uint112 fallbackAmount,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint40 authorizeBy,uint40 captureAfter,uint40 captureBy,bool autoCapture,address arbiter,uint40 resolveBy,uint16 defaultMerchantBps,address refundTo,bytes32 invoice)";
        string memory permissions = "TokenPermissions(address token,uint256 amount)";
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    abi.encodePacked(
                        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Payment witness)",
                        payment,
                        permissions
                    )
                ),
                keccak256(abi.encode(keccak256(bytes(permissions)), p.token, amount)),
                spender,
                nonce,
                deadline,
                keccak256(abi.encode(keccak256(bytes(payment)), p))
            )
        );
        return abi.encodePacked(
            nonce, signature(payerKey, keccak256(abi.encodePacked("\x19\x01", PERMIT2.DOMAIN_SEPARATOR(), structHash)))
        );
    }
}
