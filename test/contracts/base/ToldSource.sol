// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateSource} from "../../../contracts/src/interfaces/IRateSource.sol";

/// @dev That a source gives settlements the price it gives captures, round and time too: for when it stands by its market.
function requireSameTogether(IRateSource source) view {
    (uint256 wad, uint80 roundId, uint40 updatedAt) = source.read();
    (uint256 its, uint80 itsRoundId, uint40 itsUpdatedAt) = source.readTogether();
    require(its == wad && itsRoundId == roundId && itsUpdatedAt == updatedAt, "another price for settlements");
}

/// @dev A source that says what it is told, as a source unknown to us might.
contract ToldSource is IRateSource {
    address public immutable quoteAsset;
    uint256 private _wad;
    uint80 private _roundId;
    uint40 private _updatedAt;
    bool private _apart;

    constructor(address quoteAsset_, uint256 wad, uint80 roundId, uint40 updatedAt) {
        quoteAsset = quoteAsset_;
        tell(wad, roundId, updatedAt);
    }

    function tell(uint256 wad, uint80 roundId, uint40 updatedAt) public {
        (_wad, _roundId, _updatedAt) = (wad, roundId, updatedAt);
    }

    function read() public view returns (uint256, uint80, uint40) {
        return (_wad, _roundId, _updatedAt);
    }

    function setApart(bool apart) external {
        _apart = apart;
    }

    function readTogether() external view returns (uint256, uint80, uint40) {
        require(!_apart, "apart");
        return read();
    }
}
