// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may change what, and after which delay.
/// @notice OpenZeppelin's AccessManager with Mati's roles by name. Every `restricted` function of the other contracts
/// asks it; a token whose owner it is (`Ownable`) is called through `execute`. No role can touch what is held or
/// credited: there is no such function.
/// | role | may | delay on a public network |
/// |---|---|---|
/// | `ADMIN_ROLE` (0) | grant and revoke roles, say which role a function needs, set delays | days |
/// | `GUARDIAN_ROLE` | pause the way in (`MatiEscrow.setIntakePaused`, new outbound messages), `MatiEscrow.freezeCapture`; cancel what config or operator scheduled | none |
/// | `OPERATOR_ROLE` | what only opens or closes intake: `MatiEscrow.setTokenAllowed`, `IntakeLimits.setTokenLimit` and `setMerchantLimit`, `DenyList.setRefused` | none or hours |
/// | `CONFIG_ROLE` | what values or routes money: `RateOracle.setSource`, `Settler.setTier`, `Settler.setGateway`, `MatiEscrow.setCollector` and `setIntakeGuard`, `IntakeLimits.setScreener`, `SignatureVerifier.setFactory`, peers, libraries and limits of pathways | days |
/// @dev Which function needs which role, and the delays, are data of the deployment: a grant carries its execution
/// delay, a scheduled call runs at its time or expires a week later. Functions that nobody assigned are the admin's.
contract MatiAccess is AccessManager {
    uint64 public constant GUARDIAN_ROLE = 1;
    uint64 public constant OPERATOR_ROLE = 2;
    uint64 public constant CONFIG_ROLE = 3;

    /// @param admin The first holder of `ADMIN_ROLE`, without a delay: it sets up the roles, then hands over.
    constructor(address admin) AccessManager(admin) {
        emit RoleLabel(GUARDIAN_ROLE, "guardian");
        emit RoleLabel(OPERATOR_ROLE, "operator");
        emit RoleLabel(CONFIG_ROLE, "config");

        _setRoleGuardian(OPERATOR_ROLE, GUARDIAN_ROLE);
        _setRoleGuardian(CONFIG_ROLE, GUARDIAN_ROLE);
    }
}
