import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { chainsFromEnvironment, checkDevnet } from '../src/devnet.ts'
import { assertPortFree, findFreePort } from '../src/ports.ts'

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

describe('chainsFromEnvironment', () => {
  test('uses the usual ports, or the chosen ones', () => {
    const ports = (env: NodeJS.ProcessEnv) => Object.values(chainsFromEnvironment(env)).map(({ port }) => port)
    expect(ports({})).toEqual([8_545, 8_546])
    expect(ports({ MATI_PORT_A: '9001', MATI_PORT_B: '9002' })).toEqual([9_001, 9_002])
  })

  test('rejects what is no port', () => {
    expect(() => chainsFromEnvironment({ MATI_PORT_B: 'abc' })).toThrow(
      "MATI_PORT_B is 'abc', which is no port. Set it to a number from 1 to 65535, or unset it to use 8546.",
    )
  })
})

describe('checkDevnet', () => {
  test('fails before anything is started when a chain has no port', async () => {
    const port = await takePort()
    const chains = chainsFromEnvironment({ MATI_PORT_A: String(await findFreePort()), MATI_PORT_B: String(port) })
    await expect(checkDevnet(chains)).rejects.toThrow('choose another port with MATI_PORT_B')
  })
})
