import { InvalidInputError, MatiError, parseDeployment, tokenOf } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { deployment, deploymentJson } from './deployments.ts'

function issuesOf(json: unknown): readonly string[] {
  try {
    parseDeployment(json)
  } catch (error) {
    if (error instanceof InvalidInputError && error.code === 'DEPLOYMENT_INVALID') return error.issues
    throw error
  }
  return []
}

describe('parseDeployment', () => {
  test('reads a file as the deploy path writes it', () => {
    expect(parseDeployment(JSON.stringify(deploymentJson))).toEqual(deploymentJson)
  })

  test('gives addresses their checksum', () => {
    const lower = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
    const json = { ...deploymentJson, contracts: { ...deploymentJson.contracts, escrow: lower } }
    expect(parseDeployment(json).contracts.escrow).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
  })

  test('names each path that is wrong', () => {
    const json = {
      ...deploymentJson,
      contracts: { ...deploymentJson.contracts, escrow: '0x12' },
      external: { ...deploymentJson.external, dvns: [] },
      rpcUrl: 'http://127.0.0.1',
    }
    expect(issuesOf(json)).toEqual([
      'contracts.escrow: must be an address (0x and 40 hex digits)',
      expect.stringMatching(/^external\.dvns: /),
      expect.stringMatching(/^the file: .*rpcUrl/),
    ])
  })

  test('says so of what is no JSON', () => {
    expect(issuesOf('{')).toEqual([expect.stringMatching(/^it is no JSON/)])
  })
})

describe('tokenOf', () => {
  test('finds a token by symbol and by address, in any spelling', () => {
    expect(tokenOf(deployment, 'usdc').symbol).toBe('USDC')
    expect(tokenOf(deployment, deployment.external.wrappedNative.toLowerCase()).symbol).toBe('WETH')
  })

  test('lists those there are for one there is not', () => {
    expect(() => tokenOf(deployment, 'DOGE')).toThrow(MatiError)
    expect(() => tokenOf(deployment, 'DOGE')).toThrow(
      expect.objectContaining({ code: 'TOKEN_UNKNOWN', action: 'Use one of: WETH, USDC.' }),
    )
  })
})
