/**
 * The deploy path of one chain: config in, deployment out. Deterministic and idempotent: run again, it finds all in
 * place and sends nothing. Order over several chains: deploy each, wire each pathway (`wire.ts`), hand each over.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Deployment, SendingClient } from '@mati/sdk'
import { connect, fail, parseOptions, privateKey } from './cli.ts'
import { type ChainConfig, readChainConfig } from './config.ts'
import { configure } from './configure.ts'
import { deployContracts } from './contracts.ts'
import { handOver } from './handOver.ts'
import type { Log } from './send.ts'

/**
 * Deploys and configures one chain. Mati's pool must exist: where it does not, call `deployContracts`, create the
 * pool, and then `configure`.
 * @example const deployment = await deploy(client, readChainConfig('contracts/config/1.json'))
 */
export async function deploy(client: SendingClient, config: ChainConfig, log: Log = () => {}): Promise<Deployment> {
  return configure(client, config, await deployContracts(client, config, log), log)
}

/** The file of a deployment, the same bytes for the same deployment. */
export function writeDeployment(file: string, deployment: Deployment): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(deployment, null, 2)}\n`)
}

const usage = `Deploys Mati on one chain.

  DEPLOYER_PRIVATE_KEY=0x… node contracts/script/deploy.ts --config FILE --rpc URL --out FILE [--only contracts]
  DEPLOYER_PRIVATE_KEY=0x… node contracts/script/deploy.ts --config FILE --rpc URL --hand-over

  --config FILE      what is decided about the chain: contracts/config/<chainId>.json
  --rpc URL          a node of that chain
  --out FILE         where the deployment is written: contracts/deployments/<chainId>.json
  --only contracts   deploys the contracts and prints their addresses, so that Mati's pool can be created first
  --hand-over        gives roles to their holders and ends the deployer's rights; last, after wire.ts
  --help             this

Running it again changes nothing that is in place already and sends no transaction.`

async function main(): Promise<void> {
  const options = parseOptions(usage, ['config', 'rpc', 'out', 'only'], ['hand-over'])
  const isHandOver = options.has('hand-over')
  const only = options.get('only')
  if (only !== undefined && only !== 'contracts') fail(`--only takes "contracts", not "${only}".`, usage)
  const config = readChainConfig(options.require('config'))
  const out = isHandOver || only ? null : options.require('out')
  const client = await connect(options.require('rpc'), privateKey())

  const placed = await deployContracts(client, config, console.log)
  if (isHandOver) return handOver(client, config, placed.contracts, console.log)
  if (out === null) return console.log(JSON.stringify(placed, null, 2))
  writeDeployment(out, await configure(client, config, placed, console.log))
  console.log(`Chain ${config.name} is as its config says: ${out}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(fail)
