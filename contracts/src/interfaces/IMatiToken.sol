// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PathwayLimits} from "../types/RateLimit.sol";

/// @title What Mati adds to LayerZero's omnichain fungible token (OFT) and to ERC-20 with permit.
/// @notice 18 decimals, 6 of them carried across chains; what is cut from a send (dust) stays with its sender.
/// Each end of a pathway limits what leaves and what arrives, gateways' traffic apart: what a gateway sends to the
/// other chain's gateway. An end without limits is closed. What is above the limit is refused where it leaves; where it
/// arrives it waits, whole, until anyone releases it.
/// @dev **What forged messages can mint.** Whoever makes an endpoint accept false messages of one pathway mints there
/// within t seconds at most r·t + max(capacity, r·t) of the inbound allowance, with r = capacity / windowSeconds, and
/// the same of the gateways': capacity at once, then r per second, and a message larger than the capacity only when as
/// much has flowed into its bucket unused (of which the second r·t is one message, waiting from the beginning).
/// Sending, quoting, peers, options and their errors are LayerZero's: `IOFT`, `IOAppCore`, `IOAppOptionsType3`.
/// `quoteOFT` tells as `maxAmountLD` what its caller may send to that recipient now, and `quoteSend` reverts as `send`
/// would.
interface IMatiToken {
    /// @notice The gateway on the chain `eid` is `gateway`, left-padded; zero for none.
    event GatewaySet(uint32 indexed eid, bytes32 gateway);
    event LimitsSet(uint32 indexed eid, PathwayLimits limits);
    /// @notice Nothing from the chain `eid` is minted before `until`, Unix seconds; a time past for a pause that ended.
    event InboundPaused(uint32 indexed eid, uint48 until);
    event OutboundPausedSet(uint32 indexed eid, bool isPaused);
    /// @notice A message arrived that may not mint yet.
    /// @param to For whom it is, as the token reads it; a gateway for payouts.
    /// @param message What `release` takes.
    event MessageWaiting(
        bytes32 indexed guid, uint32 indexed srcEid, address indexed to, uint256 amount, bytes message
    );
    /// @notice A message that waited has arrived: minted, counted, and with its compose in the endpoint.
    event MessageReleased(bytes32 indexed guid, uint32 indexed srcEid, address indexed to, uint256 amount);

    /// More was to be minted than one message can carry back (2^64 - 1 shared units).
    error Token_GenesisTooLarge(uint256 amount, uint256 max);
    /// Nothing of the amount is left once it is cut to shared decimals.
    error Token_NothingToSend(uint256 amount);
    /// A send to a gateway must carry a compose message, or nobody could claim it there.
    error Token_ComposeRequired(uint32 eid, bytes32 gateway);
    /// More is to pass than may now, or than was waited for.
    error Token_OverLimit(uint32 eid, uint256 amount, uint256 available);
    /// Capacity and window of a limit must both be zero (closed) or neither.
    error Token_BadLimit(uint256 capacity, uint256 windowSeconds);
    error Token_OutboundPaused(uint32 eid);
    error Token_InboundPaused(uint32 eid, uint256 until);
    error Token_PauseTooLong(uint256 until, uint256 latest);
    /// Arrivals are paused, or were until less long ago than they were paused.
    error Token_PausedTooRecently(uint256 timestamp, uint256 pausableFrom);
    error Token_NotWaiting(bytes32 guid);
    error Token_WrongMessage(bytes32 messageHash, bytes32 expected);

    /// @notice All that was ever sent to the chain `eid`, in units of the token.
    function sent(uint32 eid) external view returns (uint256);
    /// @notice All that ever arrived from the chain `eid`, in units of the token. What waits has not arrived.
    /// @dev What is in flight from here to there is `sent(there)` here less `received(here)` there.
    function received(uint32 eid) external view returns (uint256);
    /// @notice The gateway on the chain `eid`, left-padded; zero for none. This chain's own eid tells its own gateway.
    function gateway(uint32 eid) external view returns (bytes32);
    /// @notice What may pass to and from the chain `eid`, as it was set.
    function limits(uint32 eid) external view returns (PathwayLimits memory);
    /// @notice What may pass to and from the chain `eid` now, in units of the token, rounded down; 0 while paused.
    /// @dev A message above the capacity waits for its own share instead: see `release`.
    function available(uint32 eid)
        external
        view
        returns (uint256 outbound, uint256 inbound, uint256 gatewayOutbound, uint256 gatewayInbound);
    /// @notice Until when nothing from the chain `eid` is minted, Unix seconds; 0 or past if it is.
    function inboundPausedUntil(uint32 eid) external view returns (uint48);
    /// @notice From when arrivals from the chain `eid` may be paused again, Unix seconds.
    function inboundPausableFrom(uint32 eid) external view returns (uint256);
    function isOutboundPaused(uint32 eid) external view returns (bool);
    /// @notice What is known of a waiting message: `keccak256(abi.encodePacked(srcEid, message))`; 0 if none waits.
    function waiting(bytes32 guid) external view returns (bytes32);
    /// @notice The longest that arrivals may be paused at once, seconds.
    function MAX_PAUSE() external view returns (uint256);

    /// @notice Names a chain's gateway: another's, so that a send to it without a compose is refused, and this chain's
    /// own, so that its traffic is told from others'. Only the owner.
    function setGateway(uint32 eid, bytes32 newGateway) external;

    /// @notice Sets what may pass to and from the chain `eid`. Only the owner.
    /// @dev What was used of an allowance stays used; a direction that was closed begins with all its capacity.
    function setLimits(uint32 eid, PathwayLimits calldata newLimits) external;

    /// @notice Lets what comes from the chain `eid` wait until `until`, Unix seconds; a time not in the future ends a
    /// pause. Only the owner.
    /// @dev At most `MAX_PAUSE` ahead, never while paused, and not again until arrivals were open for as long as they
    /// were paused: so in the long run they are open at least half of the time.
    function pauseInbound(uint32 eid, uint48 until) external;

    /// @notice Refuses new sends to the chain `eid`, or takes them again. Only the owner.
    /// @dev Transfers, permits, arrivals and releases are untouched; what a gateway has to give back stays there.
    function setOutboundPaused(uint32 eid, bool isPaused) external;

    /// @notice Lets a waiting message arrive, as far as the limits allow: mints, counts, and hands its compose to the
    /// endpoint. By anyone, in any order.
    /// @dev One above the capacity may arrive once amount · windowSeconds / capacity seconds have passed since it began
    /// to wait and its bucket is full; the bucket is then in debt, and refills as fast as ever.
    /// @param message As `MessageWaiting` told it.
    function release(bytes32 guid, uint32 srcEid, bytes calldata message) external;
}
