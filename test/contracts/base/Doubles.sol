// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IMatiEscrow} from "../../../contracts/src/interfaces/IMatiEscrow.sol";
import {IMerchantRegistry} from "../../../contracts/src/interfaces/IMerchantRegistry.sol";
import {IRateOracle} from "../../../contracts/src/interfaces/IRateOracle.sol";
import {ISolver} from "../../../contracts/src/interfaces/ISolver.sol";
import {Ledger, LedgerEntry} from "../../../contracts/src/types/Ledger.sol";
import {Rate} from "../../../contracts/src/types/Rate.sol";

// What stands in for others' contracts where one contract is tested alone.

/// @notice The ledger part of `IMatiEscrow`: `deposit`, `debit`, `withdraw`, `ledger`, `balanceOf`.
contract LedgerDouble {
    IMerchantRegistry internal immutable _registry;
    mapping(address account => mapping(address token => Ledger)) internal _ledgers;

    constructor(IMerchantRegistry registry) {
        _registry = registry;
    }

    function setSince(address account, address token, uint32 since) external {
        _ledgers[account][token].since = since;
    }

    function deposit(address token, LedgerEntry[] calldata credits, bytes32 ref) external {
        for (uint256 i = 0; i < credits.length; ++i) {
            require(IERC20(token).transferFrom(msg.sender, address(this), credits[i].amount), "deposit: not received");
            Ledger storage entry = _ledgers[credits[i].account][token];
            uint256 balance = entry.credited - entry.debited;
            uint256 weighted = balance * entry.since + uint256(credits[i].amount) * block.timestamp;
            entry.since = uint32((weighted + balance + credits[i].amount - 1) / (balance + credits[i].amount));
            entry.credited += credits[i].amount;
            emit IMatiEscrow.Credited(credits[i].account, token, ref, msg.sender, credits[i].amount, entry.credited);
        }
    }

    function debit(address token, LedgerEntry[] calldata debits, address to)
        external
        returns (uint256[] memory debitedTotals)
    {
        debitedTotals = new uint256[](debits.length);
        uint256 sum = 0;
        for (uint256 i = 0; i < debits.length; ++i) {
            address settler = _registry.settlerOf(debits[i].account);
            require(settler == msg.sender, IMatiEscrow.Escrow_NotSettler(msg.sender, debits[i].account, settler));
            debitedTotals[i] = _debit(debits[i].account, token, debits[i].amount);
            sum += debits[i].amount;
        }
        require(IERC20(token).transfer(to, sum), "debit: not sent");
    }

    function withdraw(address token, uint256 amount, address to) external {
        _debit(msg.sender, token, amount);
        require(IERC20(token).transfer(to, amount), "withdraw: not sent");
    }

    function ledger(address account, address token) external view returns (Ledger memory) {
        return _ledgers[account][token];
    }

    function balanceOf(address account, address token) public view returns (uint256) {
        return _ledgers[account][token].credited - _ledgers[account][token].debited;
    }

    function _debit(address account, address token, uint256 amount) internal returns (uint256) {
        uint256 balance = balanceOf(account, token);
        require(amount <= balance, IMatiEscrow.Escrow_InsufficientLedger(account, token, amount, balance));
        return _ledgers[account][token].debited += uint112(amount);
    }
}

/// @notice Knows the rates it was told, and no others.
contract OracleDouble {
    mapping(address base => mapping(address quote => Rate)) internal _rates;

    function set(address base, address quote, Rate memory known) external {
        _rates[base][quote] = known;
    }

    function rate(address base, address quote) external view returns (Rate memory known) {
        known = _rates[base][quote];
        require(known.wad != 0, IRateOracle.Oracle_PriceUnavailable(base, ""));
    }
}

/// @notice Takes what it is sent, cuts to 6 decimals of 18, and remembers.
contract GatewayDouble {
    uint256 public constant MAX_PAYOUTS = 100;
    uint256 public constant FEE = 0.01 ether;
    uint256 public constant FEE_PER_HEAD = 0.001 ether;

    address public immutable token;
    uint32 public sentTo;
    address public sender;
    address public refundTo;
    uint256 public paid;
    LedgerEntry[] internal _payouts;

    constructor(address token_) {
        token = token_;
    }

    function send(uint32 eid, LedgerEntry[] calldata payouts, address refundTo_)
        external
        payable
        returns (bytes32 guid, uint256 nativeFee)
    {
        nativeFee = quote(eid, payouts.length);
        require(msg.value >= nativeFee, "send: fee");
        uint256 sum = 0;
        for (uint256 i = 0; i < payouts.length; ++i) {
            require(payouts[i].amount != 0 && cut(payouts[i].amount) == payouts[i].amount, "send: not cut");
            sum += payouts[i].amount;
            _payouts.push(payouts[i]);
        }
        require(IERC20(token).transferFrom(msg.sender, address(this), sum), "send: not received");
        (sentTo, sender, refundTo, paid) = (eid, msg.sender, refundTo_, msg.value);
        guid = keccak256(abi.encode(eid, payouts));
    }

    function sent() external view returns (LedgerEntry[] memory) {
        return _payouts;
    }

    function cut(uint256 amount) public pure returns (uint256) {
        return amount - amount % 1e12;
    }

    function quote(uint32, uint256 count) public pure returns (uint256) {
        return FEE + count * FEE_PER_HEAD;
    }
}

/// @notice A token with any decimals and, per recipient, any of the ways in which transfers go wrong. Like some tokens
/// it refuses to transfer nothing.
contract TokenDouble is ERC20 {
    enum Behaviour {
        Pays,
        PaysSilently,
        Reverts,
        ReturnsFalse,
        ReturnsTwo,
        /// A single byte, 0: all that a reader of a whole word sees of it is what lay there before.
        ReturnsShort,
        RevertsWithMuch,
        BurnsGas,
        /// Returns false, cheaply, if it is given less than 299,000 gas.
        NeedsGas
    }

    uint8 internal immutable _decimals;
    mapping(address recipient => Behaviour) public behaviour;

    constructor(uint8 decimals_) ERC20("Token", "TKN") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBehaviour(address recipient, Behaviour chosen) external {
        behaviour[recipient] = chosen;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        Behaviour chosen = behaviour[to];
        require(amount != 0, "nothing");
        if (chosen == Behaviour.ReturnsFalse) return false;
        require(chosen != Behaviour.Reverts, "blocked");
        if (chosen == Behaviour.NeedsGas && gasleft() < 299_000) return false;
        if (chosen == Behaviour.ReturnsTwo) return _return(2, 0x20);
        if (chosen == Behaviour.ReturnsShort) return _return(0, 0x01);
        if (chosen == Behaviour.RevertsWithMuch) return _revertWith(100_000);
        if (chosen == Behaviour.BurnsGas) while (true) {}
        super.transfer(to, amount);
        return chosen == Behaviour.PaysSilently ? _return(0, 0) : true;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _return(uint256 word, uint256 size) private pure returns (bool) {
        assembly {
            mstore(0x00, word)
            return(0x00, size)
        }
    }

    function _revertWith(uint256 size) private pure returns (bool) {
        assembly {
            revert(0x00, size)
        }
    }
}

/// @notice Delivers what it is told from its own stock, after doing whatever else it is told.
contract SolverDouble is ISolver {
    struct Call {
        address target;
        bytes data;
    }

    uint256 public toDeliver;
    bool public succeeded;
    bytes public answer;
    bytes public lastData;
    uint256 public lastAmountIn;
    uint256 public lastMinOut;
    Call internal _call;

    receive() external payable {}

    function willDeliver(uint256 amount) external {
        toDeliver = amount;
    }

    function willCall(address target, bytes calldata data) external {
        _call = Call(target, data);
    }

    function solve(address, uint256 amountIn, address tokenOut, uint256 minOut, bytes calldata data) external {
        (lastAmountIn, lastMinOut, lastData) = (amountIn, minOut, data);
        if (_call.target != address(0)) (succeeded, answer) = _call.target.call(_call.data);
        if (toDeliver != 0) require(IERC20(tokenOut).transfer(msg.sender, toDeliver), "solve: not delivered");
    }
}
