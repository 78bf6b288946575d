// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMerchantRegistry} from "../../contracts/src/interfaces/IMerchantRegistry.sol";
import {PayoutAccounts} from "../../contracts/src/PayoutAccounts.sol";
import {
    CAPTURE,
    REFUND,
    VOID,
    ChainPayout,
    Operator,
    Payout,
    PayoutTerms,
    Recipient,
    Registration,
    Reserve
} from "../../contracts/src/types/Payout.sol";
import {Test} from "./base/Test.sol";

contract MerchantRegistryTest is Test {
    uint32 internal constant EID = 40901;
    uint32 internal constant OTHER_EID = 40902;

    PayoutAccounts internal payoutAccounts = new PayoutAccounts();
    IMerchantRegistry internal registry;
    address internal merchant;
    uint256 internal merchantKey;
    address internal operator = makeAddress("operator");
    address internal settler = makeAddress("settler");
    address internal asset = makeAddress("asset");
    address internal alice = makeAddress("alice");
    address internal bob = makeAddress("bob");

    function setUp() public {
        vm.warp(1_800_000_000);
        registry = deployRegistry(EID, payoutAccounts);
        (merchant, merchantKey) = makeAccount("merchant");
    }

    function test_Register_FirstHoldsAtOnce() public {
        Registration memory registration = _registration(1);

        bytes memory signed = _sign(registration);

        vm.expectEmit(address(registry));
        emit IMerchantRegistry.Registered(
            merchant, 1, block.timestamp, registration, payoutAccounts.accountOf(_termsOf(registration, 1))
        );
        registry.register(registration, signed);

        assertEq(abi.encode(registry.payout(merchant)), abi.encode(registration.payout), "payout");
        assertEq(abi.encode(registry.recipients(merchant)), abi.encode(registration.chains[0].recipients), "recipients");
        assertEq(registry.settlerOf(merchant), settler, "settler");
        assertTrue(registry.mayAct(merchant, operator, CAPTURE), "operator");
        assertTrue(!registry.mayAct(merchant, alice, CAPTURE), "no one else is an operator");
        assertEq(registry.reserveOf(merchant, alice), 5e6, "reserve");
        assertEq(registry.reserveOf(merchant, bob), 0, "no other reserve");
        assertEq(registry.nonceOf(merchant), 1, "nonce");
    }

    function test_Register_UnregisteredIsAllZero() public view {
        Payout memory none;
        assertEq(abi.encode(registry.payout(merchant)), abi.encode(none), "payout");
        assertEq(registry.settlerOf(merchant), address(0), "settler");
        assertEq(registry.nonceOf(merchant), 0, "nonce");
        assertEq(abi.encode(registry.recipients(merchant)), abi.encode(_alone(merchant)), "the merchant alone");
    }

    function test_CountSettledBy_UpToTheFirstOfAnother() public {
        _register(_registration(1));
        address[] memory merchants = new address[](3);
        (merchants[0], merchants[1], merchants[2]) = (merchant, merchant, alice);
        assertEq(registry.countSettledBy(settler, merchants), 2, "all before the one not registered");
        merchants[1] = bob;
        assertEq(registry.countSettledBy(settler, merchants), 1, "none after it");
        merchants[2] = merchant;
        assertEq(registry.countSettledBy(settler, merchants), 1, "not even its own");
        assertEq(registry.countSettledBy(alice, merchants), 0, "another settler's");
        merchants[1] = merchant;
        assertEq(registry.countSettledBy(settler, merchants), 3, "all");
        assertEq(registry.countSettledBy(settler, new address[](0)), 0, "of none");

        _register(_changed(2));
        vm.warp(block.timestamp + 1 days);
        assertEq(registry.countSettledBy(settler, merchants), 0, "once they named another");
        assertEq(registry.countSettledBy(bob, merchants), 3, "by that one");
    }

    function test_Register_StoresThisChainOnly() public {
        IMerchantRegistry other = deployRegistry(OTHER_EID, payoutAccounts);
        IMerchantRegistry third = deployRegistry(40903, payoutAccounts);
        Registration memory registration = _registration(1);
        bytes memory signed = signature(merchantKey, registry.registrationHash(registration));

        registry.register(registration, signed);
        other.register(registration, signed);
        third.register(registration, signed);

        assertEq(other.settlerOf(merchant), registration.chains[1].settler, "settler of the other chain");
        assertEq(abi.encode(other.recipients(merchant)), abi.encode(_alone(merchant)), "none named: merchant alone");
        assertEq(third.settlerOf(merchant), address(0), "no settler where none is named");
        assertEq(abi.encode(third.payout(merchant)), abi.encode(registration.payout), "payout is the same everywhere");
        assertTrue(third.mayAct(merchant, operator, CAPTURE), "operators are the same everywhere");
        assertEq(other.reserveOf(merchant, alice), 0, "a reserve of one chain only");
    }

    function test_Register_ChangeHoldsAfterADay() public {
        _register(_registration(1));
        Registration memory changed = _changed(2);
        bytes memory signed = _sign(changed);

        vm.expectEmit(address(registry));
        emit IMerchantRegistry.Registered(merchant, 2, block.timestamp + 1 days, changed, address(0));
        registry.register(changed, signed);

        assertEq(registry.nonceOf(merchant), 2, "accepted at once");
        vm.warp(block.timestamp + 1 days - 1);
        _assertHolds(_registration(1));
        vm.warp(block.timestamp + 1);
        _assertHolds(changed);
    }

    function test_Register_AgainReplacesThePendingAndRestartsTheDay() public {
        _register(_registration(1));
        _register(_changed(2));
        vm.warp(block.timestamp + 1 days - 1);
        Registration memory last = _registration(3);
        last.payout.tier = 9;

        _register(last);

        vm.warp(block.timestamp + 1 days - 1);
        _assertHolds(_registration(1));
        vm.warp(block.timestamp + 1);
        _assertHolds(last);
        assertTrue(!registry.mayAct(merchant, bob, CAPTURE), "nothing of the replaced one");
        assertEq(registry.reserveOf(merchant, bob), 0, "no reserve of the replaced one");
    }

    function test_Register_AfterThePendingHeldNeverBringsTheOldBack() public {
        _register(_registration(1));
        _register(_changed(2));
        vm.warp(block.timestamp + 1 days);
        Registration memory third = _registration(3);
        third.payout.tier = 9;

        _register(third);

        _assertHolds(_changed(2));
        vm.warp(block.timestamp + 1 days);
        _assertHolds(third);
    }

    function test_Register_MerchantSendsItselfWithoutSignature() public {
        vm.prank(merchant);
        registry.register(_registration(1), "");

        assertEq(registry.nonceOf(merchant), 1, "nonce");
    }

    function test_Register_Erc1271() public {
        Wallet wallet = new Wallet(merchant);
        Registration memory registration = _registration(1);
        registration.merchant = address(wallet);
        bytes memory signed = signature(merchantKey, registry.registrationHash(registration));

        registry.register(registration, signed);

        assertEq(registry.settlerOf(address(wallet)), settler, "settler");
    }

    function test_Register_KeyOfAnAccountWithCode() public {
        // EIP-7702: the account has code that knows no ERC-1271, and still its key.
        vm.etch(merchant, hex"5f5ffd");
        _register(_registration(1));

        assertEq(registry.nonceOf(merchant), 1, "nonce");
    }

    function test_RevertWhen_SignatureIsNotTheMerchants() public {
        Registration memory registration = _registration(1);
        (, uint256 strangerKey) = makeAccount("stranger");
        bytes memory signed = signature(strangerKey, registry.registrationHash(registration));

        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, merchant));
        registry.register(registration, signed);
    }

    function test_RevertWhen_SignedSomethingElse() public {
        Registration memory registration = _registration(1);
        bytes memory signed = signature(merchantKey, registry.registrationHash(registration));
        registration.chains[0].recipients[1].account = bob;

        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, merchant));
        registry.register(registration, signed);
    }

    function test_RevertWhen_StrangerSendsEmptySignature() public {
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, merchant));
        registry.register(_registration(1), "");
    }

    function test_RevertWhen_MerchantSendsABadSignature() public {
        vm.prank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, merchant));
        registry.register(_registration(1), hex"00");
    }

    function test_RevertWhen_Erc1271Refuses() public {
        Wallet wallet = new Wallet(alice);
        Registration memory registration = _registration(1);
        registration.merchant = address(wallet);
        bytes memory signed = signature(merchantKey, registry.registrationHash(registration));

        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, address(wallet)));
        registry.register(registration, signed);
    }

    function test_RevertWhen_MerchantIsZero() public {
        Registration memory registration = _registration(1);
        registration.merchant = address(0);

        // A malformed signature recovers to the zero address.
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadSignature.selector, address(0)));
        registry.register(registration, new bytes(65));
    }

    function test_RevertWhen_NonceUsed() public {
        _register(_registration(2));
        _assertNonceUsed(2, 2);
        _assertNonceUsed(1, 2);

        // The last accepted one counts, whether it holds yet or not.
        _register(_registration(5));
        _assertNonceUsed(4, 5);
    }

    function test_RevertWhen_NonceIsZero() public {
        _assertNonceUsed(0, 0);
    }

    function test_RevertWhen_AssetIsZero() public {
        Registration memory registration = _registration(1);
        registration.payout.asset = address(0);
        _assertRefused(registration, "payout.asset");
    }

    function test_RevertWhen_EidIsZero() public {
        Registration memory registration = _registration(1);
        registration.payout.eid = 0;
        _assertRefused(registration, "payout.eid");
    }

    function test_RevertWhen_ToleranceIsMoreThanAll() public {
        Registration memory registration = _registration(1);
        registration.payout.toleranceBps = 10_001;
        _assertRefused(registration, "payout.toleranceBps");
        registration.payout.toleranceBps = 10_000;
        _register(registration);
    }

    function test_RevertWhen_TooManyOperators() public {
        Registration memory registration = _registration(1);
        registration.operators = _operators(17);
        _assertRefused(registration, "operators");
        registration.operators = _operators(16);
        _register(registration);
    }

    function test_RevertWhen_OperatorIsZero() public {
        Registration memory registration = _registration(1);
        registration.operators[0].account = address(0);
        _assertRefused(registration, "operators.account");
    }

    function test_RevertWhen_OperatorIsNamedTwice() public {
        Registration memory registration = _registration(1);
        registration.operators = _operators(3);
        registration.operators[2].account = registration.operators[0].account;
        _assertRefused(registration, "operators.account");
    }

    function test_RevertWhen_OperatorHasNoActionOrAnUnknownOne() public {
        Registration memory registration = _registration(1);
        registration.operators[0].actions = 0;
        _assertRefused(registration, "operators.actions");
        registration.operators[0].actions = 8;
        _assertRefused(registration, "operators.actions");
        registration.operators[0].actions = 255;
        _assertRefused(registration, "operators.actions");
        registration.operators[0].actions = 7;
        _register(registration);
    }

    function test_RevertWhen_TooManyReserves() public {
        Registration memory registration = _registration(1);
        registration.chains[1].reserves = _reserves(17);
        _assertRefused(registration, "chains.reserves");
        registration.chains[1].reserves = _reserves(16);
        _register(registration);
    }

    function test_RevertWhen_ReserveIsOfNoToken() public {
        Registration memory registration = _registration(1);
        registration.chains[0].reserves[0].token = address(0);
        _assertRefused(registration, "reserves.token");
    }

    function test_RevertWhen_ReserveIsNamedTwice() public {
        Registration memory registration = _registration(1);
        registration.chains[1].reserves = _reserves(3);
        registration.chains[1].reserves[2].token = registration.chains[1].reserves[0].token;
        _assertRefused(registration, "reserves.token");
    }

    function test_MayAct_MerchantItselfAlways() public {
        assertTrue(registry.mayAct(merchant, merchant, REFUND), "not even registered");
        _register(_registration(1));
        assertTrue(registry.mayAct(merchant, merchant, CAPTURE), "registered");
    }

    function test_MayAct_OnlyTheActionsAppointed() public {
        Registration memory registration = _registration(1);
        registration.operators[0].actions = CAPTURE | REFUND;
        _register(registration);

        assertTrue(registry.mayAct(merchant, operator, CAPTURE), "capture");
        assertTrue(!registry.mayAct(merchant, operator, VOID), "void");
        assertTrue(registry.mayAct(merchant, operator, REFUND), "refund");
        assertTrue(!registry.mayAct(merchant, operator, 0), "nothing is no action");
    }

    function test_MayAct_UntilTheLastSecondAppointed() public {
        Registration memory registration = _registration(1);
        registration.operators[0].until = uint40(block.timestamp + 1 hours);
        _register(registration);

        vm.warp(block.timestamp + 1 hours);
        assertTrue(registry.mayAct(merchant, operator, CAPTURE), "the last second");
        vm.warp(block.timestamp + 1);
        assertTrue(!registry.mayAct(merchant, operator, CAPTURE), "a second later");
    }

    function test_RevertWhen_ChainIsNamedTwice() public {
        Registration memory registration = _registration(1);
        registration.chains[1].eid = EID;
        _assertRefused(registration, "chains.eid");
    }

    function test_RevertWhen_ChainIsZero() public {
        Registration memory registration = _registration(1);
        registration.chains[1].eid = 0;
        _assertRefused(registration, "chains.eid");
    }

    function test_RevertWhen_TooManyRecipients() public {
        Registration memory registration = _registration(1);
        registration.chains[1].recipients = _equalRecipients(17);
        _assertRefused(registration, "chains.recipients");
        registration.chains[1].recipients = _equalRecipients(16);
        _register(registration);
    }

    function test_RevertWhen_RecipientIsZero() public {
        Registration memory registration = _registration(1);
        registration.chains[0].recipients[1].account = address(0);
        _assertRefused(registration, "recipients.account");
    }

    function test_RevertWhen_RecipientIsTheSettler() public {
        Registration memory registration = _registration(1);
        registration.chains[0].recipients[1].account = settler;
        _assertRefused(registration, "recipients.account");
    }

    function test_RevertWhen_SharesDoNotAddUp() public {
        Registration memory registration = _registration(1);
        registration.chains[0].recipients[1].shareBps = 7_499;
        _assertRefused(registration, "recipients.shareBps");
        registration.chains[0].recipients[1].shareBps = 7_501;
        _assertRefused(registration, "recipients.shareBps");
    }

    /// @dev The vector was hashed and signed by viem.
    function test_RegistrationHash_EqualsViems() public {
        string memory vector = vm.readFile("test/vectors/registration.json");
        ChainPayout[] memory chains = new ChainPayout[](2);
        chains[0] =
            ChainPayout({eid: 40901, settler: _digits(4), recipients: new Recipient[](0), reserves: new Reserve[](2)});
        chains[0].reserves[0] = Reserve({token: _digits(8), amount: 5_000_000});
        chains[0].reserves[1] = Reserve({token: _digits(9), amount: type(uint112).max});
        chains[1] =
            ChainPayout({eid: 40902, settler: _digits(5), recipients: new Recipient[](2), reserves: new Reserve[](0)});
        chains[1].recipients[0] = Recipient({account: _digits(6), shareBps: 2_500});
        chains[1].recipients[1] = Recipient({account: _digits(7), shareBps: 7_500});
        Operator[] memory operators = new Operator[](2);
        operators[0] = Operator({account: _digits(2), actions: CAPTURE | VOID, until: 0});
        operators[1] = Operator({account: _digits(3), actions: REFUND, until: 1_900_000_000});
        Registration memory registration = Registration({
            merchant: merchant,
            nonce: 7,
            payout: Payout({asset: _digits(1), eid: 40902, cycle: 3600, tier: 2, toleranceBps: 100}),
            operators: operators,
            chains: chains
        });

        assertEq(
            abi.encode(registry.registrationHash(registration)), vm.parseJsonBytes(vector, ".hash"), "hash of viem"
        );
        registry.register(registration, vm.parseJsonBytes(vector, ".signature"));
    }

    /// @dev What holds at any time is what a plain list of (nonce, time it holds from) says.
    function testFuzz_WhatHoldsEqualsAModel(uint256 seed) public {
        uint64 holding = 0;
        uint64 pending = 0;
        uint256 pendingFrom = 0;
        for (uint64 nonce = 1; nonce <= 8; ++nonce) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(block.timestamp + seed % 2 days);
            if (pending != 0 && vm.getBlockTimestamp() >= pendingFrom) (holding, pending) = (pending, 0);
            Registration memory registration = _registration(nonce);
            registration.payout.cycle = uint32(nonce);
            registration.chains[0].settler = _settlerAt(nonce);
            _register(registration);
            if (holding == 0) holding = nonce;
            else (pending, pendingFrom) = (nonce, vm.getBlockTimestamp() + 1 days);

            assertEq(registry.payout(merchant).cycle, holding, "holds");
            assertEq(registry.settlerOf(merchant), _settlerAt(holding), "its settler");
            assertEq(registry.nonceOf(merchant), nonce, "accepted");
        }
    }

    function _settlerAt(uint64 nonce) internal pure returns (address) {
        return address(uint160(0x5e771e4) << 64 | uint160(nonce));
    }

    function _registration(uint64 nonce) internal view returns (Registration memory) {
        Operator[] memory operators = new Operator[](1);
        operators[0] = Operator({account: operator, actions: CAPTURE, until: 0});
        ChainPayout[] memory chains = new ChainPayout[](2);
        chains[0] =
            ChainPayout({eid: EID, settler: settler, recipients: new Recipient[](2), reserves: new Reserve[](1)});
        chains[0].reserves[0] = Reserve({token: alice, amount: 5e6});
        chains[0].recipients[0] = Recipient({account: merchant, shareBps: 2_500});
        chains[0].recipients[1] = Recipient({account: alice, shareBps: 7_500});
        chains[1] =
            ChainPayout({eid: OTHER_EID, settler: alice, recipients: new Recipient[](0), reserves: new Reserve[](0)});
        return Registration({
            merchant: merchant,
            nonce: nonce,
            payout: Payout({asset: asset, eid: OTHER_EID, cycle: 1 hours, tier: 1, toleranceBps: 50}),
            operators: operators,
            chains: chains
        });
    }

    /// @dev Differs in everything that a registration says.
    function _changed(uint64 nonce) internal view returns (Registration memory registration) {
        registration = _registration(nonce);
        registration.payout = Payout({asset: bob, eid: EID, cycle: 0, tier: 3, toleranceBps: 0});
        registration.operators[0].account = bob;
        registration.chains[0].settler = bob;
        registration.chains[0].reserves[0] = Reserve({token: bob, amount: 7e6});
        registration.chains[0].recipients[0].account = alice;
    }

    /// @dev What a registration says of one of its chains.
    function _termsOf(Registration memory registration, uint256 chain) internal pure returns (PayoutTerms memory) {
        return
            PayoutTerms({
                merchant: registration.merchant, payout: registration.payout, chain: registration.chains[chain]
            });
    }

    function _register(Registration memory registration) internal {
        registry.register(registration, _sign(registration));
    }

    function _sign(Registration memory registration) internal view returns (bytes memory) {
        return signature(merchantKey, registry.registrationHash(registration));
    }

    function _assertHolds(Registration memory registration) internal view {
        assertEq(abi.encode(registry.payout(merchant)), abi.encode(registration.payout), "payout");
        assertEq(registry.settlerOf(merchant), registration.chains[0].settler, "settler");
        assertEq(abi.encode(registry.recipients(merchant)), abi.encode(registration.chains[0].recipients), "recipients");
        address appointed = registration.operators[0].account;
        assertEq(registry.mayAct(merchant, operator, CAPTURE), appointed == operator, "old operator");
        assertEq(registry.mayAct(merchant, bob, CAPTURE), appointed == bob, "new operator");
        Reserve memory kept = registration.chains[0].reserves[0];
        assertEq(registry.reserveOf(merchant, kept.token), kept.amount, "reserve");
        (Payout memory payout, address itsSettler, uint112 reserve, bool isSplit, address account) =
            registry.settlementOf(merchant, kept.token);
        assertEq(account, registry.payoutAccount(merchant), "payout account, read at once");
        assertEq(isSplit, registration.chains[0].recipients.length != 0, "isSplit");
        assertEq(abi.encode(payout), abi.encode(registration.payout), "payout, read at once");
        assertEq(itsSettler, registration.chains[0].settler, "settler, read at once");
        assertEq(reserve, kept.amount, "reserve, read at once");
    }

    function _assertRefused(Registration memory registration, string memory field) internal {
        bytes memory signed = _sign(registration);
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_BadRegistration.selector, field));
        registry.register(registration, signed);
    }

    function _assertNonceUsed(uint64 nonce, uint64 last) internal {
        bytes memory signed = _sign(_registration(nonce));
        vm.expectRevert(abi.encodeWithSelector(IMerchantRegistry.Registry_NonceUsed.selector, merchant, nonce, last));
        registry.register(_registration(nonce), signed);
    }

    function _alone(address account) internal pure returns (Recipient[] memory recipients) {
        recipients = new Recipient[](1);
        recipients[0] = Recipient({account: account, shareBps: 10_000});
    }

    function _equalRecipients(uint256 count) internal view returns (Recipient[] memory recipients) {
        recipients = new Recipient[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 shareBps = i == 0 ? 10_000 - 10_000 / count * (count - 1) : 10_000 / count;
            recipients[i] = Recipient({account: bob, shareBps: uint16(shareBps)});
        }
    }

    function _operators(uint160 count) internal pure returns (Operator[] memory operators) {
        operators = new Operator[](count);
        for (uint160 i = 0; i < count; ++i) {
            operators[i] = Operator({account: address(i + 1), actions: VOID, until: 0});
        }
    }

    function _reserves(uint160 count) internal pure returns (Reserve[] memory reserves) {
        reserves = new Reserve[](count);
        for (uint160 i = 0; i < count; ++i) {
            reserves[i] = Reserve({token: address(i + 1), amount: uint112(i)});
        }
    }

    /// @dev The address whose 40 digits are all the same.
    function _digits(uint160 digit) internal pure returns (address) {
        return address(digit * (type(uint160).max / 15));
    }
}

/// @dev A contract wallet: what `signer` signed is its own signature.
contract Wallet {
    address internal immutable _signer;

    constructor(address signer) {
        _signer = signer;
    }

    function isValidSignature(bytes32 hash, bytes calldata signed) external view returns (bytes4) {
        address recovered = ecrecover(hash, uint8(signed[64]), bytes32(signed[:32]), bytes32(signed[32:64]));
        return recovered == _signer ? this.isValidSignature.selector : bytes4(0);
    }
}
