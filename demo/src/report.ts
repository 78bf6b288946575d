/** The demo's result for programs: what `--json` prints as its last line. Pure but for what it is given. */
import type { Deployment, PaymentView } from '@mati/sdk'
import { getAddress } from 'viem'
import { booksOf } from './books.ts'
import { isConstant, isSolvent, receivedOf, type Solvency, type Supply } from './evidence.ts'
import type { Held } from './payments.ts'

export type Followed = Held & { view: PaymentView; seenMs: ReadonlyMap<string, number> }

const WAD = 10n ** 18n

/** What became of the scenes that were played. */
export type Outcome = {
  followed: readonly Followed[]
  solvency: readonly Solvency[]
  supply: Supply
  /** Everything that is not as it should be; empty if all is well. */
  problems: readonly string[]
}

/** Amounts are decimal strings in the token's smallest unit; the README describes every field. */
export function reportOf(
  { followed, solvency, supply, problems }: Outcome,
  { deployments, wallMs }: { deployments: readonly Deployment[]; wallMs: number },
) {
  return {
    ok: problems.length === 0,
    payments: followed.map((payment) => paymentReport(payment, deployments)),
    invariants: { solvency: isSolvent(solvency), supply: isConstant(supply) },
    evidence: {
      solvency: solvency.map(({ chainId, token, balance, holds, ledger }) => ({
        chainId,
        token: getAddress(token),
        balance: balance.toString(),
        holds: holds.toString(),
        ledger: ledger.toString(),
      })),
      supply: {
        genesis: supply.genesis.toString(),
        perChain: supply.perChain.map(({ chainId, supply: total }) => ({ chainId, supply: total.toString() })),
        ways: supply.ways.map(({ from, to, sent, received }) => ({
          from,
          to,
          sent: sent.toString(),
          received: received.toString(),
        })),
        inFlight: supply.inFlight.toString(),
      },
    },
    problems,
    wallMs,
  }
}

function paymentReport({ scene, view, seenMs }: Followed, deployments: readonly Deployment[]) {
  const { receive } = scene.invoice
  const target = deployments.find(({ name }) => name === receive.chain)
  const asset = target?.tokens.find(({ symbol }) => symbol === receive.token)
  const books = booksOf(view, deployments)
  return {
    name: scene.name,
    id: view.id,
    status: view.status,
    authorized: { chainId: view.chainId, token: getAddress(view.token), amount: view.maxAmount.toString() },
    paid: { chainId: view.chainId, token: getAddress(view.token), amount: view.captured.toString() },
    returned: { chainId: view.chainId, token: getAddress(view.token), amount: view.returned.toString() },
    refunded: { chainId: view.chainId, token: getAddress(view.token), amount: view.refunded.toString() },
    received: { chainId: target?.chainId, token: asset?.address, amount: receivedOf(view).toString() },
    due: { currency: getAddress(view.currency), amount: view.due.toString() },
    rate: rateReport(view),
    slippageBps: books.slippageBps,
    balanced: books.balanced,
    steps: view.timeline.map(({ name, chainId, hash, gasUsed }) => ({
      name,
      chainId,
      hash,
      gasUsed: gasUsed.toString(),
      ms: seenMs.get(`${name} ${chainId} ${hash}`) ?? null,
    })),
  }
}

/** The rate of the capture: 1 without a round where the due is in the token itself, null where nothing was captured. */
function rateReport({ rate, captured }: PaymentView) {
  if (captured === 0n) return null
  return rate
    ? { wad: rate.wad.toString(), roundId: rate.baseRoundId.toString() }
    : { wad: WAD.toString(), roundId: '0' }
}
