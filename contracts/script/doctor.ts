/** Compares both deployed ends of every pathway with the declaration, and says what is wrong and how to mend it. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { MatiError, parseDeployment } from '@mati/sdk'
import { connectReading, fail, parseOptions } from './cli.ts'
import { readChainConfig, readJson, readPathways } from './config.ts'
import { type Examination, examine, type Side, UnreadableError } from './doctor/examine.ts'
import type { Remedies } from './doctor/finding.ts'
import { reportLines } from './doctor/report.ts'
import { DeployError } from './error.ts'

export const doctorUsage = `Compares both deployed ends of every pathway with the declaration. Sends nothing, needs no key.

  node contracts/script/doctor.ts --pathways FILE --deployments FOLDER [--configs FOLDER] --rpc URL --rpc URL … [--json]

  --pathways FILE       which chains are joined, and how: contracts/config/pathways.json
  --deployments FOLDER  where deploy.ts wrote <chainId>.json
  --configs FOLDER      holds <chainId>.json, which declares roles and delays; without it every admin must wait
  --rpc URL             a node of each chain that a pathway names
  --json                one JSON object as the last line
  --help                this

Ends with 0 if all is as declared, 1 if something is not, 2 if it could not look.`

export const exitCodes = { healthy: 0, findings: 1, unreadable: 2 } as const

/** Where declarations and nodes are. */
export type DoctorInput = {
  pathways: string
  deployments: string
  configs: string | null
  rpcs: readonly string[]
}

/**
 * Reads declarations, looks at the chains, and prints the report.
 * @returns The exit code; an error has been printed.
 */
export async function runDoctor(input: DoctorInput, { json }: { json: boolean }): Promise<number> {
  try {
    const { examination, names } = await examineFiles(input)
    const name = (chainId: number) => `${names.get(chainId) ?? 'unknown'} (${chainId})`
    console.log(reportLines(examination, name).join('\n'))
    const code = examination.findings.length === 0 ? exitCodes.healthy : exitCodes.findings
    if (json) console.log(JSON.stringify({ status: code === 0 ? 'healthy' : 'findings', ...examination }))
    return code
  } catch (error) {
    if (!(error instanceof DeployError || error instanceof MatiError)) throw error
    console.error(error.message)
    if (json) console.log(JSON.stringify({ status: 'unreadable', reason: error.message }))
    return exitCodes.unreadable
  }
}

async function examineFiles(input: DoctorInput): Promise<{ examination: Examination; names: Map<number, string> }> {
  const pathways = readPathways(input.pathways)
  const clients = await Promise.all(input.rpcs.map(connectReading))
  const chainIds = [...new Set(pathways.flatMap(({ ends }) => ends.map(({ chainId }) => chainId)))]
  const sides = chainIds.map((chainId): Side => {
    const client = clients.find(({ chain }) => chain.id === chainId)
    if (!client) throw new UnreadableError(`A pathway names chain ${chainId}; pass --rpc with a node of it`)
    const deployment = parseDeployment(readJson(path.join(input.deployments, `${chainId}.json`)))
    if (deployment.chainId !== chainId) {
      throw new DeployError(`${input.deployments}/${chainId}.json is the deployment of chain ${deployment.chainId}`)
    }
    const config = input.configs === null ? null : path.join(input.configs, `${chainId}.json`)
    return { client, deployment, config: config !== null && existsSync(config) ? readChainConfig(config) : null }
  })
  const examination = await examine({ sides, pathways, remedies: remediesOf(input) })
  return { examination, names: new Map(sides.map(({ deployment }) => [deployment.chainId, deployment.name])) }
}

function remediesOf({ pathways, deployments, configs, rpcs }: DoctorInput): Remedies {
  const nodes = rpcs.map((url) => ` --rpc ${url}`).join('')
  const config = (chainId: number) => path.join(configs ?? 'contracts/config', `${chainId}.json`)
  return {
    wire: `node contracts/script/wire.ts --pathways ${pathways} --deployments ${deployments}${nodes}`,
    handOver: (chainId) => `node contracts/script/deploy.ts --config ${config(chainId)} --rpc URL --hand-over`,
  }
}

async function main(): Promise<void> {
  const options = parseOptions(doctorUsage, ['pathways', 'deployments', 'configs', 'rpc'], ['json'])
  const input = {
    pathways: options.require('pathways'),
    deployments: options.require('deployments'),
    configs: options.get('configs') ?? null,
    rpcs: options.all('rpc'),
  }
  process.exitCode = await runDoctor(input, { json: options.has('json') })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error: unknown) => fail(error, undefined, exitCodes.unreadable))
}
