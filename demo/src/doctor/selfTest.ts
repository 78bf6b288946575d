/** Breaks each thing in turn on local chains, and holds what the doctor finds against what was broken. */
import { type Examination, examine, type Side } from '@mati/contracts/script/doctor/examine'
import { chainChecks } from '@mati/contracts/script/doctor/finding'
import { type Devnet, findFreePort, localChains, startDevnet } from '@mati/devnet'
import { type DeployedChain, deployLocal, type LocalDeployment, wireLocal } from '../deployment.ts'
import { createLifetime } from '../lifetime.ts'
import { type Declaration, type Fault, type Refusal, type Site, testClient } from './fault.ts'
import { faults } from './faults.ts'
import { refusals } from './refusals.ts'

export type SelfTestRow = {
  fault: string
  /** Each `<pathway or "chain"> <chain id> <check>`, or what the error must say. */
  expected: string[]
  found: string[]
  /** Whether wiring again made it good; null where wiring is not what mends it. */
  isMended: boolean | null
  isCaught: boolean
}

/**
 * Starts local chains on free ports, deploys and wires, sees that all is healthy, and then breaks each thing in turn.
 * Ends the chains, whatever happens.
 * @throws Error if the doctor finds anything before something was broken.
 */
export async function selfTest({
  onStep,
  onRow,
  signal,
}: {
  onStep: (step: string) => void
  onRow: (row: SelfTestRow) => void
  signal?: AbortSignal
}): Promise<SelfTestRow[]> {
  const lifetime = createLifetime(signal)
  try {
    onStep('starting local chains')
    const [a, b, c] = await Promise.all([findFreePort(), findFreePort(), findFreePort()])
    const devnet = await lifetime.begin(startDevnet({ chains: localChains({ a, b, c }) }))
    devnet.died.catch(lifetime.end)
    onStep('deploying Mati on each, and wiring every pathway')
    const local = await lifetime.within(deployLocal(devnet))
    return await lifetime.within(breakEverything(local, devnet, { onStep, onRow }))
  } finally {
    await lifetime.stop()
  }
}

async function breakEverything(
  local: LocalDeployment,
  { accounts }: Devnet,
  { onStep, onRow }: Pick<Parameters<typeof selfTest>[0], 'onStep' | 'onRow'>,
): Promise<SelfTestRow[]> {
  const declaration: Declaration = {
    pathways: local.pathways,
    sides: local.chains.map(({ client, deployment, config }): Side => ({ client, deployment, config })),
  }
  const { chains, pathways, findings } = await look(declaration)
  if (findings.length > 0) {
    throw new Error(`Something is wrong before anything was broken: ${JSON.stringify(findings, null, 2)}`)
  }
  onStep(`healthy: ${chains.length} chains, both ends of ${pathways.length} pathways; now breaking each thing in turn`)
  const [here, there] = local.chains as [DeployedChain, DeployedChain]
  // Either end in turn, so that both are seen to be looked at.
  const sites: Site[] = [
    { here, there, accounts },
    { here: there, there: here, accounts },
  ]
  const rows: SelfTestRow[] = []
  const trials = [
    ...faults.map((fault) => (site: Site) => tryFault(fault, site, declaration, local)),
    ...refusals.map((refusal) => (site: Site) => tryRefusal(refusal, site)),
  ]
  for (const [i, trial] of trials.entries()) {
    const restore = await Promise.all(local.chains.map(snapshot))
    const row = await trial(sites[i % 2] as Site)
    await Promise.all(restore.map((chain) => chain()))
    rows.push(row)
    onRow(row)
  }
  return rows
}

async function tryFault(
  fault: Fault,
  site: Site,
  declaration: Declaration,
  local: LocalDeployment,
): Promise<SelfTestRow> {
  const changed = (await fault.inflict(site, declaration)) ?? declaration
  const found = keysOf(await look(changed))
  const expected = expectedOf(fault, site, local)
  const isFound = found.join() === expected.join()
  let isMended: boolean | null = null
  if (fault.isWired) {
    await wireLocal(local, 'admin')
    isMended = (await look(declaration)).findings.length === 0
  }
  return { fault: fault.name, expected, found, isMended, isCaught: isFound && isMended !== false }
}

async function tryRefusal({ name, attempt, says }: Refusal, site: Site): Promise<SelfTestRow> {
  const refused = await attempt(site).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
  const isCaught = says.test(refused)
  return { fault: name, expected: [String(says)], found: [refused.split('\n')[0] ?? ''], isMended: null, isCaught }
}

function look(declaration: Declaration): Promise<Examination> {
  return examine({ ...declaration, remedies: { wire: 'wire.ts', handOver: () => 'deploy.ts --hand-over' } })
}

function keysOf({ findings }: Examination): string[] {
  return [...new Set(findings.map(({ pathway, chain, check }) => `${pathway ?? 'chain'} ${chain} ${check}`))].toSorted()
}

function expectedOf({ finds, isChainWide }: Fault, { here, there }: Site, { pathways }: LocalDeployment): string[] {
  const names = pathways
    .filter(({ ends }) => ends.some(({ chainId }) => chainId === here.chainId))
    .filter(({ ends }) => isChainWide || ends.some(({ chainId }) => chainId === there.chainId))
    .map(({ ends }) => `${ends[0].chainId}-${ends[1].chainId}`)
  return finds
    .flatMap((check) => (check in chainChecks ? ['chain'] : names).map((name) => `${name} ${here.chainId} ${check}`))
    .toSorted()
}

async function snapshot(chain: DeployedChain): Promise<() => Promise<void>> {
  const anvil = testClient(chain)
  const id = await anvil.snapshot()
  return () => anvil.revert({ id })
}
