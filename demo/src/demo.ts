/** `npm run demo`: payments from end to end on three local chains, in one command. */
import { receivedOf } from './evidence.ts'
import { formatToken, table } from './narrate.ts'
import { demoHelp, type DemoOptions, readDemoOptions } from './options.ts'
import { chainNamed, tokenAt } from './participants.ts'
import { registerMerchants, scenesOf } from './payments.ts'
import { deploymentsOf, play } from './play.ts'
import { reportOf } from './report.ts'
import { runToEnd } from './run.ts'
import type { Stack } from './stack.ts'

const startedAt = performance.now()
const sinceMs = () => Math.round(performance.now() - startedAt)
const say = (line: string) => console.log(`${(sinceMs() / 1000).toFixed(1).padStart(6)} s  ${line}`)

async function demonstrate(stack: Stack, { invoice, json }: DemoOptions): Promise<number> {
  const deployments = deploymentsOf(stack)
  await registerMerchants(stack, invoice)
  say('merchants registered on all chains, by one signature each')
  const outcome = await play(stack, scenesOf(invoice), say)

  const rows = outcome.followed.map(({ scene, view }) => {
    const { chainId } = chainNamed(stack, scene.invoice.receive.chain)
    const asset = tokenAt(stack, scene.invoice.receive)
    return { name: scene.name, view, received: formatToken(deployments, chainId, asset, receivedOf(view)) }
  })
  console.log(`\n${table(rows, deployments).join('\n')}\n`)
  const { problems } = outcome
  if (problems.length === 0) say('index and chains agree; every escrow is solvent; the supply of MATI is constant')
  else say(`WRONG: ${problems.join('; ')}`)
  if (json) console.log(JSON.stringify(reportOf(outcome, { deployments, wallMs: sinceMs() })))
  return problems.length === 0 ? 0 : 1
}

await runToEnd(() => readDemoOptions(process.argv.slice(2), process.env), {
  help: demoHelp,
  say,
  work: demonstrate,
})
