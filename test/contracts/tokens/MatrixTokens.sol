// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlainToken} from "../base/Tokens.sol";

/// @notice Keeps shares, and changes everybody's balance at once, as stETH and AMPL do.
contract RebasingToken {
    uint8 public constant decimals = 18;
    uint256 public index = 1e18;
    mapping(address account => uint256) internal _shares;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function rebase(uint256 newIndex) external {
        index = newIndex;
    }

    function mint(address to, uint256 amount) external {
        _shares[to] += amount * 1e18 / index;
    }

    function balanceOf(address account) public view returns (uint256) {
        return _shares[account] * index / 1e18;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        uint256 shares = amount * 1e18 / index;
        _shares[from] -= shares;
        _shares[to] += shares;
        return true;
    }
}

/// @notice Stops all transfers while paused, as USDC and WBTC can.
contract PausingToken is PlainToken {
    bool public paused;

    constructor() PlainToken("PAUSE", 18) {}

    function setPaused(bool value) external {
        paused = value;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, "Pausable: paused");
        super._update(from, to, amount);
    }
}

/// @notice Reports every failure by returning false, as ZRX does.
contract FalseReturningToken is PlainToken {
    mapping(address account => bool) public refused;

    constructor() PlainToken("FALSE", 18) {}

    function setRefused(address account, bool value) external {
        refused[account] = value;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (refused[to] || balanceOf(msg.sender) < amount) return false;
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (balanceOf(from) < amount || allowance(from, msg.sender) < amount) return false;
        return super.transferFrom(from, to, amount);
    }
}

/// @notice Reverts above 2^96 units, as UNI and COMP do.
contract Uint96Token is PlainToken {
    constructor() PlainToken("UINT96", 18) {}

    function _update(address from, address to, uint256 amount) internal override {
        require(amount <= type(uint96).max, "amount exceeds 96 bits");
        super._update(from, to, amount);
    }
}
