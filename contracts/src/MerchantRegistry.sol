// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {IPayoutAccounts} from "./interfaces/IPayoutAccounts.sol";
import {RegistrationHash} from "./libraries/RegistrationHash.sol";
import {
    ALL_ACTIONS,
    ChainPayout,
    Operator,
    Payout,
    PayoutTerms,
    Recipient,
    Registration,
    Reserve
} from "./types/Payout.sol";

/// @title What merchants say about how they are paid.
/// @notice Holds no money and has no owner. What it stores of a registration concerns this chain only.
contract MerchantRegistry is IMerchantRegistry {
    /// @dev Which registration counts, with what each settlement asks of it first: one slot, 248 of 256 bits.
    struct Head {
        /// 0: none.
        uint64 nonce;
        address settler;
        /// What spares reading the lists of those who have none.
        bool hasRecipients;
        bool hasReserves;
        /// Whether there is another that takes its place, now or later.
        bool hasNext;
    }

    /// @dev What takes the place of a merchant's head from a time on, without a transaction.
    struct Next {
        Head head;
        uint40 from;
    }

    /// @dev What else a registration says of this chain. Kept under its nonce, which is accepted once, so nothing of an
    /// older registration can shine through and payout, settler, recipients and operators switch together.
    struct Version {
        Payout payout;
        /// Where the payout arrives if it is on another chain.
        address payoutAccount;
        Recipient[] recipients;
        mapping(address token => uint112) reserves;
        mapping(address account => Power) powers;
    }

    /// @dev What an operator may do, as `Operator` says it.
    struct Power {
        uint8 actions;
        uint40 until;
    }

    /// @inheritdoc IMerchantRegistry
    uint256 public constant CHANGE_DELAY = 1 days;
    uint256 internal constant MAX_RECIPIENTS = 16;
    uint256 internal constant MAX_RESERVES = 16;
    uint256 internal constant MAX_OPERATORS = 16;
    uint256 internal constant BPS = 10_000;
    /// @dev The only version of a payout account.
    uint64 internal constant OPEN = 1;

    /// @inheritdoc IMerchantRegistry
    uint32 public immutable localEid;
    /// @inheritdoc IMerchantRegistry
    IPayoutAccounts public immutable PAYOUT_ACCOUNTS;

    mapping(address merchant => Head) internal _heads;
    mapping(address merchant => Next) internal _nexts;
    mapping(address merchant => mapping(uint64 nonce => Version)) internal _versions;

    constructor(uint32 localEid_, IPayoutAccounts payoutAccounts) {
        localEid = localEid_;
        PAYOUT_ACCOUNTS = payoutAccounts;
    }

    /// @inheritdoc IMerchantRegistry
    function register(Registration calldata registration, bytes calldata signature) external {
        address merchant = registration.merchant;
        uint64 last = nonceOf(merchant);
        require(registration.nonce > last, Registry_NonceUsed(merchant, registration.nonce, last));
        _validate(registration);
        require(_isFromMerchant(registration, signature), Registry_BadSignature(merchant));

        Version storage version = _versions[merchant][registration.nonce];
        uint256 effectiveAt = _accept(merchant, _store(version, registration));
        address account = PAYOUT_ACCOUNTS.addressOf(RegistrationHash.payoutAccountId(registration));
        bool isHere = registration.payout.eid == localEid;
        if (isHere) _open(account, _payoutTerms(registration));
        else version.payoutAccount = account;

        emit Registered(merchant, registration.nonce, effectiveAt, registration, isHere ? address(0) : account);
    }

    /// @inheritdoc IMerchantRegistry
    function openPayoutAccount(PayoutTerms calldata terms) external returns (address account) {
        require(terms.payout.eid == localEid, Registry_OtherChain(terms.payout.eid, localEid));
        require(terms.chain.eid == localEid, Registry_OtherChain(terms.chain.eid, localEid));
        require(terms.merchant != address(0), Registry_BadRegistration("merchant"));
        _validate(terms.payout);
        _validate(terms.chain);

        account = PAYOUT_ACCOUNTS.addressOf(RegistrationHash.hash(terms));
        _open(account, terms);
    }

    /// @inheritdoc IMerchantRegistry
    function payout(address merchant) external view returns (Payout memory) {
        return _version(merchant).payout;
    }

    /// @inheritdoc IMerchantRegistry
    function recipients(address merchant) external view returns (Recipient[] memory named) {
        Head storage head = _holding(merchant);
        if (head.hasRecipients) return _versions[merchant][head.nonce].recipients;
        named = new Recipient[](1);
        named[0] = Recipient({account: merchant, shareBps: uint16(BPS)});
    }

    /// @inheritdoc IMerchantRegistry
    function settlerOf(address merchant) external view returns (address) {
        return _holding(merchant).settler;
    }

    /// @inheritdoc IMerchantRegistry
    function countSettledBy(address settler, address[] calldata merchants) external view returns (uint256 count) {
        while (count < merchants.length && _holding(merchants[count]).settler == settler) ++count;
    }

    /// @inheritdoc IMerchantRegistry
    function reserveOf(address merchant, address token) external view returns (uint112) {
        return _version(merchant).reserves[token];
    }

    /// @inheritdoc IMerchantRegistry
    function payoutAccount(address merchant) external view returns (address) {
        return _version(merchant).payoutAccount;
    }

    /// @inheritdoc IMerchantRegistry
    function settlementOf(address merchant, address token)
        external
        view
        returns (Payout memory its, address settler, uint112 reserve, bool isSplit, address account)
    {
        Head storage head = _holding(merchant);
        Version storage version = _versions[merchant][head.nonce];
        (its, settler, isSplit) = (version.payout, head.settler, head.hasRecipients);
        if (head.hasReserves) reserve = version.reserves[token];
        if (its.eid != localEid) account = version.payoutAccount;
    }

    /// @inheritdoc IMerchantRegistry
    function mayAct(address merchant, address account, uint8 action) external view returns (bool) {
        if (account == merchant) return true;
        Power memory power = _version(merchant).powers[account];
        return power.actions & action != 0 && (power.until == 0 || block.timestamp <= power.until);
    }

    /// @inheritdoc IMerchantRegistry
    function registrationHash(Registration calldata registration) external pure returns (bytes32) {
        return RegistrationHash.hash(registration);
    }

    /// @inheritdoc IMerchantRegistry
    function nonceOf(address merchant) public view returns (uint64) {
        Head storage head = _heads[merchant];
        return head.hasNext ? _nexts[merchant].head.nonce : head.nonce;
    }

    /// @dev A next head whose time has come is kept as the one that holds; one whose time has not is dropped.
    function _accept(address merchant, Head memory head) private returns (uint256 effectiveAt) {
        Head memory holding = _holding(merchant);
        if (holding.nonce == 0) {
            _heads[merchant] = head;
            return block.timestamp;
        }
        effectiveAt = block.timestamp + CHANGE_DELAY;
        holding.hasNext = true;
        _heads[merchant] = holding;
        // Seconds since 1970 fit 40 bits for another 34,000 years.
        _nexts[merchant] = Next({head: head, from: uint40(effectiveAt)});
    }

    function _store(Version storage version, Registration calldata registration) private returns (Head memory head) {
        head.nonce = registration.nonce;
        version.payout = registration.payout;
        for (uint256 i = 0; i < registration.operators.length; ++i) {
            Operator calldata operator = registration.operators[i];
            version.powers[operator.account] = Power({actions: operator.actions, until: operator.until});
        }
        for (uint256 i = 0; i < registration.chains.length; ++i) {
            ChainPayout calldata chain = registration.chains[i];
            if (chain.eid != localEid) continue;
            head.settler = chain.settler;
            head.hasRecipients = chain.recipients.length != 0;
            head.hasReserves = chain.reserves.length != 0;
            for (uint256 j = 0; j < chain.recipients.length; ++j) {
                version.recipients.push(chain.recipients[j]);
            }
            for (uint256 j = 0; j < chain.reserves.length; ++j) {
                version.reserves[chain.reserves[j].token] = chain.reserves[j].amount;
            }
        }
    }

    /// @dev An account once open is left as it is: the same address means the same terms.
    function _open(address account, PayoutTerms memory terms) private {
        Head storage head = _heads[account];
        if (head.nonce != 0) return;

        (head.nonce, head.settler, head.hasRecipients) = (OPEN, terms.chain.settler, true);
        Version storage version = _versions[account][OPEN];
        version.payout = terms.payout;
        Recipient[] memory named = terms.chain.recipients;
        if (named.length == 0) version.recipients.push(Recipient({account: terms.merchant, shareBps: uint16(BPS)}));
        for (uint256 i = 0; i < named.length; ++i) {
            version.recipients.push(named[i]);
        }

        emit PayoutAccountOpened(account, terms.merchant, terms);
    }

    /// @dev What a registration says of its payout's own chain.
    function _payoutTerms(Registration calldata registration) private pure returns (PayoutTerms memory terms) {
        terms.merchant = registration.merchant;
        terms.payout = registration.payout;
        terms.chain.eid = registration.payout.eid;
        for (uint256 i = 0; i < registration.chains.length; ++i) {
            if (registration.chains[i].eid == registration.payout.eid) terms.chain = registration.chains[i];
        }
    }

    function _version(address merchant) private view returns (Version storage) {
        return _versions[merchant][_holding(merchant).nonce];
    }

    /// @dev The registration that holds now.
    function _holding(address merchant) private view returns (Head storage head) {
        head = _heads[merchant];
        if (!head.hasNext) return head;
        Next storage next = _nexts[merchant];
        if (block.timestamp >= next.from) head = next.head;
    }

    /// @dev The key is tried before ERC-1271, and code is not asked for: an EIP-7702 account has both.
    function _isFromMerchant(Registration calldata registration, bytes calldata signature) private view returns (bool) {
        address merchant = registration.merchant;
        if (signature.length == 0 && msg.sender == merchant) return true;
        bytes32 digest = RegistrationHash.hash(registration);
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        return (failure == ECDSA.RecoverError.NoError && signer == merchant)
            || SignatureChecker.isValidERC1271SignatureNowCalldata(merchant, digest, signature);
    }

    /// @dev Looks at every chain's part, so that a signature is good on all chains or on none.
    function _validate(Registration calldata registration) private pure {
        _validate(registration.payout);
        _validate(registration.operators);
        for (uint256 i = 0; i < registration.chains.length; ++i) {
            ChainPayout calldata chain = registration.chains[i];
            require(chain.eid != 0, Registry_BadRegistration("chains.eid"));
            for (uint256 j = 0; j < i; ++j) {
                require(chain.eid != registration.chains[j].eid, Registry_BadRegistration("chains.eid"));
            }
            _validate(chain);
        }
    }

    function _validate(Payout calldata its) private pure {
        require(its.asset != address(0), Registry_BadRegistration("payout.asset"));
        require(its.eid != 0, Registry_BadRegistration("payout.eid"));
        require(its.toleranceBps <= BPS, Registry_BadRegistration("payout.toleranceBps"));
    }

    function _validate(ChainPayout calldata chain) private pure {
        if (chain.recipients.length != 0) _validateRecipients(chain);
        _validate(chain.reserves);
    }

    function _validate(Operator[] calldata operators) private pure {
        require(operators.length <= MAX_OPERATORS, Registry_BadRegistration("operators"));
        for (uint256 i = 0; i < operators.length; ++i) {
            Operator calldata operator = operators[i];
            require(operator.account != address(0), Registry_BadRegistration("operators.account"));
            require(
                operator.actions != 0 && operator.actions <= ALL_ACTIONS, Registry_BadRegistration("operators.actions")
            );
            for (uint256 j = 0; j < i; ++j) {
                require(operator.account != operators[j].account, Registry_BadRegistration("operators.account"));
            }
        }
    }

    function _validate(Reserve[] calldata reserves) private pure {
        require(reserves.length <= MAX_RESERVES, Registry_BadRegistration("chains.reserves"));
        for (uint256 i = 0; i < reserves.length; ++i) {
            require(reserves[i].token != address(0), Registry_BadRegistration("reserves.token"));
            for (uint256 j = 0; j < i; ++j) {
                require(reserves[i].token != reserves[j].token, Registry_BadRegistration("reserves.token"));
            }
        }
    }

    function _validateRecipients(ChainPayout calldata chain) private pure {
        require(chain.recipients.length <= MAX_RECIPIENTS, Registry_BadRegistration("chains.recipients"));
        uint256 shares = 0;
        for (uint256 i = 0; i < chain.recipients.length; ++i) {
            address account = chain.recipients[i].account;
            // What the settler were paid would belong to nobody.
            require(account != address(0) && account != chain.settler, Registry_BadRegistration("recipients.account"));
            shares += chain.recipients[i].shareBps;
        }
        require(shares == BPS, Registry_BadRegistration("recipients.shareBps"));
    }
}
