import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  test('takes several nodes, and names the variable that is wrong', () => {
    const some = { ...rpc, MATI_DEPLOYMENTS: a, MATI_RPC_1: 'http://x, https://y' }
    expect(readConfig(some).chains[0]?.rpcUrls).toEqual(['http://x', 'https://y'])
    expect(() => readConfig({ ...some, MATI_RPC_1: 'http://x,y' })).toThrow('MATI_RPC_1')
    expect(() => readConfig({})).toThrow('MATI_DEPLOYMENTS')
    expect(() => readConfig({ MATI_DEPLOYMENTS: a })).toThrow('MATI_RPC_1')
    expect(() => readConfig({ ...rpc, MATI_DEPLOYMENTS: a, MATI_WS_1: 'http://x' })).toThrow('MATI_WS_1')
    expect(() => readConfig({ ...rpc, MATI_DEPLOYMENTS: a, DATABASE_URL: 'mysql://x' })).toThrow('DATABASE_URL')
  })

  test('names the file that is wrong, and what two have in common', () => {
    expect(() => readConfig({ ...rpc, MATI_DEPLOYMENTS: join(folder, 'none.json') })).toThrow('none.json')
    const empty = mkdtempSync(join(tmpdir(), 'mati-config-'))
    expect(() => readConfig({ ...rpc, MATI_DEPLOYMENTS: empty })).toThrow('holds no deployment')
    const elsewhere = join(empty, 'twin.json')
    writeFileSync(elsewhere, JSON.stringify(deployment('c', 1, 13, 0x3000)))
    expect(() => readConfig({ ...rpc, MATI_DEPLOYMENTS: `${a},${elsewhere}` })).toThrow('the same chainId')
  })
})
