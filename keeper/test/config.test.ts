import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidInputError } from '@mati/sdk'
import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { deployment } from './support/deployment.ts'

let folder: string
const key = `0x${'11'.repeat(32)}`

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-config-'))
  writeFileSync(join(folder, '1.json'), JSON.stringify(deployment({ chainId: 1, name: 'a' })))
  writeFileSync(join(folder, '2.json'), JSON.stringify(deployment({ chainId: 2, name: 'b' })))
})
afterAll(() => rmSync(folder, { recursive: true }))

const valid = () => ({
  MATI_DEPLOYMENTS: folder,
  MATI_RPC_1: 'http://127.0.0.1:1',
  MATI_RPC_2: 'http://127.0.0.1:2',
  KEEPER_PRIVATE_KEY: key,
})

function issuesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('readConfig', () => {
  test('needs deployments, their RPCs and a key, and knows the rest', () => {
    const config = readConfig(valid())
    expect(config.chains.map(({ deployment, rpcUrl, wsUrl }) => [deployment.name, rpcUrl, wsUrl])).toEqual([
      ['a', 'http://127.0.0.1:1', undefined],
      ['b', 'http://127.0.0.1:2', undefined],
    ])
    expect(config).toMatchObject({
      indexerUrl: 'http://127.0.0.1:42069',
      privateKey: key,
      database: { kind: 'embedded', dataDir: '.mati/keeper' },
      host: '127.0.0.1',
      port: 42_070,
      jobs: ['capture', 'settle', 'reclaim', 'resolve', 'deliver', 'open'],
      pollMs: 500,
      minBalance: parseEther('0.05'),
      minSettleUsdWad: 0n,
    })
  })

  test('reads what is set', () => {
    const config = readConfig({
      ...valid(),
      MATI_WS_1: 'ws://127.0.0.1:1',
      DATABASE_URL: 'postgres://keeper@127.0.0.1/mati',
      KEEPER_JOBS: 'settle, deliver',
      KEEPER_MIN_BALANCE: '2',
      KEEPER_MIN_SETTLE_USD: '1.5',
      KEEPER_MAX_FEE_GWEI: '30',
    })
    expect(config.chains[0]?.wsUrl).toBe('ws://127.0.0.1:1')
    expect(config).toMatchObject({
      database: { kind: 'postgres', url: 'postgres://keeper@127.0.0.1/mati' },
      jobs: ['settle', 'deliver'],
      minBalance: parseEther('2'),
      minSettleUsdWad: parseEther('1.5'),
      maxFeePerGas: 30n * 10n ** 9n,
    })
  })

  test('takes an empty variable as one that is not set', () => {
    expect(readConfig({ ...valid(), DATABASE_URL: '', PORT: '' }).port).toBe(42_070)
  })

  test('tells all that is wrong at once', () => {
    expect(
      issuesOf({
        MATI_DEPLOYMENTS: folder,
        MATI_RPC_1: 'ftp://x',
        MATI_WS_2: 'http://x',
        KEEPER_PRIVATE_KEY: '0x12',
        PORT: '70000',
        KEEPER_JOBS: 'capture,dance',
        KEEPER_MIN_BALANCE: '-1',
        DATABASE_URL: 'mysql://x',
      }),
    ).toEqual([
      'KEEPER_PRIVATE_KEY: must be a private key: 0x and 64 hex digits',
      'DATABASE_URL: must be a URL beginning with postgres:// or postgresql://',
      'PORT: must be a port: 0 to 65535',
      'KEEPER_JOBS: must be a list of: capture, settle, reclaim, resolve, deliver, open',
      'KEEPER_MIN_BALANCE: must be a number that is not negative, such as 0.05',
      'MATI_RPC_1: must be a URL beginning with http:// or https:// (the RPC of chain a)',
      'MATI_RPC_2: is missing (the RPC of chain b)',
      'MATI_WS_2: must be a URL beginning with ws:// or wss:// (the RPC of chain b)',
    ])
  })

  test('says where deployments are missing', () => {
    expect(issuesOf({ ...valid(), MATI_DEPLOYMENTS: '/nowhere' })).toEqual([
      'MATI_DEPLOYMENTS: no <chainId>.json in /nowhere: deploy first, or name the folder',
    ])
  })

  test('names a deployment file that cannot be read', () => {
    const broken = mkdtempSync(join(tmpdir(), 'keeper-config-'))
    writeFileSync(join(broken, '1.json'), '{}')
    const [issue] = issuesOf({ ...valid(), MATI_DEPLOYMENTS: broken })
    expect(issue).toContain(`MATI_DEPLOYMENTS: ${join(broken, '1.json')}: The deployment is not valid`)
    rmSync(broken, { recursive: true })
  })
})
