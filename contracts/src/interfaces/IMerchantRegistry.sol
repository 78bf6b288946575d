// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Payout, PayoutTerms, Recipient, Registration} from "../types/Payout.sol";
import {IPayoutAccounts} from "./IPayoutAccounts.sol";

/// @title What merchants say about how they are paid.
/// @notice One signature of the merchant registers on every chain. A merchant's first registration holds at once, a
/// later one after `CHANGE_DELAY`; only the merchant can change it.
interface IMerchantRegistry {
    /// @param effectiveAt From when on it holds, Unix seconds.
    /// @param payoutAccount Where its payout arrives on the payout's chain, if that is another; whoever has the
    /// registration can open it there.
    event Registered(
        address indexed merchant,
        uint64 nonce,
        uint256 effectiveAt,
        Registration registration,
        address indexed payoutAccount
    );
    /// @notice What arrives in `account` can be settled on this chain from now on, as its terms say.
    event PayoutAccountOpened(address indexed account, address indexed merchant, PayoutTerms terms);

    error Registry_BadSignature(address merchant);
    error Registry_NonceUsed(address merchant, uint64 nonce, uint64 last);
    /// A payout account is opened on the chain of its payout.
    error Registry_OtherChain(uint32 eid, uint32 localEid);
    /// What is registered contradicts itself; `field` names what does.
    error Registry_BadRegistration(string field);

    /// @notice Registers what the merchant signed, or what it sends itself (with an empty signature).
    /// @dev Stores only this chain's part, but refuses a registration if any part contradicts itself: asset or chain
    /// zero, a tolerance above 10,000, more than 16 operators, one of them zero, named twice, or with no action or an
    /// unknown one, a chain named twice; on a chain more than 16 recipients, one of them zero or the settler itself,
    /// shares that don't add up to 10,000, more than 16 reserves, or one of a token that is zero or named twice. While
    /// a change waits, registering again drops it and waits a day anew. On a chain where the merchant is not registered
    /// yet, any registration it ever signed may be the first: register everywhere at once.
    /// @param signature EIP-712 over `Registration` under the domain (name, version, salt): no chain and no contract,
    /// so that it holds on every chain. ECDSA or ERC-1271.
    function register(Registration calldata registration, bytes calldata signature) external;

    /// @notice Lets what arrives from other chains in a payout account be settled here, as its terms say. Anyone may: the
    /// terms are in the account's address. Registering here does it too.
    /// @dev Once open it stays as it is, whatever the merchant registers later: a message pays as it said when it was
    /// sent. Of the terms' reserves nothing is kept back, for a payout account refunds nothing.
    /// @return account The same however often it is called.
    function openPayoutAccount(PayoutTerms calldata terms) external returns (address account);

    function CHANGE_DELAY() external view returns (uint256);
    /// @notice Where the addresses of payout accounts come from; at the same place on every chain.
    function PAYOUT_ACCOUNTS() external view returns (IPayoutAccounts);
    /// @notice This chain's LayerZero endpoint id.
    function localEid() external view returns (uint32);
    /// @notice How the merchant is paid now; all zero for one not registered.
    function payout(address merchant) external view returns (Payout memory);
    /// @notice Who is paid on this chain, with shares that add up to 10,000; the merchant alone by default.
    function recipients(address merchant) external view returns (Recipient[] memory);
    /// @notice Who may settle the merchant's ledger balances on this chain; zero for nobody.
    function settlerOf(address merchant) external view returns (address);
    /// @notice How many of the merchants, up to the first of another, name a settler as theirs: all of them if as many.
    function countSettledBy(address settler, address[] calldata merchants) external view returns (uint256);
    /// @notice What of the merchant's ledger balance in a token, on this chain, settlement leaves there.
    function reserveOf(address merchant, address token) external view returns (uint112);
    /// @notice The account in which the merchant's payout arrives on the payout's chain; zero where that is this chain.
    function payoutAccount(address merchant) external view returns (address);
    /// @notice All that a settlement of the merchant's balance in a token asks, read at once; `isSplit`: whether
    /// `recipients` names others than the merchant alone; `account`: as `payoutAccount` says.
    function settlementOf(address merchant, address token)
        external
        view
        returns (Payout memory payout, address settler, uint112 reserve, bool isSplit, address account);
    /// @notice Whether `account` may do `action` for the merchant now: the merchant itself always, an operator as
    /// appointed.
    /// @param action One of `CAPTURE`, `VOID` and `REFUND`.
    function mayAct(address merchant, address account, uint8 action) external view returns (bool);
    /// @notice The merchant's last accepted nonce, whether its registration holds yet or not.
    function nonceOf(address merchant) external view returns (uint64);
    /// @notice The EIP-712 hash a merchant signs.
    function registrationHash(Registration calldata registration) external view returns (bytes32);
}
