/** Looks at every chain and at both ends of every pathway, and says what is not as declared. Sends nothing. */
import type { Deployment, ReadingClient } from '@mati/sdk'
import type { ChainConfig, Pathway } from '../config.ts'
import { DeployError } from '../error.ts'
import { declareEnd } from '../pathway.ts'
import { diagnoseChain } from './diagnoseChain.ts'
import { diagnoseEnd } from './diagnoseEnd.ts'
import type { Finding, Remedies, Symptom } from './finding.ts'
import { observeChain } from './observeChain.ts'
import { observeEnd } from './observeEnd.ts'

/** A chain that pathways name: what is deployed there, a node of it, and its config if that is at hand. */
export type Side = {
  client: ReadingClient
  deployment: Deployment
  config: Pick<ChainConfig, 'deployer' | 'roles'> | null
}

export type Examination = {
  chains: number[]
  pathways: string[]
  /** Of these only the chains could be looked at, and something is wrong there. */
  unseen: string[]
  findings: Finding[]
}

/** A node that does not answer: nothing can be said. */
export class UnreadableError extends DeployError {}

/**
 * @throws UnreadableError naming the chain whose node does not answer; DeployError for a pathway to an unknown chain.
 * @example const { findings } = await examine({ sides, pathways, remedies })
 */
export async function examine({
  sides,
  pathways,
  remedies,
}: {
  sides: readonly Side[]
  pathways: readonly Pathway[]
  remedies: Remedies
}): Promise<Examination> {
  const named = sides.filter(({ deployment }) =>
    pathways.some(({ ends }) => ends.some(({ chainId }) => chainId === deployment.chainId)),
  )
  const ofChains = (await Promise.all(named.map((side) => examineChain(side, remedies)))).flat()
  // Where the wrong contracts are, or none, nothing further can be asked.
  const unsound = new Set(
    ofChains.filter(({ check }) => check === 'chain' || check === 'code').map(({ chain }) => chain),
  )
  const isSeen = ({ ends }: Pathway) => ends.every(({ chainId }) => !unsound.has(chainId))
  const ofEnds = await Promise.all(pathways.filter(isSeen).map((pathway) => examinePathway(pathway, sides, remedies)))
  return {
    chains: named.map(({ deployment }) => deployment.chainId),
    pathways: pathways.map(nameOf),
    unseen: pathways.filter((pathway) => !isSeen(pathway)).map(nameOf),
    findings: [...ofChains, ...ofEnds.flat()],
  }
}

async function examineChain({ client, deployment, config }: Side, remedies: Remedies): Promise<Finding[]> {
  const { chainId } = deployment
  const suspects = config
    ? [
        config.deployer,
        ...Object.values(config.roles)
          .flat()
          .map(({ account }) => account),
      ]
    : []
  const observed = await observeChain(client, deployment, suspects).catch(unreadable(chainId))
  return diagnoseChain({ deployment, config }, observed, remedies).map(located(null, chainId))
}

async function examinePathway(pathway: Pathway, sides: readonly Side[], remedies: Remedies): Promise<Finding[]> {
  const [one, other] = pathway.ends.map(({ chainId }) => {
    const side = sides.find(({ deployment }) => deployment.chainId === chainId)
    if (!side) throw new DeployError(`A pathway names chain ${chainId}; pass --rpc with a node of it`)
    return side
  }) as [Side, Side]
  const look = async (here: Side, there: Side) => {
    const declared = declareEnd(pathway, here.deployment, there.deployment)
    const { chainId } = here.deployment
    return { chainId, declared, observed: await observeEnd(here.client, declared).catch(unreadable(chainId)) }
  }
  const [a, b] = await Promise.all([look(one, other), look(other, one)])
  const diagnose = (near: typeof a, far: typeof a) =>
    diagnoseEnd(near.declared, near.observed, far.observed, remedies).map(located(nameOf(pathway), near.chainId))
  return [...diagnose(a, b), ...diagnose(b, a)]
}

function nameOf({ ends }: Pathway): string {
  return ends
    .map(({ chainId }) => chainId)
    .toSorted((a, b) => a - b)
    .join('-')
}

function located(pathway: string | null, chain: number): (symptom: Symptom) => Finding {
  return (symptom) => ({ pathway, chain, severity: 'error', ...symptom })
}

function unreadable(chainId: number): (cause: unknown) => never {
  return (cause) => {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new UnreadableError(`Chain ${chainId} cannot be read: ${why}`, { cause })
  }
}
