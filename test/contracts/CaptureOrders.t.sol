// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CaptureOrders} from "../../contracts/src/libraries/CaptureOrders.sol";
import {CaptureOrder, Payment} from "../../contracts/src/types/Payment.sol";
import {pack} from "./base/PackedOrders.sol";
import {Test} from "./base/Test.sol";

contract Reader {
    using CaptureOrders for bytes;

    function read(bytes calldata packed) external pure returns (CaptureOrder[] memory orders) {
        orders = new CaptureOrder[](packed.count());
        CaptureOrder memory order;
        uint256 cursor = CaptureOrders.START;
        for (uint256 i = 0; i < orders.length; ++i) {
            cursor = packed.next(cursor, order);
            orders[i] = abi.decode(abi.encode(order), (CaptureOrder));
        }
        packed.end(cursor);
    }

    function count(bytes calldata packed) external pure returns (uint256) {
        return packed.count();
    }

    /// @dev Without a look at where it ended, as `CaptureAndSettle` does.
    function readFirst(bytes calldata packed) external pure returns (CaptureOrder memory order) {
        packed.next(CaptureOrders.START, order);
    }
}

/// orders of a batch
///   packed → read as they were, whatever follows whatever
///   anything else → refused as a whole
contract CaptureOrdersTest is Test {
    uint256 internal constant WORDS = 22;

    Reader internal reader = new Reader();

    /// @dev `test/vectors/orders.json`, which the SDK's tests pack and read too, spelled out once more.
    function test_EqualsTheSharedVector() public view {
        string memory file = vm.readFile("test/vectors/orders.json");
        bytes memory packed = vm.parseJsonBytes(file, ".packed");
        CaptureOrder[] memory orders = _vector();
        assertEq(pack(orders), packed, "packed");
        assertEq(abi.encode(reader.read(packed)), abi.encode(orders), "read");
    }

    /// @dev Few values, so that words and whole orders are often those of the order before.
    function testFuzz_ReadsWhatWasPacked(uint256 seed, uint256 count) public view {
        CaptureOrder[] memory orders = new CaptureOrder[](bound(count, 0, 6));
        for (uint256 i = 0; i < orders.length; ++i) {
            uint256[WORDS] memory words;
            for (uint256 field = 0; field < WORDS; ++field) {
                uint256 drawn = uint256(keccak256(abi.encode(seed, i, field)));
                words[field] = drawn % 4 == 0 ? 0 : drawn % 4 == 1 ? 1 : uint16(drawn >> 8);
            }
            (words[13], words[21]) = (words[13] % 2, words[21] % 2);
            orders[i] = abi.decode(abi.encode(words), (CaptureOrder));
        }
        assertEq(abi.encode(reader.read(pack(orders))), abi.encode(orders), "read");
    }

    function test_ReadsAWordThatDidNotChange() public view {
        bytes memory packed = abi.encodePacked(uint16(2), uint8(1), uint8(19), uint256(7));
        packed = abi.encodePacked(packed, uint8(2), uint8(19), uint256(8), uint8(19), uint256(7));
        CaptureOrder[] memory orders = reader.read(packed);
        assertEq(orders[0].dueAmount, 7, "first");
        assertEq(orders[1].dueAmount, 7, "second");
    }

    function test_ReadsNoOrders() public view {
        assertEq(reader.read(hex"0000").length, 0, "none");
    }

    function test_RevertWhen_CutAnywhere() public {
        bytes memory packed = pack(_vector());
        for (uint256 length = 0; length < packed.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                cut[i] = packed[i];
            }
            _expectMalformed(cut);
        }
    }

    function test_RevertWhen_TheirNumberIsCut() public {
        vm.expectRevert(CaptureOrders.CaptureOrders_Malformed.selector);
        reader.count(hex"01");
        assertEq(reader.count(hex"0102"), 258, "whole");
    }

    /// @dev No word is ever read from beyond.
    function test_RevertWhen_AnOrderIsCut() public {
        bytes memory packed = abi.encodePacked(uint16(1), uint8(1), uint8(19), uint248(7));
        vm.expectRevert(CaptureOrders.CaptureOrders_Malformed.selector);
        reader.readFirst(packed);
        assertEq(reader.readFirst(abi.encodePacked(packed, uint8(9))).dueAmount, 7 << 8 | 9, "whole");
    }

    function test_RevertWhen_AnythingFollows() public {
        _expectMalformed(abi.encodePacked(pack(_vector()), uint8(0)));
        _expectMalformed(hex"000000");
    }

    function test_RevertWhen_NoSuchWord() public {
        for (uint256 field = WORDS; field < 256; ++field) {
            _expectMalformed(abi.encodePacked(uint16(1), uint8(1), uint8(field), uint256(1)));
        }
    }

    function test_RevertWhen_IsFinalIsNoBool() public {
        _expectMalformed(abi.encodePacked(uint16(1), uint8(1), uint8(21), uint256(2)));
        _expectMalformed(abi.encodePacked(uint16(1), uint8(1), uint8(21), type(uint256).max));
    }

    function _expectMalformed(bytes memory packed) internal {
        vm.expectRevert(CaptureOrders.CaptureOrders_Malformed.selector);
        reader.read(packed);
    }

    function _vector() internal pure returns (CaptureOrder[] memory orders) {
        orders = new CaptureOrder[](3);
        Payment memory first = orders[0].payment;
        first.payer = first.refundTo = 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266;
        first.merchant = 0x1111111111111111111111111111111111111111;
        first.token = 0x2222222222222222222222222222222222222222;
        first.maxAmount = 0.0206e18;
        first.currency = address(840);
        first.due = 49.99e18;
        first.maxFeeBps = 25;
        first.feeReceiver = 0x3333333333333333333333333333333333333333;
        first.authorizeBy = 1795000000;
        first.captureBy = 1795003600;
        first.autoCapture = true;
        first.invoice = bytes32(uint256(0xab));
        orders[0].dueAmount = first.due;
        orders[1] = abi.decode(abi.encode(orders[0]), (CaptureOrder));
        orders[1].payment.invoice = bytes32(uint256(0xcd));
        (orders[1].dueAmount, orders[1].feeBps, orders[1].isFinal) = (20e18, 25, true);
        orders[2] = orders[1];
    }
}
