// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLens, RateView, SourceView} from "./interfaces/IRateLens.sol";
import {IRateOracle} from "./interfaces/IRateOracle.sol";
import {IRateSource} from "./interfaces/IRateSource.sol";
import {Rate} from "./types/Rate.sol";

/// @title What a user interface shows of rates: see `IRateLens`, its manual.
contract RateLens is IRateLens {
    /// @inheritdoc IRateLens
    IRateOracle public immutable oracle;

    constructor(IRateOracle oracle_) {
        oracle = oracle_;
    }

    /// @inheritdoc IRateLens
    function rate(address base, address quote) external view returns (RateView memory shown) {
        try oracle.rate{gas: gasleft() / 4}(base, quote) returns (Rate memory read) {
            shown.usableForCapture = true;
            shown.rate = read;
            // Sources of ours are never of the future; others might be.
            if (read.updatedAt < block.timestamp) shown.age = block.timestamp - read.updatedAt;
        } catch (bytes memory reason) {
            shown.captureReason = reason;
        }
        try oracle.settlementRate{gas: gasleft() / 4}(base, quote) returns (Rate memory, uint256) {
            shown.usableForSettlement = true;
        } catch (bytes memory reason) {
            shown.settlementReason = reason;
        }
    }

    /// @inheritdoc IRateLens
    function sources(address asset) external view returns (SourceView[] memory shown) {
        (IRateSource own,) = oracle.source(asset);
        if (address(own) == address(0)) return shown;

        SourceView memory first = _look(asset, own);
        (IRateSource next,) = oracle.source(first.quoteAsset);
        bool hasNext = address(next) != address(0);
        shown = new SourceView[](hasNext ? 2 : 1);
        shown[0] = first;
        if (hasNext) shown[1] = _look(first.quoteAsset, next);
    }

    /// @notice What a source is quoted in. This and the two below are for the lens itself: called from outside, an answer that
    /// cannot be decoded fails like any other.
    function quoteAsset(IRateSource source) external view returns (address) {
        return source.quoteAsset();
    }

    /// @notice What a source says.
    function price(IRateSource source) external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return source.read();
    }

    /// @notice The same, for settlements.
    function priceTogether(IRateSource source) external view returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
        return source.readTogether();
    }

    function _look(address asset, IRateSource source) private view returns (SourceView memory shown) {
        shown.asset = asset;
        shown.source = source;
        try this.quoteAsset{gas: gasleft() / 4}(source) returns (address quotedIn) {
            shown.quoteAsset = quotedIn;
        } catch {}
        try this.price{gas: gasleft() / 4}(source) returns (uint256 wad, uint80 roundId, uint40 updatedAt) {
            shown.hasPrice = true;
            (shown.wad, shown.roundId, shown.updatedAt) = (wad, roundId, updatedAt);
        } catch (bytes memory reason) {
            shown.priceReason = reason;
        }
        try this.priceTogether{gas: gasleft() / 4}(source) returns (uint256, uint80, uint40) {
            shown.isTogether = true;
        } catch (bytes memory reason) {
            shown.togetherReason = reason;
        }
    }
}
