/** A small model of two chains' ledgers that writes down the facts their contracts would emit. */
import { type Address, type Hex, pad, toHex } from 'viem'
import type { Facts } from '../src/follow/book.ts'
import type { Fact, LedgerAccount, PaymentFact, PayoutFact } from '../src/follow/facts.ts'
import type { PaymentFacts } from '../src/follow/payment.ts'

export const A = 1
export const B = 2
/** Tokens by their names in tests. */
export const token = {
  weth: address(0xa1),
  matiA: address(0xa2),
  usdcA: address(0xa3),
  matiB: address(0xb2),
  usdcB: address(0xb3),
}

/** Where a merchant's payouts from A arrive on B. */
export function payoutAccountOf(merchant: Address): Address {
  return address(Number(merchant) + 0x1000)
}

export function address(n: number): Address {
  return pad(toHex(n), { size: 20 })
}

export interface WorldPayment extends PaymentFacts {
  payment: PaymentFact
}

export interface SettleOptions {
  chainId: number
  token: Address
  delivered: Address
  members: { merchant: Address; amountIn: bigint; amountOut: bigint }[]
  tip?: bigint
  messageRepaid?: bigint
  /** Whether a message carries it to the other chain. */
  isSent?: boolean
}

export function createWorld() {
  const facts: Facts = { withdrawals: [], payouts: [], settlements: [], arrivals: [], messageSteps: [] }
  const payments: WorldPayment[] = []
  const ledgers = new Map<string, { credited: bigint; debited: bigint }>()
  let clock = 1_000
  let counter = 0

  const newId = (): Hex => pad(toHex(++counter), { size: 32 })
  const fact = (chainId: number): Fact => {
    clock += 1
    return {
      chainId,
      hash: newId(),
      blockNumber: BigInt(clock),
      logIndex: ++counter,
      timestamp: clock,
      gasUsed: 21_000n,
    }
  }
  const ledger = ({ chainId, account, token }: LedgerAccount) => {
    const key = `${chainId}:${account}:${token}`
    const entry = ledgers.get(key) ?? { credited: 0n, debited: 0n }
    ledgers.set(key, entry)
    return entry
  }
  const credit = (account: LedgerAccount, amount: bigint) => {
    const entry = ledger(account)
    entry.credited += amount
    return { low: entry.credited - amount, high: entry.credited }
  }
  const debit = (account: LedgerAccount, amount: bigint) => {
    const entry = ledger(account)
    entry.debited += amount
    if (entry.debited > entry.credited) throw new Error('more was debited than credited')
    return { low: entry.debited - amount, high: entry.debited }
  }

  return {
    facts,
    payments,
    balanceOf: (account: LedgerAccount): bigint => ledger(account).credited - ledger(account).debited,

    authorize(terms: { chainId?: number; merchant: Address; token: Address; maxAmount: bigint }): WorldPayment {
      const { chainId = A, ...rest } = terms
      const payment: PaymentFact = { ...fact(chainId), ...rest, id: newId(), state: 'authorized', captured: 0n }
      const made = { payment, captures: [], returns: [], interventions: [], refunds: [] }
      payments.push(made)
      return made
    },

    capture({ payment, captures }: WorldPayment, amount: bigint, { fee = 0n, isFinal = true } = {}): void {
      const { chainId, merchant: account, token, id } = payment
      const range = credit({ chainId, account, token }, amount - fee)
      captures.push({ ...fact(chainId), ...range, paymentId: id, amount, resolvedBy: null })
      payment.captured += amount
      if (isFinal) payment.state = 'captured'
    },

    end({ payment, returns }: WorldPayment, kind: 'voided' | 'reclaimed'): void {
      const amount = payment.maxAmount - payment.captured
      returns.push({ ...fact(payment.chainId), paymentId: payment.id, kind, amount })
      payment.state = kind
    },

    withdraw(account: LedgerAccount, amount: bigint): void {
      facts.withdrawals.push({ ...fact(account.chainId), ...account, ...debit(account, amount), refundOf: null })
    },

    intervene({ payment, interventions }: WorldPayment, kind: 'disputed' | 'frozen'): void {
      interventions.push({ ...fact(payment.chainId), paymentId: payment.id, kind })
      if (kind === 'disputed') payment.state = 'disputed'
    },

    /** Splits a disputed hold: `amount` is captured, the rest goes back. */
    resolve({ payment, captures }: WorldPayment, amount: bigint): void {
      const { chainId, merchant: account, token, id } = payment
      const range = credit({ chainId, account, token }, amount)
      captures.push({ ...fact(chainId), ...range, paymentId: id, amount, resolvedBy: address(0xab) })
      payment.captured += amount
      payment.state = 'resolved'
    },

    /** Gives captured money back, out of the merchant's ledger. */
    refund({ payment, refunds }: WorldPayment, amount: bigint): void {
      const { chainId, merchant: account, token, id } = payment
      const origin = fact(chainId)
      const ledger = { chainId, account, token }
      refunds.push({ ...origin, paymentId: id, amount })
      facts.withdrawals.push({ ...origin, ...ledger, ...debit(ledger, amount), refundOf: id })
    },

    settle({ chainId, members, tip = 0n, messageRepaid = 0n, isSent = false, ...tokens }: SettleOptions) {
      const id = newId()
      const origin = fact(chainId)
      const payouts = members.map(({ merchant, amountIn, amountOut }, i): PayoutFact => {
        const range = debit({ chainId, account: merchant, token: tokens.token }, amountIn)
        const logIndex = origin.logIndex * 100 + i
        return { ...origin, ...range, logIndex, settlementId: id, merchant, token: tokens.token, amountOut }
      })
      const guid = isSent ? newId() : null
      const rate = { rateWad: 1n, baseRoundId: 1n, quoteRoundId: 1n }
      facts.payouts.push(...payouts)
      facts.settlements.push({ ...origin, ...tokens, asset: tokens.delivered, id, tip, messageRepaid, ...rate, guid })
      return { id, guid, payouts }
    },

    deliver(guid: Hex, payouts: PayoutFact[]): void {
      facts.messageSteps.push({ ...fact(B), guid, kind: 'verified' }, { ...fact(B), guid, kind: 'delivered' })
      const origin = fact(B)
      for (const { merchant, amountOut } of payouts) {
        if (amountOut === 0n) continue
        const account = { chainId: B, account: payoutAccountOf(merchant), token: token.matiB }
        facts.arrivals.push({ ...origin, ...account, merchant, ...credit(account, amountOut), ref: guid })
      }
    },
  }
}
