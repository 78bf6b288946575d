import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidInputError } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../src/config/read.ts'
import { deployment } from './deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'mati-config-'))

function write(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}

const a = write('1.json', deployment('a', 1, 11, 0x1000))
const b = write('2.json', deployment('b', 2, 12, 0x2000))
const rpc = {
  MATI_RPC_1: 'http://127.0.0.1:1',
  MATI_WS_1: 'ws://127.0.0.1:1',
  MATI_RPC_2: 'http://127.0.0.1:2',
  MATI_WS_2: 'ws://127.0.0.1:2',
}

function issuesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof InvalidInputError && error.code === 'CONFIG_INVALID') return error.issues
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('readConfig', () => {
  test('reads the deployments of a folder or of a list', () => {
    const fromFolder = readConfig({ ...rpc, MATI_DEPLOYMENTS: folder })
    expect(fromFolder.chains.map(({ deployment, wsUrl }) => [deployment.name, wsUrl])).toEqual([
      ['a', rpc.MATI_WS_1],
      ['b', rpc.MATI_WS_2],
    ])
    expect(readConfig({ ...rpc, MATI_DEPLOYMENTS: `${a}, ${b}` })).toEqual(fromFolder)
    expect(readConfig({ ...rpc, MATI_DEPLOYMENTS: b }).chains).toHaveLength(1)
  })

  test('is embedded unless it is given a PostgreSQL', () => {
    expect(readConfig({ ...rpc, MATI_DEPLOYMENTS: a, MATI_INDEXER_DATA: '/data' }).database).toEqual({
      kind: 'pglite',
      directory: '/data',
    })
    const connectionString = 'postgresql://localhost/mati'
    expect(readConfig({ ...rpc, MATI_DEPLOYMENTS: a, DATABASE_URL: connectionString }).database).toEqual({
      kind: 'postgres',
      connectionString,
    })
  })

  test('takes several nodes', () => {
    const some = { ...rpc, MATI_DEPLOYMENTS: a, MATI_RPC_1: 'http://x, https://y' }
    expect(readConfig(some).chains[0]?.rpcUrls).toEqual(['http://x', 'https://y'])
  })

  test('takes an empty variable as one that is not set', () => {
    expect(readConfig({ ...rpc, MATI_DEPLOYMENTS: a, MATI_INDEXER_DATA: '', DATABASE_URL: '' }).database).toEqual({
      kind: 'pglite',
      directory: '.ponder/pglite',
    })
  })

  test('tells every variable that is missing', () => {
    expect(issuesOf({})).toEqual([
      'MATI_DEPLOYMENTS: is missing; it must be a folder of deployment files (*.json), or files separated by commas',
    ])
    expect(issuesOf({ MATI_DEPLOYMENTS: folder })).toEqual([
      'MATI_RPC_1: is missing; it must be a URL beginning with http:// or https://, or several separated by commas (a node of chain a)',
      'MATI_WS_1: is missing; it must be a URL beginning with ws:// or wss:// (a node of chain a)',
      'MATI_RPC_2: is missing; it must be a URL beginning with http:// or https://, or several separated by commas (a node of chain b)',
      'MATI_WS_2: is missing; it must be a URL beginning with ws:// or wss:// (a node of chain b)',
    ])
  })

  test('tells all that is wrong at once', () => {
    const broken = join(mkdtempSync(join(tmpdir(), 'mati-config-')), 'broken.json')
    writeFileSync(broken, '{}')
    const wrong = {
      MATI_DEPLOYMENTS: `${a},${broken}`,
      MATI_RPC_1: 'http://x,y,z',
      MATI_WS_1: 'http://x',
      DATABASE_URL: 'mysql://x',
    }
    expect(issuesOf(wrong)).toEqual([
      'DATABASE_URL: must be a URL beginning with postgres:// or postgresql://',
      expect.stringMatching(`^MATI_DEPLOYMENTS: ${broken}: The deployment is not valid`),
      'MATI_RPC_1: must be a URL beginning with http:// or https://, or several separated by commas (a node of chain a)',
      'MATI_WS_1: must be a URL beginning with ws:// or wss:// (a node of chain a)',
    ])
  })

  test('names the file or folder that is wrong, and what two have in common', () => {
    const [missing] = issuesOf({ ...rpc, MATI_DEPLOYMENTS: join(folder, 'none.json') })
    expect(missing).toContain(`MATI_DEPLOYMENTS: ${join(folder, 'none.json')}: `)
    const empty = mkdtempSync(join(tmpdir(), 'mati-config-'))
    for (const bare of [empty, '/nowhere']) {
      expect(issuesOf({ ...rpc, MATI_DEPLOYMENTS: bare })).toEqual([
        `MATI_DEPLOYMENTS: ${bare} holds no deployment (*.json); deploy first, or name another folder`,
      ])
    }
    const elsewhere = join(empty, 'twin.json')
    writeFileSync(elsewhere, JSON.stringify(deployment('c', 1, 13, 0x3000)))
    expect(issuesOf({ ...rpc, MATI_DEPLOYMENTS: `${a},${elsewhere}` })).toEqual([
      'MATI_DEPLOYMENTS: two deployments have the same chainId (1, 1)',
    ])
  })
})

test('ponder tells what is wrong without a stack trace', () => {
  const ponder = fileURLToPath(new URL('bin/ponder.js', import.meta.resolve('ponder')))
  const { status, stderr } = spawnSync(process.execPath, [ponder, 'start', '--schema', 'mati_1'], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PONDER_TELEMETRY_DISABLED: 'true', MATI_DEPLOYMENTS: '/nowhere' },
  })
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      'The indexer cannot start. Correct its environment:\n' +
      '  MATI_DEPLOYMENTS: /nowhere holds no deployment (*.json); deploy first, or name another folder\n',
  })
})
