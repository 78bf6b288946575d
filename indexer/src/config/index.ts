/** The configuration of this process, and what of it is looked up by chain. */
import { type Deployment, InvalidInputError } from '@mati/sdk'
import type { Hex } from 'viem'
import { type Config, readConfig } from './read.ts'

export const config = readConfigOrExit()

const byChainId = new Map(config.chains.map(({ deployment }) => [deployment.chainId, deployment]))
const byEid = new Map(config.chains.map(({ deployment }) => [deployment.eid, deployment]))

/** The deployment of an indexed chain. @throws For a chain that is not indexed. */
export function deploymentOf(chainId: number): Deployment {
  const deployment = byChainId.get(chainId)
  if (!deployment) throw new Error(`chain ${chainId} is not indexed`)
  return deployment
}

/** The deployment of the chain with that LayerZero endpoint id, if it is indexed. */
export function deploymentOfEid(eid: number): Deployment | undefined {
  return byEid.get(eid)
}

/** An address as the database holds it. */
export function lower<T extends Hex>(address: T): T {
  return address.toLowerCase() as T
}

/** Ponder would show a stack trace in place of what is to be corrected. */
function readConfigOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    process.stderr.write('The indexer cannot start. Correct its environment:\n')
    for (const issue of error.issues) process.stderr.write(`  ${issue}\n`)
    process.exit(1)
  }
}
