/** What DVNs attest on a chain, block by block: a message that could not be delivered before may now. */
import { receiveUln302Abi } from '@mati/sdk'
import { toAddress } from '@mati/sdk/layerzero'
import { getAbiItem, isAddressEqual, keccak256, slice, type Hex } from 'viem'
import type { Chain } from '../chains.ts'

/** Further back nothing is looked up: what was missed is found by trying, later. */
const MAX_BLOCKS = 100n
const event = getAbiItem({ abi: receiveUln302Abi, name: 'PayloadVerified' })

export type Attestations = {
  /** The guids of our token's messages that were attested since the last call; of the latest block at the first. */
  next(): Promise<Hex[]>
}

export function watchAttestations({ client, deployment }: Chain): Attestations {
  let seen: bigint | undefined
  return {
    async next() {
      const head = await client.getBlockNumber()
      const from = seen === undefined || head - seen > MAX_BLOCKS ? head : seen + 1n
      if (from > head) return []
      const logs = await client.getLogs({
        address: deployment.external.receiveLibrary,
        event,
        fromBlock: from,
        toBlock: head,
        strict: true,
      })
      seen = head
      const guids = logs.flatMap(({ args: { header } }) =>
        isAddressEqual(receiverOf(header), deployment.contracts.token) ? [guidOfHeader(header)] : [],
      )
      return [...new Set(guids)]
    },
  }
}

/** The last word of a header; see `@mati/sdk/layerzero`. */
function receiverOf(header: Hex) {
  return toAddress(slice(header, 49, 81))
}

/** A guid is the hash of a header without its version. */
function guidOfHeader(header: Hex): Hex {
  return keccak256(slice(header, 1))
}
