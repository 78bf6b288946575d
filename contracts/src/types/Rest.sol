// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Ledger} from "./Ledger.sol";

using {differs as !=, standing, unpack} for PackedRest global;

uint256 constant WHOLE = 1e18;

/// @notice What the last settlement of a balance left in the ledger: its reserve, or what the pool could not take. All
/// zero for nothing.
/// @dev A ledger knows one mean time of arrival for all it holds. Without this, what was left on purpose would make
/// what arrives later look old: due before its cycle ends, and its auction at its end before it began.
struct Rest {
    /// The ledger's `credited` then: what is left of the rest is what was not debited up to here (first in, first out).
    uint112 credited;
    /// The ledger's `since` then, Unix seconds.
    uint32 since;
    /// From when the auction of the rest runs, Unix seconds.
    uint32 auctionFrom;
    /// How much of a head's cost and of its tip's cap is still to be earned, WAD.
    uint64 headWad;
}

/// @notice A `Rest` in one word, as it is kept: `credited` in the lowest 112 bits, then `since`, `auctionFrom` and
/// `headWad`.
type PackedRest is uint256;

/// @notice What of a balance can be settled, and how it stands.
struct Standing {
    /// All above the reserve, in units of the token.
    uint256 amount;
    /// Mean time of arrival: decides when it is due. Unix seconds.
    uint256 since;
    /// From when its auction runs, unless it is due later. Unix seconds.
    uint256 auctionFrom;
    /// WAD.
    uint256 headWad;
}

function differs(PackedRest a, PackedRest b) pure returns (bool) {
    return PackedRest.unwrap(a) != PackedRest.unwrap(b);
}

function pack(Rest memory rest) pure returns (PackedRest) {
    return PackedRest.wrap(
        rest.credited | uint256(rest.since) << 112 | uint256(rest.auctionFrom) << 144 | uint256(rest.headWad) << 176
    );
}

function unpack(PackedRest packed) pure returns (Rest memory) {
    uint256 word = PackedRest.unwrap(packed);
    return Rest(uint112(word), uint32(word >> 112), uint32(word >> 144), uint64(word >> 176));
}

/// @dev Weighs the rest with what arrived after it. Of the rest only what exceeds the reserve has a weight: the reserve
/// neither ages nor rejuvenates what is settled. What arrived later may be taken for older, though never for older than
/// the rest: after a withdrawal in between, and because the ledger's mean is to the second, half of which counts here as
/// often as the whole balance is larger than what arrived later.
/// @param reserve Less than the balance.
function standing(PackedRest packed, Ledger memory ledger, uint256 reserve) view returns (Standing memory s) {
    uint256 balance = ledger.credited - ledger.debited;
    s.amount = balance - reserve;
    // Most have none, or have it behind them: nothing is unpacked for these.
    if (uint112(PackedRest.unwrap(packed)) <= ledger.debited) {
        (s.since, s.auctionFrom, s.headWad) = (ledger.since, ledger.since, WHOLE);
        return s;
    }
    Rest memory rest = packed.unpack();
    uint256 left = rest.credited - ledger.debited;
    uint256 fresh = balance - left;
    if (fresh == 0) {
        (s.since, s.auctionFrom, s.headWad) = (rest.since, rest.auctionFrom, rest.headWad);
        return s;
    }
    uint256 freshSince = Math.saturatingSub(ledger.since * balance, rest.since * left) / fresh;
    freshSince = Math.min(Math.max(freshSince, rest.auctionFrom), block.timestamp);
    uint256 old = Math.saturatingSub(left, reserve);
    uint256 sum = old + fresh;
    s.since = (rest.since * old + freshSince * fresh) / sum;
    s.auctionFrom = (rest.auctionFrom * old + freshSince * fresh) / sum;
    s.headWad = (rest.headWad * old + WHOLE * fresh) / sum;
}

/// @dev What to note once `taken` of a balance is settled: nothing if nothing is left. The larger the part, the younger
/// the auction of the rest: dust taken moves it as little as dust credited, and a keeper who settles nearly all cannot
/// leave a remainder at the full allowance.
/// @param elapsed Seconds its auction has run, at most those it grows over.
function restAfter(Ledger memory ledger, Standing memory s, uint256 taken, uint256 elapsed)
    view
    returns (PackedRest packed)
{
    if (taken == uint256(ledger.credited) - ledger.debited) return packed;
    // Casts: times to 32 bits as the ledger's own; a part of a WAD.
    return pack(
        Rest({
            credited: ledger.credited,
            since: ledger.since,
            auctionFrom: uint32(block.timestamp - Math.mulDiv(elapsed, s.amount - taken, s.amount)),
            headWad: uint64(Math.mulDiv(s.headWad, s.amount - taken, s.amount))
        })
    );
}
