import { createServer } from 'node:http'

/** Forwards JSON-RPC, and can drop the answer to the next call of a method: the node acts, the client sees an error. */
export async function startDroppingProxy(target: string) {
  const dropping = new Set<string>()
  let dropped = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await answer.text()
    const { method } = JSON.parse(body) as { method: string }
    if (dropping.delete(method)) {
      dropped++
      request.socket.destroy()
      return
    }
    response.setHeader('content-type', 'application/json').end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    dropNext: (method: string) => void dropping.add(method),
    dropped: () => dropped,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
