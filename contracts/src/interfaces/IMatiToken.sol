// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Mati adds to LayerZero's omnichain fungible token (OFT) and to ERC-20 with permit.
/// @notice 18 decimals, 6 of them carried across chains; what is cut from a send (dust) stays with its sender.
/// @dev Sending, quoting, peers, options and their errors are LayerZero's: `IOFT`, `IOAppCore`, `IOAppOptionsType3`.
interface IMatiToken {
    /// @notice The gateway on the chain `eid` is `gateway`, left-padded; zero for none.
    event GatewaySet(uint32 indexed eid, bytes32 gateway);

    /// More was to be minted than one message can carry back (2^64 - 1 shared units).
    error Token_GenesisTooLarge(uint256 amount, uint256 max);
    /// Nothing of the amount is left once it is cut to shared decimals.
    error Token_NothingToSend(uint256 amount);
    /// A send to a gateway must carry a compose message, or nobody could claim it there.
    error Token_ComposeRequired(uint32 eid, bytes32 gateway);

    /// @notice All that was ever sent to the chain `eid`, in units of the token.
    function sent(uint32 eid) external view returns (uint256);
    /// @notice All that ever arrived from the chain `eid`, in units of the token.
    /// @dev What is in flight from here to there is `sent(there)` here less `received(here)` there.
    function received(uint32 eid) external view returns (uint256);
    /// @notice The gateway on the chain `eid`, left-padded; zero for none.
    function gateway(uint32 eid) external view returns (bytes32);

    /// @notice Names the gateway of another chain, so that a send to it without a compose is refused. Only the owner.
    function setGateway(uint32 eid, bytes32 newGateway) external;
}
