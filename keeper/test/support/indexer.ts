import { createServer } from 'node:http'

/** Answers as the indexer would, with what a test puts into it: views as JSON, amounts as strings. */
export async function startIndexStub() {
  const rows: Record<string, object[]> = { payments: [], groups: [], messages: [], 'payout-accounts': [] }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub')
    const status = searchParams.get('status')
    const found = (rows[pathname.slice(1)] ?? []).filter(
      (row) => !status || (row as { status?: string }).status === status,
    )
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    rows,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
