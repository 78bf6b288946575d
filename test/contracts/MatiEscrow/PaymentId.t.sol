// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {ISignatureVerifier} from "../../../contracts/src/interfaces/ISignatureVerifier.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {Test} from "../base/Test.sol";

contract PaymentIdTest is Test {
    /// @dev The terms of `test/vectors/payment.json`, which the SDK's tests hash too, spelled out once more.
    function test_PaymentId_EqualsTheSharedVector() public {
        IMatiEscrow escrow = IMatiEscrow(0x5FbDB2315678afecb367f032d93F642f64180aa3);
        IMatiEscrow implementation = deployEscrow(
            address(1), IMerchantRegistry(address(0)), IRateOracle(address(0)), ISignatureVerifier(address(0))
        );
        vm.etch(address(escrow), address(implementation).code);
        vm.chainId(90901);
        Payment memory payment = Payment({
            payer: 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266,
            merchant: 0x1111111111111111111111111111111111111111,
            token: 0x2222222222222222222222222222222222222222,
            maxAmount: 20600000000000000,
            currency: address(840),
            due: 49.99e18,
            fallbackAmount: 0,
            minFeeBps: 0,
            maxFeeBps: 25,
            feeReceiver: 0x3333333333333333333333333333333333333333,
            authorizeBy: 1795000000,
            captureAfter: 0,
            captureBy: 1795003600,
            autoCapture: true,
            arbiter: address(0),
            resolveBy: 0,
            defaultMerchantBps: 0,
            refundTo: 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266,
            invoice: 0xabababababababababababababababababababababababababababababababab
        });

        bytes32 id = escrow.paymentId(payment);

        string memory vector = vm.readFile("test/vectors/payment.json");
        assertEq(id, bytes32(vm.parseJsonBytes(vector, ".id")), "id");
    }
}
