import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { checkDevnet, localChains } from '../src/devnet.ts'
import { assertPortFree, findFreePort, readPort } from '../src/ports.ts'

const server = createServer()
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())))

async function takePort(): Promise<number> {
  const port = await findFreePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return port
}

describe('assertPortFree', () => {
  test('names a taken port, who needs it and how to choose another', async () => {
    const port = await takePort()
    await expect(assertPortFree(port, { purpose: 'the indexer', setting: 'MATI_PORT' })).rejects.toMatchObject({
      code: 'port-in-use',
      retryable: true,
      message:
        `Port ${port} on 127.0.0.1, needed by the indexer, is in use. ` +
        'End what listens there, or choose another port with MATI_PORT.',
    })
  })

  test('accepts a free port and leaves it free', async () => {
    const port = await findFreePort()
    await assertPortFree(port, { purpose: 'the indexer', setting: 'MATI_PORT' })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(server.listening).toBe(true)
  })
})

describe('readPort', () => {
  test('uses the usual port, or the chosen one', () => {
    expect(readPort({}, 'MATI_PORT_A', 8_545)).toBe(8_545)
    expect(readPort({ MATI_PORT_A: '' }, 'MATI_PORT_A', 8_545)).toBe(8_545)
    expect(readPort({ MATI_PORT_A: '9001' }, 'MATI_PORT_A', 8_545)).toBe(9_001)
  })

  test.each(['abc', '0', '65536', '1.5', '-1'])('rejects %s', (given) => {
    expect(() => readPort({ MATI_PORT_B: given }, 'MATI_PORT_B', 8_546)).toThrow(
      `MATI_PORT_B is '${given}', which is no port. Set it to a number from 1 to 65535, or unset it to use 8546.`,
    )
  })
})

describe('checkDevnet', () => {
  test('fails before anything is started when a chain has no port', async () => {
    const port = await takePort()
    const chains = localChains({ a: await findFreePort(), b: await findFreePort(), c: port })
    await expect(checkDevnet(chains)).rejects.toThrow('choose another port with MATI_PORT_C')
  })
})
