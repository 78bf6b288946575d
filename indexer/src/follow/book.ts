/** Facts arranged for looking up: what left an account's ledger, what a settlement was, where a message came out. */
import type { Address, Hex } from 'viem'
import type {
  ArrivalFact,
  LedgerAccount,
  MessageStepFact,
  PayoutFact,
  SettlementFact,
  WithdrawalFact,
} from './facts.ts'

export interface Facts {
  withdrawals: WithdrawalFact[]
  /** All payouts of every settlement among them: a tip is divided over all. */
  payouts: PayoutFact[]
  settlements: SettlementFact[]
  arrivals: ArrivalFact[]
  messageSteps: MessageStepFact[]
}

export interface Book {
  withdrawals: (ledger: LedgerAccount) => WithdrawalFact[]
  payouts: (ledger: LedgerAccount) => PayoutFact[]
  settlement: (chainId: number, id: Hex) => { settlement: SettlementFact; members: PayoutFact[] } | undefined
  arrival: (guid: Hex, merchant: Address) => ArrivalFact | undefined
  messageSteps: (guid: Hex) => MessageStepFact[]
}

/** Two rows of one ledger account have equal keys. */
export function ledgerKey({ chainId, account, token }: LedgerAccount): string {
  return `${chainId}:${account}:${token}`
}

export function openBook(facts: Facts): Book {
  const withdrawals = Map.groupBy(facts.withdrawals, ledgerKey)
  const payouts = Map.groupBy(facts.payouts, (row) => ledgerKey({ ...row, account: row.merchant }))
  const members = Map.groupBy(facts.payouts, (row) => `${row.chainId}:${row.settlementId}`)
  const settlements = new Map(facts.settlements.map((row) => [`${row.chainId}:${row.id}`, row]))
  const arrivals = new Map(facts.arrivals.map((row) => [`${row.ref}:${row.merchant}`, row]))
  const messageSteps = Map.groupBy(facts.messageSteps, (row) => row.guid)
  return {
    withdrawals: (ledger) => withdrawals.get(ledgerKey(ledger)) ?? [],
    payouts: (ledger) => payouts.get(ledgerKey(ledger)) ?? [],
    settlement: (chainId, id) => {
      const settlement = settlements.get(`${chainId}:${id}`)
      return settlement && { settlement, members: members.get(`${chainId}:${id}`) ?? [] }
    },
    arrival: (guid, merchant) => arrivals.get(`${guid}:${merchant}`),
    messageSteps: (guid) => messageSteps.get(guid) ?? [],
  }
}
