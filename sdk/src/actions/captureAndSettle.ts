import { type Hash, zeroAddress } from 'viem'
import { captureAndSettleAbi } from '../generated/index.ts'
import { packOrders } from '../packOrders.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { CaptureManyParameters } from './captureMany.ts'
import { ascending, type SettleParameters } from './settle.ts'

export type CaptureAndSettleParameters = SettleParameters & CaptureManyParameters

/**
 * Captures payments and settles a group in one transaction, so that what waits is the hold and not a ledger balance.
 * Captures that fail are left out, as by `captureMany`; if nothing can be settled, nothing is captured either. Anyone may,
 * for payments with auto-capture; for a merchant that made `deployment.contracts.captureAndSettle` its operator, only that
 * merchant and its operators. The caller gets the tip.
 * @returns The transaction's hash.
 * @throws RevertError such as `CaptureAndSettle_NotMerchant`, `Settler_NothingToSettle`, `Settler_BelowBound`.
 * @example
 * const hash = await captureAndSettle(keeper, { deployment, orders: [{ payment }], group, merchants: [payment.merchant], solver })
 */
export async function captureAndSettle(client: SendingClient, parameters: CaptureAndSettleParameters): Promise<Hash> {
  const { deployment, orders, group, merchants, solver, messageFee = 0n } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.captureAndSettle,
    abi: captureAndSettleAbi,
    functionName: 'captureAndSettle',
    args: [packOrders(orders), group, ascending(merchants), solver?.address ?? zeroAddress, solver?.data ?? '0x'],
    value: messageFee,
  })
}
