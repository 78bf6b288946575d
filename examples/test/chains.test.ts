import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { findFreePort } from '@mati/devnet'
import { createApi, sendCall, waitForPayment } from '@mati/sdk'
import { createWalletClient, erc20Abi, http, zeroAddress, zeroHash } from 'viem'
import { mainnet } from 'viem/chains'
import { getBlock } from 'viem/actions'
import { describe, expect, test } from 'vitest'
import { accounts, describeUnreachable } from '../chains.ts'

const freeUrl = async () => `http://127.0.0.1:${await findFreePort()}`
const clientOf = (url: string) =>
  createWalletClient({ account: accounts.payer1, chain: mainnet, transport: http(url, { retryCount: 0 }) })
const errorOf = (promise: Promise<unknown>) => promise.then(() => null).catch((error: unknown) => error)

describe('describeUnreachable', () => {
  test('tells where no node answers, and how to start one', async () => {
    const url = await freeUrl()
    const client = clientOf(url)
    const args = [zeroAddress, 1n] as const
    const call = { address: zeroAddress, abi: erc20Abi, functionName: 'approve', args } as const
    for (const error of [await errorOf(getBlock(client)), await errorOf(sendCall(client, call))]) {
      expect(describeUnreachable(error)).toBe(
        `The local network is not reachable at ${url}. ` +
          'Run `npm start` in another terminal and wait until it prints its endpoints.',
      )
    }
  })

  test('tells where no indexer answers, and that a wait was for nothing', async () => {
    const url = await freeUrl()
    const api = createApi({ url })
    const wait = waitForPayment(api, { id: zeroHash, timeoutMs: 100, pollMs: 10 })
    for (const error of [await errorOf(api.getFeeds()), await errorOf(wait)]) {
      expect(describeUnreachable(error)).toMatch(`The local network is not reachable at ${url}. `)
    }
  })

  test('leaves everything else to its own words', async () => {
    const server = createServer((_, response) => response.writeHead(500).end('no'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(describeUnreachable(await errorOf(getBlock(client)))).toBeNull()
    server.close()
    expect(describeUnreachable(new RangeError('There is no chain D'))).toBeNull()
  })
})
