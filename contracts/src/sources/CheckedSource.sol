// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateSource} from "../interfaces/IRateSource.sol";

/// @title A source that is used only while another one agrees with it.
/// @notice The price is always the primary's; the reference can only refuse it. Meant for a Chainlink feed beside the
/// mean price of a Uniswap v3 pool, so that a feed gone wrong within its own bounds settles nothing.
///
/// No price that could not be checked is used: while the reference gives none, there is none. A pool that dies or
/// runs dry so costs captures their rate, until the source is replaced behind the access manager's delay; meanwhile
/// the signed fallback stands in where the terms say, and no exit (void, reclaim, withdraw) ever needs a rate.
///
/// What somebody can do to such a pool in one transaction decides nothing here: a mean over `window` seconds holds only
/// prices of earlier blocks. A false price held for s seconds moves it by the s/window-th part (as a logarithm): ten
/// times the price for a block of 12 s, by 1.5% over 30 minutes. So whoever holds a pool for a block or more, against
/// everyone who may trade it back, can at worst take the rate away, for as long as those seconds are in the mean or in
/// that of an hour before it; he can never give a false one. A bound below what one block can do makes this cheap.
/// Nothing can be changed: another bound is another source.
/// @dev Both must price the same asset, and a pool must keep an observation for every block that its source looks back
/// over (else a trade of the same transaction can drop the oldest, and the rate with it): whoever sets up the source
/// sees to that.
contract CheckedSource is IRateSource {
    /// The constructor's argument of that name makes no sense.
    error CheckedSource_BadConfig(string parameter);
    /// The sources are apart by more than the bound; both prices are WAD.
    error CheckedSource_Apart(uint256 wad, uint256 referenceWad, uint256 maxDeviationBps);
    /// The reference gives no usable price now, or none by its market where that is asked; `reason` is its own error.
    error CheckedSource_ReferenceUnavailable(bytes reason);

    uint256 private constant BPS = 10_000;

    /// What gives the price.
    IRateSource public immutable primarySource;
    /// What it is checked against.
    IRateSource public immutable referenceSource;
    /// @inheritdoc IRateSource
    address public immutable quoteAsset;
    /// How much the larger of both prices may exceed the smaller one, basis points.
    uint16 public immutable maxDeviationBps;

    constructor(IRateSource primary_, IRateSource reference_, uint16 maxDeviationBps_) {
        require(address(primary_).code.length != 0, CheckedSource_BadConfig("primary"));
        require(
            address(reference_).code.length != 0 && address(reference_) != address(primary_),
            CheckedSource_BadConfig("reference")
        );
        require(maxDeviationBps_ != 0 && maxDeviationBps_ <= BPS, CheckedSource_BadConfig("maxDeviationBps"));

        primarySource = primary_;
        referenceSource = reference_;
        quoteAsset = primary_.quoteAsset();
        maxDeviationBps = maxDeviationBps_;
        require(reference_.quoteAsset() == quoteAsset, CheckedSource_BadConfig("quoteAsset"));
    }

    /// @inheritdoc IRateSource
    /// @dev Price, round and time are the primary's, and so is the error if it has none.
    function read() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return _read(primarySource.read, referenceSource.read);
    }

    /// @inheritdoc IRateSource
    /// @dev Both are to be by their markets: this also keeps the primary's price by the pool's present one, within the sum
    /// of both bounds.
    function readTogether() external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return _read(primarySource.readTogether, referenceSource.readTogether);
    }

    function _read(
        function() external view returns (uint256, uint80, uint40) readPrimary,
        function() external view returns (uint256, uint80, uint40) readReference
    ) private view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        (wad, roundId, updatedAt) = readPrimary();
        uint256 referenceWad = _wadOf(readReference);
        (uint256 low, uint256 high) = wad < referenceWad ? (wad, referenceWad) : (referenceWad, wad);
        // A price so large that this overflows is far outside of what a rate may be: refused, too.
        require(high * BPS <= low * (BPS + maxDeviationBps), CheckedSource_Apart(wad, referenceWad, maxDeviationBps));
    }

    function _wadOf(function() external view returns (uint256, uint80, uint40) readReference)
        private
        view
        returns (uint256)
    {
        try readReference() returns (uint256 wad, uint80, uint40) {
            return wad;
        } catch (bytes memory reason) {
            revert CheckedSource_ReferenceUnavailable(reason);
        }
    }
}
