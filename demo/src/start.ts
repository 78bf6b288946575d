/** `npm start`: everything of Mati on three local chains until Ctrl-C. */
import { accountNames } from '@mati/devnet'
import { readStartOptions, startHelp } from './options.ts'
import { runToEnd } from './run.ts'
import type { Stack } from './stack.ts'

const say = (line: string) => console.log(line)

async function serve({ chains, urls, accounts }: Stack): Promise<number> {
  const endpoints = [
    ...chains.map(({ name, chainId, rpcUrl, wsUrl }) => [`chain ${name} (${chainId})`, `${rpcUrl}  ${wsUrl}`]),
    ['indexer', `${urls.indexer}/payments  ${urls.indexer}/graphql`],
    ['keeper', `${urls.keeper}/health  ${urls.keeper}/metrics`],
  ]
  const contracts = chains.flatMap(({ name, deployment }) => [
    ...Object.entries(deployment.contracts).map(([contract, address]) => [`${name} ${contract}`, address]),
    ...deployment.tokens.map(({ symbol, address }) => [`${name} ${symbol}`, address]),
  ])
  const keys = accountNames.map((name) => [name, accounts[name].address])
  say(`\nEndpoints\n${columns(endpoints)}\n\nContracts and tokens\n${columns(contracts)}`)
  say(`\nFunded accounts (mnemonic "test test … junk", in this order)\n${columns(keys)}`)
  say('\nDeployments and logs are in .mati/. Running; Ctrl-C ends everything.')
  return new Promise(() => {})
}

function columns(rows: readonly (readonly (string | undefined)[])[]): string {
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(22)} ${value}`).join('\n')
}

await runToEnd(() => readStartOptions(process.argv.slice(2), process.env), { help: startHelp, say, work: serve })
