import type { PaymentView } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { UNIT } from '../../drills/world.ts'
import { matiOn } from '../stage.ts'
import { accounts, ids, reckonAfter, strangerSender, transferOf, type World } from './record.ts'

const { keeper, payer1, payer6, relayer } = accounts
const wethOn = ({ chain }: World['a']) => chain.tokens.weth
const usdcOn = ({ chain }: World['b']) => chain.tokens.usdc
const matiHere = ({ chain }: World['b']) => matiOn(chain)

/** Changes a row that is there. */
function change<Row extends object>(rows: Row[], i: number, falsified: Partial<Row>): void {
  const row = rows[i]
  if (row === undefined) throw new RangeError(`There is no row ${i}`)
  Object.assign(row, falsified)
}

const view = ({ payments }: World, i: number, falsified: Partial<PaymentView>) => change(payments, i, falsified)

type Falsified = [what: string, falsify: (world: World) => void, differences: string[]]

const onAccounts: Falsified[] = [
  [
    'a payer lacks a unit',
    ({ a }) => a.give(wethOn(a), payer1.address, -1n),
    [`WETH of payer1 on a: must be ${1_000n * UNIT - 10_000n}, is ${1_000n * UNIT - 10_001n}`],
  ],
  [
    'somebody who did nothing has one more',
    ({ b }) => b.give(matiHere(b), payer6.address, 1n),
    ['MATI of payer6 on b: must be 0, is 1'],
  ],
  [
    'the keeper earned more than tips and messages',
    ({ b }) => b.give(usdcOn(b), keeper.address, 1n),
    ['USDC of keeper on b: must be 5, is 6'],
  ],
  [
    'the fee receiver lacks a unit',
    ({ a }) => a.tell('escrow', 'balanceOf', [relayer.address, wethOn(a)], 49n),
    ['WETH of the fee receiver on a: must be 50, is 49', 'WETH of the escrow on a: must be 49, is 50'],
  ],
  [
    'more was sent than messages carry',
    ({ a, b }) => a.tell('token', 'sent', [b.chain.eid], 108n * UNIT),
    [`sent to b on a: must be ${107n * UNIT}, is ${108n * UNIT}`],
  ],
  [
    'less was received than messages carry',
    ({ a, b }) => b.tell('token', 'received', [a.chain.eid], 106n * UNIT),
    [`received from a on b: must be ${107n * UNIT}, is ${106n * UNIT}`],
  ],
  [
    'there is more MATI than there ever was',
    ({ b }) => b.tell('token', 'totalSupply', [], 104n * UNIT + 1n),
    [`supply of MATI: must be ${10n ** 26n}, is ${10n ** 26n + 1n}`],
  ],
  [
    'an escrow lacks a unit',
    ({ b }) => b.give(usdcOn(b), b.chain.deployment.contracts.escrow, -1n),
    ['USDC of the escrow on b: must be 10, is 9'],
  ],
  [
    'a gateway kept a unit',
    ({ b }) => b.give(matiHere(b), b.chain.deployment.contracts.gateway, 1n),
    ['MATI of the gateway on b: must be 0, is 1'],
  ],
  [
    'a settler kept a unit',
    ({ b }) => b.give(usdcOn(b), b.chain.deployment.contracts.settler, 1n),
    ['USDC of the settler on b: must be 0, is 1'],
  ],
  [
    'a solver kept a unit',
    ({ a }) => a.give(wethOn(a), a.chain.deployment.contracts.solver, 1n),
    ['WETH of the solver on a: must be 0, is 1'],
  ],
]

const onPayments: Falsified[] = [
  [
    'less than the due was captured',
    ({ a }) => a.tell('escrow', 'paymentState', [ids.paymentOnA], { held: 0n, captured: 9_999n }),
    ['payment {paymentOnA} on a, captured: must be 10000, is 9999'],
  ],
  [
    'a unit is still held',
    ({ b }) => b.tell('escrow', 'paymentState', [ids.paymentOnB], { held: 1n, captured: 2_000n }),
    ['payment {paymentOnB} on b, held: must be 0, is 1'],
  ],
  [
    'a merchant was credited less than was paid to it',
    ({ a }) => a.tell('escrow', 'ledger', [ids.merchant, wethOn(a)], { credited: 9_949n, debited: 9_950n }),
    [
      'merchant {merchant}, WETH of {merchant} on a, paid in: must be 9950, is 9949',
      'merchant {merchant}, WETH of {merchant} on a, left: must be 0, is -1',
    ],
  ],
  [
    'a merchant was not settled to the end',
    ({ b }) => b.tell('escrow', 'ledger', [ids.merchant, usdcOn(b)], { credited: 1_990n, debited: 1_989n }),
    [
      'merchant {merchant}, USDC of {merchant} on b, settled: must be 1990, is 1989',
      'merchant {merchant}, USDC of {merchant} on b, left: must be 0, is 1',
    ],
  ],
  [
    'a payout account was credited what no message brought',
    ({ b }) => b.tell('escrow', 'ledger', [ids.account, matiHere(b)], { credited: 96n * UNIT, debited: 96n * UNIT }),
    [
      `merchant {merchant}, MATI of {account} on b, paid in: must be ${95n * UNIT}, is ${96n * UNIT}`,
      `merchant {merchant}, MATI of {account} on b, settled: must be ${95n * UNIT}, is ${96n * UNIT}`,
    ],
  ],
  [
    'a recipient lacks a unit of its share',
    ({ b }) => b.give(usdcOn(b), ids.firstRecipient, -1n),
    ['merchant {merchant}, USDC of recipient {firstRecipient} on b: must be 1791, is 1790'],
  ],
]

const onSettlements: Falsified[] = [
  [
    'a settlement took more than its members gave',
    ({ a }) => change(a.logs.Settled, 0, { amountIn: 9_951n }),
    ['settlement of WETH on a, message {settlement}, taken: must be 9950, is 9951'],
  ],
  [
    'a settlement brought more than it passed on',
    ({ a }) => change(a.logs.Settled, 0, { received: 101n * UNIT }),
    [`settlement of WETH on a, message {settlement}, brought: must be ${100n * UNIT}, is ${101n * UNIT}`],
  ],
  [
    'somebody else than the keeper settled',
    ({ b }) => change(b.logs.Settled, 0, { keeper: payer6.address }),
    [`settlement of MATI on b, by: must be ${keeper.address}, is ${payer6.address}`],
  ],
  [
    'what needed no conversion became less',
    ({ b }) => change(b.logs.Settled, 1, { received: 1_989n, tip: 3n }),
    ['USDC of keeper on b: must be 4, is 5', 'settlement of USDC on b, brought as it is: must be 1990, is 1989'],
  ],
  [
    'a message brings to another than was settled',
    ({ a }) => change(a.logs.PaidOut, 0, { merchant: ids.holder }),
    [
      `settlement of WETH on a, message {settlement}, payouts: must be undefined ${95n * UNIT}, is {account} ${95n * UNIT}`,
      'merchant {merchant}, WETH of {merchant} on a, settled: must be 0, is 9950',
    ],
  ],
  [
    'a settlement names a message that was never sent',
    ({ a }) => change(a.logs.Settled, 0, { guid: ids.stranger }),
    [
      `sent to b on a: must be ${12n * UNIT}, is ${107n * UNIT}`,
      `received from a on b: must be ${12n * UNIT}, is ${107n * UNIT}`,
      `settlement of WETH on a, message {stranger}, payouts: must be {account} ${95n * UNIT}, is `,
      `settlement of WETH on a, message {stranger}, carried: must be ${95n * UNIT}, is 0`,
      '{settlement} from a: must be no message, is sent by nobody',
      '{settlement} (unknown) in the index: must be unknown, is credited',
    ],
  ],
]

const onMessages: Falsified[] = [
  [
    'there is a message that nobody sent',
    ({ a, b }) => a.send(b.chain, ids.stranger, transferOf(ids.holder, UNIT)),
    [
      '{stranger} from a: must be no message, is sent by nobody',
      `{stranger} (unknown) in the index, amount: must be ${UNIT}, is 0`,
    ],
  ],
  [
    'a message that was sent is not there',
    ({ a }) => void a.logs.PacketSent.splice(1, 1),
    [`{transfer} from a, carried: must be ${5n * UNIT}, is nothing`],
  ],
  [
    'a transfer brought less',
    ({ b }) => b.tell('token', 'balanceOf', [ids.holder], 4n * UNIT),
    [`{transfer}, credited: must be ${5n * UNIT}, is ${4n * UNIT}`],
  ],
  [
    'a payout brought more',
    ({ b }) => b.tell('escrow', 'balanceOf', [ids.ledgerHolder, matiHere(b)], 5n * UNIT),
    [
      `{payout}, credited: must be ${4n * UNIT}, is ${5n * UNIT}`,
      `MATI of the escrow on b: must be ${5n * UNIT}, is ${4n * UNIT}`,
    ],
  ],
  [
    'what nobody can read was not given back',
    ({ a }) => a.tell('gateway', 'returnable', [ids.unreadable], { amount: 3n * UNIT }),
    [`{unreadable}, still to be given back: must be 0, is ${3n * UNIT}`],
  ],
  [
    'a message still waits',
    ({ b }) => b.tell('token', 'waiting', [ids.transfer], '0x01'),
    ['{transfer}, waiting: must be 0, is 1'],
  ],
  [
    "a stranger's message was taken",
    ({ a, b }) => b.tell('endpoint', 'inboundNonce', [matiHere(b), a.chain.eid, strangerSender], 1n),
    ['{stranger} of a stranger, on b: must be 0, is 1'],
  ],
]

const unbalanced = 'payment {paymentOnA} in the index, its books: must be balanced, is not balanced'
const onIndex: Falsified[] = [
  [
    'the index does not know a message',
    ({ messages }) => void messages.splice(0, 1),
    [
      '{settlement} (settlement) in the index: must be credited, is unknown',
      `{settlement} (settlement) in the index, amount: must be ${95n * UNIT}, is 0`,
    ],
  ],
  [
    'the index has a message end otherwise',
    ({ messages }) => change(messages, 0, { status: 'delivered' }),
    ['{settlement} (settlement) in the index: must be credited, is delivered'],
  ],
  [
    'the index has a message carry more',
    ({ messages }) => change(messages, 0, { amount: 96n * UNIT }),
    [`{settlement} (settlement) in the index, amount: must be ${95n * UNIT}, is ${96n * UNIT}`],
  ],
  [
    'the index does not know a payment',
    ({ payments }) => void payments.splice(1, 1),
    ['payment {paymentOnB} in the index: must be settled, is unknown'],
  ],
  [
    'the index has a payment end otherwise',
    (world) => view(world, 0, { status: 'captured', payouts: [] }),
    ['payment {paymentOnA} in the index: must be settled, is captured'],
  ],
  [
    'the index has less captured',
    (world) => view(world, 0, { captured: 9_999n }),
    ['payment {paymentOnA} in the index, captured: must be 10000, is 9999', unbalanced],
  ],
  [
    'the index has a larger fee',
    (world) => view(world, 0, { fee: 51n }),
    ['payment {paymentOnA} in the index, fee: must be 50, is 51', unbalanced],
  ],
  [
    'the index has less returned',
    (world) => view(world, 0, { returned: 299n }),
    ['payment {paymentOnA} in the index, returned: must be 300, is 299', unbalanced],
  ],
  ['the index lacks payouts', (world) => view(world, 0, { payouts: [] }), [unbalanced]],
]

describe('reckon', () => {
  test('finds nothing where every unit is accounted for', async () => {
    const { differences, settlements, messages, ends, dust } = await reckonAfter(() => {})
    expect(differences).toEqual([])
    expect([settlements.length, messages.length, dust]).toEqual([3, 5, 7n])
    expect(Object.fromEntries(ends)).toEqual({
      'settlement credited': 1,
      'transfer delivered': 1,
      'payout credited': 1,
      'return delivered': 1,
      'unreadable returned': 1,
    })
  })

  const all = [...onAccounts, ...onPayments, ...onSettlements, ...onMessages, ...onIndex]
  test.each(all)('finds that %s', async (_, falsify, expected) => {
    const { differences } = await reckonAfter(falsify)
    expect(differences.map(named)).toEqual(expected)
  })
})

/** With names in braces for what the record is about. */
function named(difference: string): string {
  return Object.entries(ids).reduce((text, [name, id]) => text.replaceAll(id, `{${name}}`), difference)
}
