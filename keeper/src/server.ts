import { createServer, type Server } from 'node:http'
import { MatiError } from '@mati/sdk'
import type { Health } from './health.ts'

export type Served = { health: () => Health; metrics: () => string }

/** GET /health (JSON; 503 when unwell) and GET /metrics (Prometheus text). */
export async function serve(
  { health, metrics }: Served,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://keeper').pathname
    if (path === '/health') {
      const report = health()
      response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(report))
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metrics())
    } else {
      const error = { code: 'NOT_FOUND', message: 'Ask for /health or /metrics.' }
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new MatiError(`Cannot listen on ${host}:${port} (${cause.code ?? cause.message})`, {
      code: 'PORT_UNAVAILABLE',
      action: 'Set PORT to a free one, or stop what uses it.',
      cause,
    })
  })
  return server
}
