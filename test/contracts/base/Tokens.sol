// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice An ordinary token that anyone can mint.
contract PlainToken is ERC20 {
    uint8 private immutable _DECIMALS;

    constructor(string memory symbol_, uint8 decimals_) ERC20(symbol_, symbol_) {
        _DECIMALS = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public view override returns (uint8) {
        return _DECIMALS;
    }
}

/// @notice Keeps 1% of every transfer for itself.
contract FeeOnTransferToken is PlainToken {
    constructor() PlainToken("FEE", 18) {}

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0)) return super._update(from, to, amount);
        super._update(from, to, amount - amount / 100);
        super._update(from, address(this), amount / 100);
    }
}

/// @notice Refuses chosen recipients, by a revert or by returning false.
contract PickyToken is PlainToken {
    bool public immutable REVERTS;
    mapping(address account => bool) public refused;

    constructor(bool reverts) PlainToken("PICKY", 18) {
        REVERTS = reverts;
    }

    function setRefused(address account, bool value) external {
        refused[account] = value;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (!refused[to]) return super.transfer(to, amount);
        require(!REVERTS, "refused");
        return false;
    }
}

/// @notice Goes wrong, per recipient, in any of the ways in which others' tokens do. Like some of them it refuses to
/// transfer nothing.
contract UnrulyToken is PlainToken {
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
        /// Returns false, cheaply, if it is given less than 295,000 gas.
        NeedsGas
    }

    mapping(address recipient => Behaviour) public behaviour;

    constructor(string memory symbol_, uint8 decimals_) PlainToken(symbol_, decimals_) {}

    function setBehaviour(address recipient, Behaviour chosen) external {
        behaviour[recipient] = chosen;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        Behaviour chosen = behaviour[to];
        require(amount != 0, "nothing");
        if (chosen == Behaviour.ReturnsFalse) return false;
        require(chosen != Behaviour.Reverts, "blocked");
        if (chosen == Behaviour.NeedsGas && gasleft() < 295_000) return false;
        if (chosen == Behaviour.ReturnsTwo) return _return(2, 0x20);
        if (chosen == Behaviour.ReturnsShort) return _return(0, 0x01);
        if (chosen == Behaviour.RevertsWithMuch) return _revertWith(100_000);
        if (chosen == Behaviour.BurnsGas) while (true) {}
        super.transfer(to, amount);
        return chosen == Behaviour.PaysSilently ? _return(0, 0) : true;
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

/// @notice Calls the recipient on every transfer, as ERC-777 does, and fails if that fails.
contract HookToken is PlainToken {
    constructor() PlainToken("HOOK", 18) {}

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length != 0) ITransferHook(to).onTransfer(msg.sender, amount);
        return true;
    }
}

/// @notice Calls every recipient that registered for it, whoever sends and however, as ERC-777 does.
contract RegisteredHookToken is PlainToken {
    mapping(address account => bool) public isRegistered;

    constructor() PlainToken("HOOK777", 18) {}

    function register() external {
        isRegistered[msg.sender] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (isRegistered[to]) ITransferHook(to).onTransfer(from, amount);
    }
}

interface ITransferHook {
    function onTransfer(address from, uint256 amount) external;
}

/// @notice Returns nothing from transfers, as USDT does on mainnet.
contract NonReturningToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    uint8 public constant decimals = 6;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
