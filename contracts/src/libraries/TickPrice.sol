// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What a Uniswap v3 tick means as a price.
/// @dev Uniswap's own TickMath (https://github.com/Uniswap/v3-core) does not compile on Solidity 0.8. A tick t is the
/// price 1.0001^t of token0 in token1, smallest units; pools compute with its root, whose rounding is theirs exactly.
library TickPrice {
    /// Outside of [-887272, 887272].
    error TickPrice_BadTick(int24 tick);

    uint256 private constant MAX_TICK = 887_272;

    /// @notice The price at `tick` of one whole unit of the asset it counts, in whole units of the other, WAD.
    /// @dev Rounded down. Below 2^-64 in smallest units the root's own rounding shows (relative error up to 2^-31 at
    /// the lowest tick). Panics on overflow, which takes more than 20 decimals more than the other asset has.
    /// @param baseDecimals Of the asset whose price 1.0001^tick is; `quoteDecimals` of the other one. At most 24.
    function toWad(int24 tick, uint8 baseDecimals, uint8 quoteDecimals) internal pure returns (uint256) {
        uint256 root = sqrtPriceX96(tick);
        // A square of up to 2^256 as a Q192; of a larger price as a Q128.
        (uint256 price, uint256 one) =
            root < 1 << 128 ? (root * root, 1 << 192) : (Math.mulDiv(root, root, 1 << 64), 1 << 128);
        return 18 + baseDecimals >= quoteDecimals
            ? Math.mulDiv(price, 10 ** (18 + uint256(baseDecimals) - quoteDecimals), one)
            : price / (one * 10 ** (uint256(quoteDecimals) - 18 - baseDecimals));
    }

    /// @notice sqrt(1.0001^tick) as a Q96, rounded as Uniswap v3's pools do.
    /// @dev Multiplies 2^128 / 1.0001^(2^i / 2), rounded to the nearest, over the bits i of |tick|; a positive tick is
    /// the inverse. The last step rounds up, so that the pool counts this root as belonging to `tick`.
    function sqrtPriceX96(int24 tick) internal pure returns (uint160) {
        uint256 size = tick < 0 ? uint256(-int256(tick)) : uint256(int256(tick));
        require(size <= MAX_TICK, TickPrice_BadTick(tick));

        unchecked {
            // Every factor but the first one's 2^128 is below 2^128, and so is every product after its shift.
            uint256 root = size & 0x1 != 0 ? 0xfffcb933bd6fad37aa2d162d1a594001 : 1 << 128;
            if (size & 0x2 != 0) root = root * 0xfff97272373d413259a46990580e213a >> 128;
            if (size & 0x4 != 0) root = root * 0xfff2e50f5f656932ef12357cf3c7fdcc >> 128;
            if (size & 0x8 != 0) root = root * 0xffe5caca7e10e4e61c3624eaa0941cd0 >> 128;
            if (size & 0x10 != 0) root = root * 0xffcb9843d60f6159c9db58835c926644 >> 128;
            if (size & 0x20 != 0) root = root * 0xff973b41fa98c081472e6896dfb254c0 >> 128;
            if (size & 0x40 != 0) root = root * 0xff2ea16466c96a3843ec78b326b52861 >> 128;
            if (size & 0x80 != 0) root = root * 0xfe5dee046a99a2a811c461f1969c3053 >> 128;
            if (size & 0x100 != 0) root = root * 0xfcbe86c7900a88aedcffc83b479aa3a4 >> 128;
            if (size & 0x200 != 0) root = root * 0xf987a7253ac413176f2b074cf7815e54 >> 128;
            if (size & 0x400 != 0) root = root * 0xf3392b0822b70005940c7a398e4b70f3 >> 128;
            if (size & 0x800 != 0) root = root * 0xe7159475a2c29b7443b29c7fa6e889d9 >> 128;
            if (size & 0x1000 != 0) root = root * 0xd097f3bdfd2022b8845ad8f792aa5825 >> 128;
            if (size & 0x2000 != 0) root = root * 0xa9f746462d870fdf8a65dc1f90e061e5 >> 128;
            if (size & 0x4000 != 0) root = root * 0x70d869a156d2a1b890bb3df62baf32f7 >> 128;
            if (size & 0x8000 != 0) root = root * 0x31be135f97d08fd981231505542fcfa6 >> 128;
            if (size & 0x10000 != 0) root = root * 0x9aa508b5b7a84e1c677de54f3e99bc9 >> 128;
            if (size & 0x20000 != 0) root = root * 0x5d6af8dedb81196699c329225ee604 >> 128;
            if (size & 0x40000 != 0) root = root * 0x2216e584f5fa1ea926041bedfe98 >> 128;
            if (size & 0x80000 != 0) root = root * 0x48a170391f7dc42444e8fa2 >> 128;
            if (tick > 0) root = type(uint256).max / root;
            // |tick| <= MAX_TICK keeps the Q128 below 2^192, hence the Q96 below 2^160.
            return uint160((root + type(uint32).max) >> 32);
        }
    }
}
