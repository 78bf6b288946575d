import { createServer } from 'node:net'
import { DevnetError } from './errors.ts'

/**
 * Checks that a port can be listened on, before anything is started on it.
 * @param purpose Who wants it, e.g. `chain A`.
 * @param setting What chooses another one, e.g. `MATI_PORT_A`.
 * @throws DevnetError `port-in-use`
 */
export async function assertPortFree(
  port: number,
  { purpose, setting, host = '127.0.0.1' }: { purpose: string; setting: string; host?: string },
): Promise<void> {
  const cause = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
  if (!cause) return
  const found = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${cause.code ?? cause.message})`
  throw new DevnetError(`Port ${port} on ${host}, needed by ${purpose}, ${found}.`, {
    code: 'port-in-use',
    action: `End what listens there, or choose another port with ${setting}.`,
    retryable: true,
    cause,
  })
}

/**
 * A port from the environment, or the usual one.
 * @throws DevnetError `port-invalid`
 */
export function readPort(env: NodeJS.ProcessEnv, setting: string, usual: number): number {
  const given = env[setting]
  if (given === undefined || given === '') return usual
  const port = Number(given)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new DevnetError(`${setting} is '${given}', which is no port.`, {
    code: 'port-invalid',
    action: `Set it to a number from 1 to 65535, or unset it to use ${usual}.`,
  })
}

/** A port that nobody listens on now; for tests, where two runs must not meet. */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ port: 0, host }, () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
