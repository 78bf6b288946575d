import { createPublicClient, custom, encodeAbiParameters, encodeFunctionResult, multicall3Abi } from 'viem'
import { expect, test } from 'vitest'
import { readSupply } from '../src/alarms/read-supply.ts'
import { here } from './support/chain.ts'

/** A node that answers every call of Multicall3 with the same numbers. */
function clientOf(numbers: readonly bigint[]) {
  const result = numbers.map((number) => ({
    success: true,
    returnData: encodeAbiParameters([{ type: 'uint256' }], [number]),
  }))
  const answer = encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result })
  return createPublicClient({ transport: custom({ request: () => Promise.resolve(answer) }) })
}

test('readSupply reads block and supply of a chain, twice', async () => {
  const chains = [{ client: clientOf([7n, 1_000n]), deployment: here }]
  const sight = await readSupply(chains as unknown as Parameters<typeof readSupply>[0])
  expect(sight.earlier).toMatchObject([{ blockNumber: 7n, supply: 1_000n }])
  expect(sight.later).toEqual(sight.earlier)
})
