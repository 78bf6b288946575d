import { describe, expect, test } from 'vitest'
import { testMnemonic } from '../src/accounts.ts'
import { startAnvil, type AnvilOptions } from '../src/anvil.ts'
import { findFreePort } from '../src/ports.ts'

async function options(): Promise<AnvilOptions> {
  return {
    name: 'chain A',
    chainId: 90_901,
    port: await findFreePort(),
    mnemonic: testMnemonic,
    accounts: 1,
    balance: 1,
    timestamp: 1_700_000_000,
    gasLimit: 30_000_000n,
    baseFee: 1_000_000_000n,
  }
}

describe('startAnvil', () => {
  test('ends quietly when stopped, and frees its port', async () => {
    const settings = await options()
    const first = await startAnvil(settings)
    await first.stop()
    const second = await startAnvil(settings)
    expect(second.pid).not.toBe(first.pid)
    await second.stop()
  })

  test('reports a chain that ends by itself', async () => {
    const anvil = await startAnvil(await options())
    process.kill(anvil.pid, 'SIGKILL')
    await expect(anvil.died).rejects.toMatchObject({
      code: 'process-died',
      message: expect.stringContaining('anvil of chain A ended (signal SIGKILL)'),
    })
  })

  test('reports the last words of one that cannot start', async () => {
    const settings = await options()
    const running = await startAnvil(settings)
    await expect(startAnvil({ ...settings, chainId: 1 })).rejects.toMatchObject({
      code: 'process-died',
      message: expect.stringContaining('Address already in use'),
    })
    await running.stop()
  })
})
