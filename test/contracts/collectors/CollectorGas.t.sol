// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WETH9} from "@chainlink/contracts/src/v0.8/vendor/canonical-weth/WETH9.sol";

import {DenyList} from "../../../contracts/src/DenyList.sol";
import {IntakeLimits} from "../../../contracts/src/IntakeLimits.sol";
import {DepositAddresses} from "../../../contracts/src/collectors/DepositAddresses.sol";
import {IWrapped, NativeCollector} from "../../../contracts/src/collectors/NativeCollector.sol";
import {Permit, PermitCollector} from "../../../contracts/src/collectors/PermitCollector.sol";
import {Payment} from "../../../contracts/src/types/Payment.sol";
import {Permit2Test} from "./Permit2Test.sol";

/// What authorizing costs by each way in. Run with `--isolate`, which makes each call a transaction of its own, 21,000 and
/// calldata included. Nobody's first time: escrow and payer have balances, Permit2's word of nonces was begun.
contract CollectorGasTest is Permit2Test {
    event GasUsed(string what, uint256 gas);

    PermitCollector internal permits;
    DepositAddresses internal deposits;
    NativeCollector internal natives;

    function setUp() public override {
        super.setUp();
        permits = new PermitCollector(escrow);
        deposits = new DepositAddresses(escrow);
        natives = new NativeCollector(escrow, IWrapped(address(new WETH9())));
        escrow.setCollector(address(permits), true);
        escrow.setCollector(address(deposits), true);
        escrow.setCollector(address(natives), true);
        escrow.setTokenAllowed(address(natives.WRAPPED()), true);
        escrow.authorize(numbered(1), address(collector), dataFor(numbered(1), 0));
        vm.deal(payer, 10e18);
        Payment memory p = native(1);
        vm.prank(payer);
        natives.authorize{value: 50e6}(p);
        usdc.mint(refundTo, 1);
        usdc.mint(deposits.addressOf(numbered(2)), 50e6);
        usdc.mint(deposits.addressOf(numbered(3)), 51e6);
    }

    function test_Gas_AuthorizeByPermit2() public {
        Payment memory p = numbered(2);
        uint256 gas = measure(p, address(collector), dataFor(p, 1));
        emit GasUsed("authorize by Permit2", gas);
        assertLe(gas, 131_000, "no more than it did");
    }

    function test_Gas_AuthorizeByPermit2PlainToken() public {
        Payment memory p = numbered(2);
        p.token = address(weth);
        p.currency = p.token;
        weth.mint(address(escrow), 1);
        emit GasUsed("authorize by Permit2, plain token", measure(p, address(collector), dataFor(p, 1)));
    }

    function test_Gas_AuthorizeByAllowancePlainToken() public {
        Payment memory p = numbered(2);
        p.token = address(weth);
        p.currency = p.token;
        weth.mint(address(escrow), 1);
        bytes memory call = abi.encodeCall(escrow.authorize, (p, address(0), ""));
        vm.prank(payer);
        emit GasUsed("authorize by allowance, plain token", gasOf(address(escrow), 0, call));
    }

    function test_Gas_Authorize3009() public {
        Payment memory p = numbered(2);
        emit GasUsed("authorize by ERC-3009", measure(p, address(escrow), sign3009(p)));
    }

    function test_Gas_AuthorizeByDeposit() public {
        emit GasUsed("authorize by deposit address", measure(numbered(2), address(deposits), ""));
    }

    function test_Gas_AuthorizeByDepositWithSurplus() public {
        emit GasUsed("authorize by deposit address, with surplus", measure(numbered(3), address(deposits), ""));
    }

    function test_Gas_AuthorizeByPermit() public {
        Payment memory p = numbered(2);
        Permit memory permit;
        permit.value = p.maxAmount;
        permit.deadline = p.authorizeBy;
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                payer,
                address(permits),
                permit.value,
                usdc.nonces(payer),
                permit.deadline
            )
        );
        (permit.v, permit.r, permit.s) =
            vm.sign(payerKey, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), structHash)));
        bytes memory data = abi.encode(permit, signature(payerKey, escrow.paymentId(p)));
        emit GasUsed("authorize by EIP-2612, first permit", measure(p, address(permits), data));
    }

    function test_Gas_AuthorizeNative() public {
        Payment memory p = native(2);
        bytes memory call = abi.encodeCall(natives.authorize, (p));
        vm.prank(payer);
        emit GasUsed("authorize with the native coin", gasOf(address(natives), 50e6, call));
    }

    function test_Gas_LimitsAndScreening() public {
        Payment memory p = numbered(2);
        bytes memory data = dataFor(p, 1);
        IntakeLimits limits = new IntakeLimits(address(access), address(escrow), 1 days);
        limits.setTokenLimit(address(usdc), 1e15);
        limits.setMerchantLimit(address(usdc), merchant, 1e15);
        limits.setScreener(new DenyList(address(access)));
        escrow.setIntakeGuard(limits);
        authorize(numbered(4));
        emit GasUsed("authorize by Permit2, limits and screening", measure(p, address(collector), data));
        limits.setScreener(DenyList(address(0)));
        p = numbered(5);
        emit GasUsed("authorize by Permit2, limits", measure(p, address(collector), dataFor(p, 2)));
    }

    function measure(Payment memory p, address by, bytes memory data) internal returns (uint256 gas) {
        bytes memory call = abi.encodeCall(escrow.authorize, (p, by, data));
        vm.prank(stranger);
        gas = gasOf(address(escrow), 0, call);
    }

    function gasOf(address to, uint256 value, bytes memory call) internal returns (uint256 gas) {
        gas = gasleft();
        (bool success,) = to.call{value: value}(call);
        gas -= gasleft();
        assertTrue(success, "call");
    }

    function numbered(uint256 number) internal view returns (Payment memory p) {
        p = usdcTerms();
        p.invoice = keccak256(abi.encode(number));
    }

    function native(uint256 number) internal view returns (Payment memory p) {
        p = numbered(number);
        p.token = address(natives.WRAPPED());
        p.currency = p.token;
    }
}
