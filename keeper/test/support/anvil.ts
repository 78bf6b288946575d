import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { createPublicClient, createTestClient, http, type PublicClient, type TestClient } from 'viem'
import { foundry } from 'viem/chains'

const require = createRequire(import.meta.url)

/** Anvil's first prefunded account. */
export const FUNDED_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

export type Anvil = {
  url: string
  client: PublicClient
  control: TestClient
  mine(blocks?: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a chain that mines only when told to: tests choose what happens between two blocks. */
export async function startAnvil(): Promise<Anvil> {
  const port = await freePort()
  const binary = require.resolve(
    `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}/bin/anvil`,
  )
  const child: ChildProcess = spawn(binary, ['--port', String(port), '--no-mining', '--silent'], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const client = createPublicClient({ chain: foundry, transport: http(url, { retryCount: 0 }), cacheTime: 0 })
  const control = createTestClient({ chain: foundry, mode: 'anvil', transport: http(url) })
  await waitUntil(
    () =>
      client.getChainId().then(
        () => true,
        () => false,
      ),
    10_000,
  )
  return {
    url,
    client,
    control,
    mine: (blocks = 1) => control.mine({ blocks }),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Waits for a condition, never for a time. */
export async function waitUntil(condition: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`condition not met within ${timeoutMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
