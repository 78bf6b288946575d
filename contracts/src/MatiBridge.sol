// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SendParam} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/interfaces/IOFT.sol";
import {OFTMsgCodec} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/libs/OFTMsgCodec.sol";
import {OFT} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oft/OFT.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IMatiToken} from "./interfaces/IMatiToken.sol";

/// @title How Mati crosses chains: LayerZero's OFT, with every pathway counted and gateways guarded.
/// @dev The bridging half of `MatiToken`, apart from it also because one constructor's stack has no room for both.
/// What arrives for the zero address is minted to 0x…dEaD, and for the token itself to the token, as any OFT does:
/// both are the sender's loss.
abstract contract MatiBridge is IMatiToken, OFT {
    using OFTMsgCodec for bytes32;

    /// @inheritdoc IMatiToken
    mapping(uint32 eid => uint256) public sent;
    /// @inheritdoc IMatiToken
    mapping(uint32 eid => uint256) public received;
    /// @inheritdoc IMatiToken
    mapping(uint32 eid => bytes32) public gateway;

    constructor(address endpoint, address owner) OFT("Mati", "MATI", endpoint, owner) Ownable(owner) {}

    /// @inheritdoc IMatiToken
    function setGateway(uint32 eid, bytes32 newGateway) external onlyOwner {
        gateway[eid] = newGateway;
        emit GatewaySet(eid, newGateway);
    }

    /// @dev Counts what leaves (invariant 11). A send to a chain without a peer reverts later on, with OFT's `NoPeer`.
    function _debit(address from, uint256 amount, uint256 minAmount, uint32 dstEid)
        internal
        override
        returns (uint256 amountSent, uint256 amountReceived)
    {
        (amountSent, amountReceived) = super._debit(from, amount, minAmount, dstEid);
        require(amountSent != 0, Token_NothingToSend(amount));
        sent[dstEid] += amountSent;
    }

    /// @dev Counts what arrives (invariant 11).
    function _credit(address to, uint256 amount, uint32 srcEid) internal override returns (uint256 amountReceived) {
        amountReceived = super._credit(to, amount, srcEid);
        received[srcEid] += amountReceived;
    }

    /// @dev The one place that both `send` and `quoteSend` pass with the recipient at hand. The recipient is compared
    /// as the other side reads it: by its low 20 bytes.
    function _buildMsgAndOptions(SendParam calldata param, uint256 amount)
        internal
        view
        override
        returns (bytes memory message, bytes memory options)
    {
        bytes32 there = gateway[param.dstEid];
        bool isToGateway = there != 0 && param.to.bytes32ToAddress() == there.bytes32ToAddress();
        require(!isToGateway || param.composeMsg.length != 0, Token_ComposeRequired(param.dstEid, there));
        return super._buildMsgAndOptions(param, amount);
    }
}
