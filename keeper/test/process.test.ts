import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hexToNumber } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Health } from '../src/health.ts'
import { startKeeper, type StartedKeeper } from '../src/start.ts'
import { FUNDED_KEY, freePort, startAnvil, waitUntil, type Anvil } from './support/anvil.ts'
import { deployment } from './support/deployment.ts'
import { startIndexStub } from './support/indexer.ts'
import { paymentView } from './support/views.ts'

const CHAIN_ID = 31_337
const signer = privateKeyToAddress(FUNDED_KEY)
const { escrow } = deployment().contracts
/** Stands where the escrow would be, and counts the calls that reach it: SSTORE(0, SLOAD(0) + 1). */
const COUNTER = '0x60005460010160005500'

let anvil: Anvil
let index: Awaited<ReturnType<typeof startIndexStub>>
let folder: string
let env: Record<string, string>
let keeper: StartedKeeper | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-process-'))
  mkdirSync(join(folder, 'deployments'))
  writeFileSync(join(folder, 'deployments', `${CHAIN_ID}.json`), JSON.stringify(deployment({ chainId: CHAIN_ID })))
  anvil = await startAnvil()
  index = await startIndexStub()
  env = {
    MATI_DEPLOYMENTS: join(folder, 'deployments'),
    [`MATI_RPC_${CHAIN_ID}`]: anvil.url,
    [`MATI_WS_${CHAIN_ID}`]: anvil.url.replace('http', 'ws'),
    MATI_INDEXER_URL: index.url,
    KEEPER_PRIVATE_KEY: FUNDED_KEY,
    KEEPER_DATA_DIR: join(folder, 'data'),
    KEEPER_POLL_MS: '50',
    KEEPER_REBROADCAST_SECONDS: '0.2',
    PORT: String(await freePort()),
  }
}, 60_000)
afterEach(async () => {
  await keeper?.stop()
  keeper = undefined
  await index.stop()
  await anvil.stop()
  rmSync(folder, { recursive: true })
}, 60_000)

const start = (onExit?: (exit: { code: number | null; lastWords: string }) => void) =>
  startKeeper({ env, logFile: join(folder, 'keeper.log'), ...(onExit && { onExit }) })
const pool = () => anvil.client.getTransactionCount({ address: signer, blockTag: 'pending' })
const count = async () => hexToNumber((await anvil.client.getStorageAt({ address: escrow, slot: '0x0' })) ?? '0x0')
const readHealth = async (url: string) => {
  const response = await fetch(`${url}/health`)
  return { status: response.status, health: (await response.json()) as Health }
}

describe('the process', { timeout: 120_000 }, () => {
  test('is well, shows its numbers, and ends with 0 when asked to', async () => {
    keeper = await start()
    const { status, health } = await readHealth(keeper.url)
    expect(status).toBe(200)
    expect(health.jobs.map(({ name }) => name)).toEqual(['capture', 'settle', 'reclaim', 'resolve', 'deliver', 'open'])
    expect(health.chains).toMatchObject([{ chainId: CHAIN_ID, signer, pending: [] }])
    expect(await (await fetch(`${keeper.url}/metrics`)).text()).toContain(
      'keeper_plans_total{job="settle",result="ok"}',
    )
    expect((await fetch(`${keeper.url}/other`)).status).toBe(404)

    expect(await keeper.stop()).toBe(0)
    expect(readFileSync(join(folder, 'keeper.log'), 'utf8')).toContain('"msg":"stopped"')
  })

  test('reclaims what is over, once, though it is killed after broadcasting', async () => {
    await anvil.control.setCode({ address: escrow, bytecode: COUNTER })
    index.rows['payments'] = [paymentView({ chainId: CHAIN_ID })]
    const exits: (number | null)[] = []
    const killed = await start(({ code }) => exits.push(code))
    await waitUntil(async () => (await pool()) === 1, 30_000)
    process.kill(killed.pid, 'SIGKILL')
    await waitUntil(() => exits.length === 1)
    expect(exits).toEqual([null])

    // What the pool held is lost as well: only the keeper's database knows of it.
    await anvil.control.request({ method: 'anvil_dropAllTransactions' } as never)
    keeper = await start()
    await waitUntil(async () => (await pool()) === 1, 30_000)
    await anvil.mine()
    index.rows['payments'] = []
    const { url } = keeper
    await waitUntil(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return metrics.includes(`keeper_transactions_total{chain="${CHAIN_ID}",result="mined"} 1`)
    })
    expect(await count()).toBe(1)
    expect(await anvil.client.getTransactionCount({ address: signer })).toBe(1)
    expect((await readHealth(url)).health.chains[0]?.pending).toEqual([])
  })

  test('is unwell for want of money, and says whom to fund', async () => {
    env['KEEPER_MIN_BALANCE'] = '1000000'
    const unwell = startKeeper({ env, logFile: join(folder, 'keeper.log'), timeoutMs: 60_000 })
    const url = `http://127.0.0.1:${env['PORT']}`
    await waitUntil(async () => {
      const answer = await readHealth(url).catch(() => undefined)
      return answer?.status === 503 && answer.health.problems.some((problem) => problem.endsWith('fund it'))
    }, 60_000)
    await anvil.control.setBalance({ address: signer, value: 10n ** 25n })
    keeper = await unwell
    expect((await readHealth(url)).status).toBe(200)
  })

  test('says all that is wrong with its environment, and starts nothing', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env['PATH'], ...env, PORT: 'x', KEEPER_PRIVATE_KEY: '' },
    })
    let output = ''
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).toBe(1)
    expect(output).toMatch(/KEEPER_PRIVATE_KEY: is missing[^]*PORT: /)
  })
})
