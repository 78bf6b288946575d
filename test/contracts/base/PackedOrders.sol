// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CaptureOrder} from "../../../contracts/src/types/Payment.sol";

/// @notice Orders as `captureMany` takes them: see `CaptureOrders`. An order is 22 static words.
function pack(CaptureOrder[] memory orders) pure returns (bytes memory packed) {
    packed = abi.encodePacked(uint16(orders.length));
    uint256[22] memory last;
    for (uint256 i = 0; i < orders.length; ++i) {
        uint256[22] memory words = abi.decode(abi.encode(orders[i]), (uint256[22]));
        bytes memory changes;
        uint8 count;
        for (uint8 field = 0; field < 22; ++field) {
            if (words[field] == last[field]) continue;
            changes = abi.encodePacked(changes, field, words[field]);
            ++count;
        }
        packed = abi.encodePacked(packed, count, changes);
        last = words;
    }
}
