// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {IRateSource} from "./interfaces/IRateSource.sol";
import {MAX_DECIMALS, MAX_RATE_WAD, MIN_RATE_WAD, Rate} from "./types/Rate.sol";

/// @title Rates between any two registered assets: see `IRateOracle`, its manual.
contract RateOracle is IRateOracle, AccessManaged {
    /// One slot.
    struct Entry {
        IRateSource source;
        uint8 decimals;
        /// Whether the source is quoted in USD; most are, and this spares asking them.
        bool inUsd;
    }

    /// What a source said. Made by whoever asks and filled by those it asks, which is cheaper than to copy what is returned.
    struct Price {
        uint256 wad;
        uint80 roundId;
        uint40 updatedAt;
    }

    uint256 private constant WAD = 1e18;
    /// USD of Chainlink's `Denominations` (ISO 4217 numbers as addresses).
    address private constant USD = address(840);
    uint8 private constant FIAT_DECIMALS = 18;

    mapping(address asset => Entry) private _entries;

    constructor(address access) AccessManaged(access) {}

    /// @inheritdoc IRateOracle
    function setSource(address asset, IRateSource newSource) external restricted {
        require(asset != USD && asset != address(0), Oracle_BadSource(asset, newSource));

        Entry memory entry;
        if (address(newSource) != address(0)) {
            address quoteAsset = newSource.quoteAsset();
            require(quoteAsset != asset, Oracle_BadSource(asset, newSource));
            entry = Entry(newSource, _decimalsNow(asset), quoteAsset == USD);
            require(entry.decimals <= MAX_DECIMALS, Oracle_TooManyDecimals(asset, entry.decimals, MAX_DECIMALS));
        }

        _entries[asset] = entry;
        emit SourceSet(asset, newSource, entry.decimals);
    }

    /// @inheritdoc IRateOracle
    function settlementRate(address base, address quote)
        external
        view
        returns (Rate memory result, uint256 quoteUsdWad)
    {
        quoteUsdWad = _fill(result, base, quote, true);
    }

    /// @inheritdoc IRateOracle
    function rate(address base, address quote) external view returns (Rate memory result) {
        _fill(result, base, quote, false);
    }

    /// @inheritdoc IRateOracle
    function source(address asset) external view returns (IRateSource, uint8 decimals) {
        Entry memory entry = _entries[asset];
        return (entry.source, entry.decimals);
    }

    /// @dev The rate. Gives the quote asset's price in USD if that had to be read, else 0.
    /// @param together Whether prices are to be by their markets.
    function _fill(Rate memory result, address base, address quote, bool together)
        private
        view
        returns (uint256 quoteUsdWad)
    {
        if (base == quote) {
            uint8 decimals = _decimalsNow(base);
            (result.wad, result.updatedAt) = (WAD, uint40(block.timestamp));
            (result.baseDecimals, result.quoteDecimals) = (decimals, decimals);
            return 0;
        }

        Entry memory baseEntry;
        Entry memory quoteEntry;
        _find(baseEntry, base);
        _find(quoteEntry, quote);
        address baseQuotedIn = _quoteAsset(baseEntry);
        address quoteQuotedIn = _quoteAsset(quoteEntry);

        Price memory basePrice;
        Price memory quotePrice;
        if (baseQuotedIn == quote) {
            _read(basePrice, base, baseEntry.source, quote, together);
            _readOne(quotePrice);
        } else if (quoteQuotedIn == base) {
            _readOne(basePrice);
            _read(quotePrice, quote, quoteEntry.source, base, together);
        } else {
            _readInUsd(basePrice, base, baseEntry.source, baseQuotedIn, together);
            _readInUsd(quotePrice, quote, quoteEntry.source, quoteQuotedIn, together);
            quoteUsdWad = quotePrice.wad;
        }
        // No overflow, no division by zero: every price is in [MIN_RATE_WAD, MAX_RATE_WAD].
        uint256 wad = basePrice.wad * WAD / quotePrice.wad;
        _requireInRange(base, quote, wad);
        result.wad = wad;
        (result.baseDecimals, result.quoteDecimals) = (baseEntry.decimals, quoteEntry.decimals);
        result.updatedAt = _older(basePrice.updatedAt, quotePrice.updatedAt);
        (result.baseRoundId, result.quoteRoundId) = (basePrice.roundId, quotePrice.roundId);
    }

    /// @dev An asset's price in USD: its own, or its own times that of the token it is quoted in. Per whole units, so
    /// that token's decimals don't matter. The round is that of the asset's own source.
    function _readInUsd(Price memory price, address asset, IRateSource assetSource, address quotedIn, bool together)
        private
        view
    {
        if (asset == USD) return _readOne(price);
        _read(price, asset, assetSource, quotedIn, together);
        if (quotedIn == USD) return;

        Entry memory next = _entries[quotedIn];
        require(next.inUsd, Oracle_PathTooLong(asset, quotedIn));
        Price memory nextPrice;
        _read(nextPrice, quotedIn, next.source, USD, together);
        price.wad = price.wad * nextPrice.wad / WAD;
        price.updatedAt = _older(price.updatedAt, nextPrice.updatedAt);
        _requireInRange(asset, USD, price.wad);
    }

    function _read(Price memory price, address asset, IRateSource assetSource, address quotedIn, bool together)
        private
        view
    {
        function() external view returns (uint256, uint80, uint40) ask =
            together ? assetSource.readTogether : assetSource.read;
        try ask() returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
            _requireInRange(asset, quotedIn, wad);
            (price.wad, price.roundId, price.updatedAt) = (wad, roundId, updatedAt);
        } catch (bytes memory reason) {
            revert Oracle_PriceUnavailable(asset, reason);
        }
    }

    /// @dev What an asset's source is, once its decimals proved unchanged. USD needs no source.
    function _find(Entry memory entry, address asset) private view {
        if (asset == USD) {
            (entry.decimals, entry.inUsd) = (FIAT_DECIMALS, true);
            return;
        }
        Entry storage stored = _entries[asset];
        (entry.source, entry.decimals, entry.inUsd) = (stored.source, stored.decimals, stored.inUsd);
        require(address(entry.source) != address(0), Oracle_NoSource(asset));
        uint8 decimals = _decimalsNow(asset);
        require(decimals == entry.decimals, Oracle_DecimalsChanged(asset, decimals, entry.decimals));
    }

    function _decimalsNow(address asset) private view returns (uint8) {
        return uint160(asset) < 1 << 16 ? FIAT_DECIMALS : IERC20Metadata(asset).decimals();
    }

    function _quoteAsset(Entry memory entry) private view returns (address) {
        return entry.inUsd ? USD : entry.source.quoteAsset();
    }

    function _requireInRange(address base, address quote, uint256 wad) private pure {
        require(wad >= MIN_RATE_WAD && wad <= MAX_RATE_WAD, Oracle_RateOutOfRange(base, quote, wad));
    }

    /// @dev What something is worth in itself: no round, always of this moment.
    function _readOne(Price memory price) private view {
        (price.wad, price.updatedAt) = (WAD, uint40(block.timestamp));
    }

    function _older(uint40 a, uint40 b) private pure returns (uint40) {
        return a < b ? a : b;
    }
}
