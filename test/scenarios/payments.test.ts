import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort, play, registerMerchants, type Scene, scenesOf, type Stack, startStack } from '@mati/demo'
import { parseInvoice } from '@mati/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let stack: Stack
const runDirectory = mkdtempSync(path.join(tmpdir(), 'mati-scenarios-'))

beforeAll(async () => {
  const [a, b, indexer, keeper] = await Promise.all(Array.from({ length: 4 }, () => findFreePort()))
  if (!a || !b || !indexer || !keeper) throw new Error('no free ports')
  stack = await startStack({ ports: { a, b, indexer, keeper }, runDirectory })
})

afterAll(async () => {
  await stack?.stop()
  rmSync(runDirectory, { recursive: true, force: true })
})

/** Scenes of one invoice, each with its expected end. */
function scenes(json: object): Scene[] {
  const chains = stack.chains.map(({ name, deployment: { tokens } }) => ({ name, tokens }))
  return scenesOf(parseInvoice(JSON.stringify({ id: 'scenario', captureWithin: '10m', ...json }), { chains }))
}

describe('payments', () => {
  test('from WETH on A to USDC on B: settled, netted, reclaimed and gasless, to the unit', async () => {
    const route = { pay: { chain: 'A', token: 'WETH' }, receive: { chain: 'B', token: 'USDC' } }
    const four = scenes({ amount: '49.99', currency: 'USD', ...route })
    await registerMerchants(stack, route)

    const { followed, problems } = await play(stack, four, () => {})

    expect(problems).toEqual([])
    const status = Object.fromEntries(followed.map(({ scene, view }) => [scene.name, view.status]))
    expect(status).toEqual({ invoice: 'settled', netted: 'settled', uncaptured: 'reclaimed', gasless: 'settled' })
    const [invoice, netted, uncaptured, gasless] = followed.map(({ view }) => view)
    // One settlement and one message carried both.
    expect(invoice?.payouts[0]?.guid).toMatch(/^0x[0-9a-f]{64}$/)
    expect(netted?.payouts[0]?.guid).toBe(invoice?.payouts[0]?.guid)
    expect(invoice?.timeline.map(({ name, chainId }) => `${name} ${chainId}`)).toEqual([
      'authorized 90901',
      'captured 90901',
      'converted 90901',
      'sent 90901',
      'verified 90902',
      'delivered 90902',
      'credited 90902',
      'converted 90902',
      'paid 90902',
    ])
    expect(uncaptured).toMatchObject({ captured: 0n, held: 0n, returned: uncaptured?.maxAmount, payouts: [] })
    expect(new Set(gasless?.timeline.map(({ chainId }) => chainId))).toEqual(new Set([90_901]))
  })
})
