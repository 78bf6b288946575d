import { type Api, createApi, type PaymentView, waitForPayment } from '@mati/sdk'
import { describe, expect, test, vi } from 'vitest'

const id = `0x${'ab'.repeat(32)}` as const
const answers = (status: number, body: unknown) => vi.fn<typeof fetch>(async () => Response.json(body, { status }))
const apiOf = (fetch: typeof globalThis.fetch) => createApi({ url: 'http://indexer.test/v1', fetch })

describe('createApi', () => {
  test('asks for what it is asked, and types the answer', async () => {
    const indexed = answers(200, [{ chainId: 1, blockNumber: '12', timestamp: 34 }])
    expect(await apiOf(indexed).getIndexed()).toEqual([{ chainId: 1, blockNumber: 12n, timestamp: 34 }])
    const ledger = answers(200, [])
    await apiOf(ledger).getLedger({ account: '0x0000000000000000000000000000000000000001' })
    expect(String(ledger.mock.calls[0]?.[0])).toBe(
      'http://indexer.test/v1/ledger?account=0x0000000000000000000000000000000000000001',
    )
  })

  test('knows a payment that is not there from an error', async () => {
    expect(await apiOf(answers(404, {})).getPayment(id)).toBeNull()
    await expect(apiOf(answers(404, {})).getGroups()).rejects.toMatchObject({ code: 'API_REFUSED' })
  })

  test.each([
    [400, false, 'API_REFUSED'],
    [429, true, 'API_FAILED'],
    [503, true, 'API_FAILED'],
  ])('answers %s with retryable %s', async (status, retryable, code) => {
    const body = { error: { code: 'X', message: 'the reason' } }
    await expect(apiOf(answers(status, body)).getFeeds()).rejects.toMatchObject({
      code,
      retryable,
      message: `The indexer answered ${status} to /feeds (X: the reason)`,
    })
  })

  test('says so if the answer is not what it expects, or if there is none', async () => {
    await expect(apiOf(answers(200, { odd: 1 })).getFeeds()).rejects.toMatchObject({ code: 'API_UNREADABLE' })
    const down = vi.fn<typeof fetch>(async () => Promise.reject(new TypeError('fetch failed')))
    await expect(apiOf(down).getFeeds()).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      retryable: true,
      meta: { url: 'http://indexer.test/v1/feeds' },
    })
  })
})

describe('waitForPayment', () => {
  const view = (status: string, steps: number) => ({ status, timeline: Array.from({ length: steps }) }) as PaymentView
  const following = (...views: (PaymentView | null | Error)[]) => {
    const left = [...views]
    const getPayment = async () => {
      const next = left.length > 1 ? left.shift() : left[0]
      if (next instanceof Error) throw next
      return next ?? null
    }
    return { getPayment } as unknown as Api
  }

  test('waits for an end, and tells of every change', async () => {
    const seen: string[] = []
    const api = following(null, view('authorized', 1), view('authorized', 1), view('captured', 2), view('settled', 5))
    const onChange = ({ status }: PaymentView) => seen.push(status)
    expect(await waitForPayment(api, { id, pollMs: 1, onChange })).toMatchObject({ status: 'settled' })
    expect(seen).toEqual(['authorized', 'captured', 'settled'])
  })

  test('waits for what it is told', async () => {
    const api = following(view('authorized', 1), view('captured', 2))
    const until = ({ status }: PaymentView) => status === 'captured'
    expect(await waitForPayment(api, { id, pollMs: 1, until })).toMatchObject({ status: 'captured' })
  })

  test('gives up in time, and says where the payment is', async () => {
    await expect(
      waitForPayment(following(view('settling', 3)), { id, pollMs: 1, timeoutMs: 20 }),
    ).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
      retryable: true,
      meta: { id, status: 'settling' },
    })
  })

  test('lasts through an indexer that is away, not through one that refuses', async () => {
    const away = await createApi({ url: 'http://x.test', fetch: () => Promise.reject(new TypeError('down')) })
      .getPayment(id)
      .catch((error: Error) => error)
    expect(await waitForPayment(following(away, view('voided', 2)), { id, pollMs: 1 })).toMatchObject({
      status: 'voided',
    })
    const refused = await apiOf(answers(400, {}))
      .getPayment(id)
      .catch((error: Error) => error)
    await expect(waitForPayment(following(refused), { id, pollMs: 1 })).rejects.toMatchObject({ code: 'API_REFUSED' })
  })
})
