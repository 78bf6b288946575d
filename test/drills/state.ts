/** What there is on both chains: printed before and after, and added up. */
import { type Address, formatEther, getAbiItem, type Hex } from 'viem'
import { expect } from 'vitest'
import { GENESIS } from '../../demo/src/config.ts'
import { type Chain, contractsOf, look, type World } from './world.ts'

type State = {
  supply: bigint
  sent: bigint
  received: bigint
  held: bigint
  ledgers: bigint
  gateway: bigint
  returnable: bigint
  /** USDC, in whole ones as if of 18 decimals. */
  usdcHeld: bigint
  usdcLedgers: bigint
}

async function logsOf(chain: Chain, contract: 'escrow' | 'gateway', name: string) {
  const { address, abi } = contractsOf(chain)[contract]
  const event = getAbiItem({ abi, name }) as never
  const logs = await chain.client.getLogs({ address, event, fromBlock: 0n })
  return logs.map((log) => (log as unknown as { args: Record<string, unknown> }).args)
}

/** Ledgers are read for everyone who was ever credited; no drill has holds. */
async function stateOf(chain: Chain, other: Chain): Promise<State> {
  const { token, escrow, gateway } = contractsOf(chain)
  const credited = new Set((await logsOf(chain, 'escrow', 'Credited')).map(({ account }) => account as Address))
  const kept = new Set((await logsOf(chain, 'gateway', 'PayoutsReturnable')).map(({ guid }) => guid as Hex))
  const sum = async (parts: Promise<bigint>[]) => (await Promise.all(parts)).reduce((total, part) => total + part, 0n)
  const ledgersIn = (asset: Address) =>
    sum([...credited].map((account) => look(chain, 'escrow', 'balanceOf', [account, asset])))
  const { usdc } = chain.tokens
  return {
    supply: await look(chain, 'token', 'totalSupply'),
    sent: await look(chain, 'token', 'sent', [other.eid]),
    received: await look(chain, 'token', 'received', [other.eid]),
    held: await look(chain, 'token', 'balanceOf', [escrow.address]),
    ledgers: await ledgersIn(token.address),
    gateway: await look(chain, 'token', 'balanceOf', [gateway.address]),
    returnable: await sum(
      [...kept].map(async (guid) => (await look<{ amount: bigint }>(chain, 'gateway', 'returnable', [guid])).amount),
    ),
    usdcHeld: (await chain.balanceOf(usdc, escrow.address)) * 10n ** 12n,
    usdcLedgers: (await ledgersIn(usdc)) * 10n ** 12n,
  }
}

/**
 * Σ supply and what is in flight are the genesis mint (invariant 11); the escrow holds its ledgers (1) and the gateway
 * what it has to give back: to the unit, since nothing was sent there by hand.
 */
async function checkAll({ chains: [a, b] }: World, title: string): Promise<void> {
  const [at, bt] = [await stateOf(a, b), await stateOf(b, a)]
  const line = (name: string, state: State) =>
    `  ${name}  ` +
    Object.entries(state)
      .map(([key, amount]) => `${key} ${formatEther(amount)}`)
      .join(' · ')
  console.log([title, line('A', at), line('B', bt)].join('\n'))
  expect(at.supply + bt.supply + at.sent - bt.received + bt.sent - at.received, 'supply').toBe(GENESIS)
  expect(at.sent >= bt.received && bt.sent >= at.received, 'nothing arrives that was not sent').toBe(true)
  for (const { held, ledgers, gateway, returnable, usdcHeld, usdcLedgers } of [at, bt]) {
    expect(held, 'escrow').toBe(ledgers)
    expect(usdcHeld, 'escrow, USDC').toBe(usdcLedgers)
    expect(gateway, 'gateway').toBe(returnable)
  }
}

/** Runs a drill from the state after the deployment, with what there was before and after. */
export async function drill(world: World, name: string, run: () => Promise<void>): Promise<void> {
  await world.reset()
  await checkAll(world, `${name}: before`)
  await run()
  await checkAll(world, `${name}: after`)
}

/** What arrived for an account. */
export function balanceOf(chain: Chain, account: Address): Promise<bigint> {
  return look(chain, 'token', 'balanceOf', [account])
}
