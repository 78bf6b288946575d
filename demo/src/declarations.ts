/** What a run declares, as files: what `contracts/` holds for a network that exists, and where its nodes are. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DoctorInput } from '@mati/contracts/script/doctor'
import type { LocalDeployment } from './deployment.ts'

/** Writes `deployments/<chainId>.json`, `configs/<chainId>.json`, `pathways.json` and `nodes.json`, this one last. */
export function writeDeclarations(runDirectory: string, { chains, pathways }: LocalDeployment): void {
  for (const { chainId, deployment, config } of chains) {
    write(path.join(runDirectory, 'deployments', `${chainId}.json`), deployment)
    write(path.join(runDirectory, 'configs', `${chainId}.json`), config)
  }
  write(path.join(runDirectory, 'pathways.json'), pathways)
  write(
    path.join(runDirectory, 'nodes.json'),
    chains.map(({ rpcUrl }) => rpcUrl),
  )
}

/** Where the doctor finds what the last run declared; null if there was none. */
export function readDeclarations(runDirectory: string): DoctorInput | null {
  const nodes = path.join(runDirectory, 'nodes.json')
  if (!existsSync(nodes)) return null
  return {
    pathways: path.join(runDirectory, 'pathways.json'),
    deployments: path.join(runDirectory, 'deployments'),
    configs: path.join(runDirectory, 'configs'),
    rpcs: JSON.parse(readFileSync(nodes, 'utf8')) as string[],
  }
}

function write(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part), 2)
  writeFileSync(file, `${text}\n`)
}
