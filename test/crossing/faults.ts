/** Everything that goes wrong, each shown on one pathway at a time, and made good again by its own end. */
import { ulnCall } from '@mati/contracts/script/messaging'
import { declareEnd } from '@mati/contracts/script/pathway'
import { type Call, contractCall, forgeArtifact } from '@mati/devnet'
import { matiAccessAbi, matiGatewayAbi, matiTokenAbi } from '@mati/sdk'
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hexToBigInt,
  keccak256,
  pad,
  toHex,
} from 'viem'
import { layerZero } from '../../devnet/src/layerzero.ts'
import { pathwayOf } from '../../demo/src/config.ts'
import { privileged, testClient } from '../../demo/src/doctor/fault.ts'
import { compose, receive } from '../../devnet/src/submit.ts'
import { composeOf, toAddress } from '@mati/sdk/layerzero'
import { commitBy, composeArgs, composeBy, eventOf, type Message, receiveBy } from '../drills/message.ts'
import { act, type Chain, contractsOf, look, MATI, UNIT } from '../drills/world.ts'
import {
  amountOf,
  giveBack,
  hire,
  matiOn,
  sleep,
  pay,
  register,
  registrationOf,
  sendAsStranger,
  sendPayout,
  sendTo,
  noteUnreadable,
  drawUnreadable,
  sendUnreadable,
  guardianOf,
  UNREADABLE,
  type Sent,
  type Stage,
  STRANGER,
  until,
} from './stage.ts'

/** Where a fault is shown: messages go from one to the other. */
export type Way = { from: Chain; to: Chain }

/** @throws Error if it could not be shown: a keeper or a worker was faster. */
export type Fault = (stage: Stage, way: Way) => Promise<void>

/** Time that a fault lasts, milliseconds. */
const LASTS = [500, 4_000] as const
const LITTLE = [1n, 40n] as const

const last = ({ random }: Stage) => sleep(random.whole(...LASTS))
const little = ({ random }: Stage) => random.amount(LITTLE[0] * MATI, LITTLE[1] * MATI)

/** That it is refused, and why. */
async function refused(attempt: Promise<unknown>, why: RegExp): Promise<void> {
  const outcome = await attempt.then(
    () => 'it was done',
    (error: unknown) => String(error),
  )
  if (!why.test(outcome)) throw new Error(`instead of ${why.source}: ${outcome}`)
}

function isVerifiable({ header, payloadHash }: Message, at: Chain): Promise<boolean> {
  const { address, abi } = contractsOf(at).library
  const data = encodeFunctionData({ abi, functionName: 'commitVerification', args: [header, payloadHash] })
  return at.client.call({ to: address, data }).then(
    () => true,
    () => false,
  )
}

/** Commits it, and sees to it that nothing below it is missing. */
async function verify(message: Message, at: Chain): Promise<void> {
  await until('both DVNs attest', () => isVerifiable(message, at), 30_000)
  await commitBy(STRANGER, message, at)
  const pathway = [toAddress(message.receiver), message.srcEid, message.sender]
  const reached = () => look(at, 'endpoint', 'inboundNonce', pathway)
  await until('those below it are verified', async () => (await reached()) >= message.nonce, 8_000)
}

/** LayerZero's executor, at the hands of somebody whom its owner let use it: the worker's own account is the worker's. */
export async function shareExecutor({ chains }: Stage): Promise<void> {
  const role = keccak256(toHex('ADMIN_ROLE'))
  await Promise.all(
    chains.map((chain) => {
      const args = [role, chain.sender(STRANGER).address]
      return chain.sender('network').send(contractCall(layerZero.executor, chain.external.executor, 'grantRole', args))
    }),
  )
}

/** Runs with the executor at rest, so that what is tried comes first. */
const slowly =
  (fault: Fault): Fault =>
  async (stage, way) => {
    const resume = stage.rest('executor')
    try {
      await fault(stage, way)
    } finally {
      resume()
    }
  }

/** With one DVN at rest; one such fault at a time. */
const unverified =
  (fault: (stage: Stage, way: Way, resume: () => void) => Promise<void>): Fault =>
  (stage, way) =>
    stage.inTurn('dvn2', async () => {
      const resume = stage.rest('dvn2')
      try {
        await fault(stage, way, resume)
      } finally {
        resume()
      }
    })

const quorum = unverified(async (stage, { from, to }, resume) => {
  const { message } = await sendTo(stage, from, to, little(stage))
  const [dvn] = to.external.dvns
  const args = [keccak256(message.header), message.payloadHash, dvn]
  await until('one DVN attests', async () => (await look<[boolean]>(to, 'library', 'hashLookup', args))[0], 30_000)
  await refused(commitBy(STRANGER, message, to), /LZ_ULN_Verifying/)
  await last(stage)
  resume()
})

const receiveOutOfGas = slowly(async (stage, { from, to }) => {
  const { message } = await sendTo(stage, from, to, little(stage))
  await verify(message, to)
  const options = { ...message.options, lzReceive: { gas: 30_000n, value: 0n } }
  const receipt = await to.sender(STRANGER).send(receive({ ...message, options }, to))
  eventOf(receipt, to, 'endpoint', 'LzReceiveAlert')
})

const composeOutOfGas = slowly(async (stage, { from, to }) => {
  const { message } = await sendPayout(stage, from, to, little(stage))
  await verify(message, to)
  await receiveBy(STRANGER, message, to)
  const queued = composeOf(message, UNIT)
  const it = { from: toAddress(message.receiver), to: queued.to, guid: message.guid, index: 0, message: queued.message }
  const failed = await to.sender(STRANGER).send(compose({ ...it, gas: 60_000n, value: 0n }, to))
  eventOf(failed, to, 'endpoint', 'LzComposeAlert')
  const least = await leastGas(message, to)
  await refused(composeBy(STRANGER, message, to, least - 1n), /Gateway_InsufficientGas/)
  eventOf(await composeBy(STRANGER, message, to, least), to, 'gateway', 'PayoutsCredited')
})

/** The least gas of a transaction with which the gateway does anything. */
async function leastGas(message: Message, at: Chain): Promise<bigint> {
  const { address, abi } = contractsOf(at).endpoint
  const data = encodeFunctionData({ abi, functionName: 'lzCompose', args: composeArgs(message) })
  const account = at.sender(STRANGER).address
  let [less, enough] = [30_000n, 2_000_000n]
  while (enough - less > 1n) {
    const middle = (less + enough) / 2n
    const passes = await at.client.call({ account, to: address, data, gas: middle }).then(
      () => true,
      () => false,
    )
    if (passes) enough = middle
    else less = middle
  }
  return enough
}

async function untilReturnable(stage: Stage, { guid }: Message, at: Chain): Promise<void> {
  const kept = () => look<{ amount: bigint }>(at, 'gateway', 'returnable', [guid])
  await until('it can be given back', async () => (await kept()).amount !== 0n, 180_000)
  await last(stage)
}

/** Refuses new sends of a way while it runs. */
function whileClosed(stage: Stage, { from, to }: Way, run: () => Promise<void>): Promise<void> {
  return stage.inTurn(`closing ${from.name} to ${to.name}`, async () => {
    await stage.guard(from, outbound(from, to, true))
    try {
      await run()
    } finally {
      await stage.guard(from, outbound(from, to, false))
    }
  })
}

function outbound(from: Chain, to: Chain, isPaused: boolean) {
  return privileged(matiOn(from), matiTokenAbi, 'setOutboundPaused', [to.eid, isPaused])
}

/**
 * As above, both ways of a pathway; whoever wants both takes them in the same order. Meanwhile no DVN rests, since who
 * lets it rest may be waiting for a way to open, and what is on its way for the DVN.
 */
function whileBothClosed(stage: Stage, { from, to }: Way, run: () => Promise<void>): Promise<void> {
  const ways = [
    { from, to },
    { from: to, to: from },
  ] as const
  const [first, second] = from.name < to.name ? ways : ([ways[1], ways[0]] as const)
  return stage.inTurn('dvn2', () => whileClosed(stage, first, () => whileClosed(stage, second, run)))
}

/**
 * While nothing else is on its way there, the guardian is named as the other side's gateway. What were sent back to it
 * meanwhile would be the guardian's, so the way back is closed as well.
 */
const malformed: Fault = async (stage, way) => {
  const { from, to } = way
  const { access, gateway: ownGateway } = from.deployment.contracts
  const setPeer = (peer: Address) =>
    stage.govern(to, privileged(to.deployment.contracts.gateway, matiGatewayAbi, 'setPeer', [from.eid, pad(peer)]))
  const guardian = from.sender('guardian')
  const { call, amount } = await drawUnreadable(stage, from, to)
  const sentTo = () => look(from, 'token', 'sent', [to.eid])
  // Open for this one message and no other, all in one block.
  const [opening, closing] = [false, true].map((isPaused) => {
    const { target, data } = outbound(from, to, isPaused)
    return contractCall({ abi: matiAccessAbi, name: 'access' }, access, 'execute', [target, data])
  }) as [Call, Call]
  let sent: Sent | undefined
  let isAlone = true
  await whileBothClosed(stage, way, async () => {
    await until('nothing is on its way', () => isEmpty(stage, way), 90_000)
    const before = await sentTo()
    await setPeer(guardian.address)
    try {
      await stage.inTurn(guardianOf(from), async () => {
        const [, receipt] = await guardian.sendAll([opening, call, closing])
        if (receipt) sent = noteUnreadable(stage, way, { sender: 'guardian', amount, receipt })
      })
      isAlone = (await sentTo()) === before + amount
      // A gateway's own message must find its peer.
      if (!isAlone) await setPeer(ownGateway)
      if (sent) await untilReturnable(stage, sent.message, to)
    } finally {
      await setPeer(ownGateway)
    }
  })
  if (!sent) throw new Error('it was not sent')
  await giveBack(stage, sent, isAlone ? UNREADABLE : '0x')
  if (!isAlone) throw new Error('a settlement was sent in the meantime')
}

/** By the index, which also knows what is yet to be composed. */
async function isEmpty({ stack }: Stage, { from, to }: Way): Promise<boolean> {
  const [sent, received] = await Promise.all([
    look(from, 'token', 'sent', [to.eid]),
    look(to, 'token', 'received', [from.eid]),
  ])
  if (sent !== received) return false
  const open = await stack.api.getMessages({ isOpen: 'true' })
  return open.every(({ srcEid, dstEid }) => srcEid !== from.eid || dstEid !== to.eid)
}

const wayBackClosed: Fault = async (stage, { from, to }) => {
  const sent = await sendUnreadable(stage, from, to)
  await untilReturnable(stage, sent.message, to)
  await whileClosed(stage, { from: to, to: from }, async () => {
    const attempt = act(to, STRANGER, 'gateway', 'giveBack', [sent.message.guid, '0x'], { value: MATI })
    await refused(attempt, /Token_OutboundPaused/)
    await last(stage)
  })
  await giveBack(stage, sent, '0x')
}

const unknownPeer: Fault = async (stage, { from, to }) => {
  const message = await sendAsStranger(stage, from, to)
  const attested = async (dvn: Address | undefined) => {
    const args = [keccak256(message.header), message.payloadHash, dvn]
    return (await look<[boolean]>(to, 'library', 'hashLookup', args))[0]
  }
  await until('both DVNs attest', async () => (await Promise.all(to.external.dvns.map(attested))).every(Boolean))
  await refused(commitBy(STRANGER, message, to), /LZ_PathNotInitializable/)
}

const replay: Fault = async (stage, { from, to }) => {
  const { message, entry } = await sendTo(stage, from, to, little(stage))
  const arrived = () => look(to, 'token', 'balanceOf', [entry.recipient])
  await until('it is delivered', async () => (await arrived()) !== 0n, 90_000)
  await refused(receiveBy(STRANGER, message, to), /LZ_PayloadHashNotFound/)
  // What was attested is used up; the drill has it attested again.
  await refused(commitBy(STRANGER, message, to), /LZ_ULN_Verifying/)
}

type Limit = { capacity: bigint; windowSeconds: number }

/** So much may arrive, of holders' and of gateways' each, until it is over. */
async function whileLimited({ govern }: Stage, { from, to }: Way, limit: Limit, run: () => Promise<void>) {
  const { limits } = pathwayOf(to, from).ends[0]
  const { token } = to.deployment.contracts
  const set = (changed: typeof limits) => govern(to, privileged(token, matiTokenAbi, 'setLimits', [from.eid, changed]))
  await set({ ...limits, inbound: limit, gatewayInbound: limit })
  try {
    await run()
  } finally {
    await set(limits)
  }
}

async function untilWaiting(messages: readonly Message[], at: Chain): Promise<Message[]> {
  const waits = async ({ guid }: Message) => BigInt(await look<Hex>(at, 'token', 'waiting', [guid])) !== 0n
  let waiting: Message[] = []
  await until(
    'messages wait',
    async () => {
      const which = await Promise.all(messages.map(waits))
      waiting = messages.filter((_, i) => which[i])
      return waiting.length > 0
    },
    45_000,
  )
  return waiting
}

const rateLimit: Fault = (stage, way) =>
  whileLimited(stage, way, { capacity: 100n * MATI, windowSeconds: 8 }, async () => {
    const amounts = Array.from({ length: 6 }, () => stage.random.amount(45n * MATI, 60n * MATI))
    const sent = await Promise.all(amounts.map((amount) => sendTo(stage, way.from, way.to, amount)))
    const messages = sent.map(({ message }) => message)
    await untilWaiting(messages, way.to)
    await last(stage)
  })

const oversized: Fault = (stage, way) =>
  whileLimited(stage, way, { capacity: 100n * MATI, windowSeconds: 30 }, async () => {
    await sendTo(stage, way.from, way.to, 99n * MATI)
    const { message } = await sendTo(stage, way.from, way.to, stage.random.amount(200n * MATI, 400n * MATI))
    await untilWaiting([message], way.to)
    await last(stage)
  })

const paused: Fault = async (stage, { from, to }) => {
  const now = async () => (await to.client.getBlock()).timestamp
  const pausableFrom = () => look(to, 'token', 'inboundPausableFrom', [from.eid])
  await until('it may be paused again', async () => (await pausableFrom()) <= (await now()))
  const resume = stage.rest('executor')
  try {
    const { message } = await sendTo(stage, from, to, little(stage))
    const resumes = Number(await now()) + stage.random.whole(10, 16)
    await stage.guard(to, privileged(matiOn(to), matiTokenAbi, 'pauseInbound', [from.eid, resumes]))
    resume()
    await untilWaiting([message], to)
  } finally {
    resume()
  }
}

/** The way back is closed meanwhile: what were sent there would be for the wrong peer, and lost. */
const wrongPeer = slowly(async (stage, { from, to }) => {
  const setPeer = (peer: Address) =>
    stage.govern(to, privileged(matiOn(to), matiTokenAbi, 'setPeer', [from.eid, pad(peer)]))
  const { message } = await sendTo(stage, from, to, little(stage))
  await verify(message, to)
  await whileClosed(stage, { from: to, to: from }, async () => {
    await setPeer(to.sender(STRANGER).address)
    try {
      await refused(receiveBy(STRANGER, message, to), /OnlyPeer/)
    } finally {
      await setPeer(matiOn(from))
    }
  })
})

const dvnsChanged = unverified(async (stage, { from, to }, resume) => {
  const { message } = await sendTo(stage, from, to, little(stage))
  const { received } = declareEnd(pathwayOf(to, from), to.deployment, from.deployment)
  const set = (requiredDVNs: readonly Address[]) =>
    stage.govern(to, ulnCall(to.deployment, from.deployment, 'received', { ...received, requiredDVNs }))
  const strangers = [to.sender(STRANGER).address, ...received.requiredDVNs.slice(1)]
  await set(strangers.toSorted((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1)))
  try {
    resume()
    await until('both DVNs attest', async () => {
      const lookup = (dvn: Address) =>
        look<[boolean]>(to, 'library', 'hashLookup', [keccak256(message.header), message.payloadHash, dvn])
      return (await Promise.all(received.requiredDVNs.map(lookup))).every(([isAttested]) => isAttested)
    })
    await refused(commitBy(STRANGER, message, to), /LZ_ULN_Verifying/)
    await last(stage)
  } finally {
    await set(received.requiredDVNs)
  }
})

const backlog = slowly(async (stage, { from, to }) => {
  const count = stage.random.whole(10, 16)
  const amounts = Array.from({ length: count }, () => little(stage))
  const sent = await Promise.all(amounts.map((amount) => sendTo(stage, from, to, amount)))
  const messages = sent.map(({ message }) => message).toSorted((a, b) => Number(a.nonce - b.nonce))
  await until('all are attested', async () => {
    return (await Promise.all(messages.map((message) => isVerifiable(message, to)))).every(Boolean)
  })
  const [, ...others] = messages
  await Promise.all(others.map((message) => commitBy(STRANGER, message, to)))
  await refused(receiveBy(STRANGER, messages.at(-1) as Message, to), /LZ_InvalidNonce/)
})

/** A payment that goes the way, for a merchant of its own. */
async function payAcross(stage: Stage, { from, to }: Way, hiring: Omit<Parameters<typeof hire>[1], 'home'>) {
  const hired = await hire(stage, { home: to, ...hiring })
  const token = stage.random.oneOf([from.tokens.usdc, matiOn(from)])
  const due = amountOf(stage, from, token, [500n, 5_000n])
  await pay(stage, { chain: from, merchant: hired.merchant, token, due, surplus: 0n })
  return { ...hired, token }
}

const recipientBlocked: Fault = async (stage, way) => {
  const { usdc } = way.to.tokens
  const { merchant } = await payAcross(stage, way, { asset: usdc, shares: [10_000] })
  const [recipient] = merchant.recipients
  const setBlocked = (isBlocked: boolean) => {
    const args = [recipient?.account, isBlocked]
    return way.to.sender('network').send(contractCall(forgeArtifact('DevUsdc'), usdc, 'setBlacklisted', args))
  }
  await setBlocked(true)
  const owed = () => look(way.to, 'escrow', 'balanceOf', [recipient?.account, usdc])
  await until('it is owed what it cannot be paid', async () => (await owed()) !== 0n, 120_000)
  await setBlocked(false)
}

const payoutChanged = slowly(async (stage, way) => {
  const { from, to } = way
  const { merchant, key, token } = await payAcross(stage, way, { asset: matiOn(to) })
  const { address } = merchant
  const ledger = () => look<{ debited: bigint }>(from, 'escrow', 'ledger', [address, token])
  await until('it is settled', async () => (await ledger()).debited !== 0n, 90_000)
  const recipients = [{ account: stage.newAccount().address, shareBps: 10_000 }]
  const changed = registrationOf(stage, address, { home: to, asset: to.tokens.usdc, cycle: 0, nonce: 2n, recipients })
  await register(changed, key, [from, to])
  await Promise.all([from, to].map((chain) => passTheDay(chain, address)))
  const account = await look<Address>(from, 'registry', 'payoutAccount', [address])
  if (account === merchant.account) throw new Error('the change does not hold yet')
  const { credited } = await look<{ credited: bigint }>(to, 'escrow', 'ledger', [merchant.account, matiOn(to)])
  if (credited !== 0n) throw new Error('it arrived before the change')
})

/** Lets a merchant's change hold now, where a day of everybody's would make feeds stale: `Next.from` is 1. */
async function passTheDay(chain: Chain, merchant: Address): Promise<void> {
  const { address } = contractsOf(chain).registry
  const types = [{ type: 'address' }, { type: 'uint256' }] as const
  // The second slot of its entry in `_nexts`, which is the contract's second variable.
  const index = toHex(hexToBigInt(keccak256(encodeAbiParameters(types, [merchant, 1n]))) + 1n, { size: 32 })
  await testClient(chain).setStorageAt({ address, index, value: toHex(1, { size: 32 }) })
}

const notRegistered: Fault = async (stage, way) => {
  const { merchant } = await payAcross(stage, way, { asset: way.to.tokens.usdc, sources: [way.from] })
  const [recipient] = merchant.recipients
  const paid = () => way.to.balanceOf(merchant.asset, recipient?.account as Address)
  await until('it is paid where it is not registered', async () => (await paid()) !== 0n, 120_000)
}

export const faults = {
  'quorum of DVNs not reached': quorum,
  'lzReceive out of gas': receiveOutOfGas,
  'lzCompose out of gas': composeOutOfGas,
  'malformed payload': malformed,
  'unknown peer': unknownPeer,
  replay,
  'rate limit': rateLimit,
  oversized,
  'paused mid-flight': paused,
  'wrong peer': wrongPeer,
  'DVNs changed': dvnsChanged,
  backlog,
  'recipient blocked': recipientBlocked,
  'payout changed': payoutChanged,
  'not registered there': notRegistered,
  'way back closed': wayBackClosed,
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
