import { diagnoseEnd } from '@mati/contracts/script/doctor/diagnoseEnd'
import type { ObservedEnd } from '@mati/contracts/script/doctor/observeEnd'
import { NIL_CONFIRMATIONS, receiveOptions, type UlnConfig } from '@mati/contracts/script/pathway'
import { pad, zeroAddress, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { at, declare, far, limits, near, other, remedies } from './samples.ts'

const diagnose = (changes: Partial<ObservedEnd>, farChanges: Partial<ObservedEnd> = {}) =>
  diagnoseEnd(declare(), { ...near, ...changes }, { ...far, ...farChanges }, remedies)

/** The checks that fail, and all that was found, in one line each. */
const found = (...args: Parameters<typeof diagnose>) =>
  diagnose(...args).map(({ check, found }) => `${check}: ${found}`)

/** A ULN config as pinned and as in force, with changes. */
const uln = (way: 'sent' | 'received', own: Partial<UlnConfig>, inForce: Partial<UlnConfig> = own) => ({
  [way]: { own: { ...near[way].own, ...own }, inForce: { ...near[way].own, ...inForce } },
})
const [ada, bob, cy] = [at(0x111), at(0x112), at(0x113)]

describe('diagnoseEnd', () => {
  test('finds nothing where all is as declared', () => {
    expect(diagnose({})).toEqual([])
  })

  test('says what was found, what was declared, and how to mend it', () => {
    expect(diagnose({ settlerGateway: zeroAddress })).toEqual([
      {
        check: 'settler',
        found: "the settler's gateway: none",
        expected: near.settlerGateway.toLowerCase(),
        mend: 'Run `wire it`: it sets this, or lists the call for a configurator to schedule.',
      },
    ])
  })

  test('names a peer that is missing, another, or one-sided', () => {
    const known = '; one-sided: chain 2 sends here, and nothing of it is taken'
    expect(found({ tokenPeer: zeroHash })).toEqual([`peer: the token's peer: none${known}`])
    expect(found({ tokenPeer: pad(at(9)) }, { tokenPeer: zeroHash })).toEqual([`peer: the token's peer: ${at(9)}`])
    expect(found({ gatewayPeer: zeroHash })).toEqual([`gateway: the gateway's peer: none${known}`])
    expect(found({ tokenGateway: zeroHash })).toEqual(['gateway: the gateway there, as the token knows it: none'])
    expect(diagnose({ tokenPeer: `0xff${pad(other.contracts.token).slice(4)}` })).toHaveLength(1)
  })

  test('finds other limits, a token that does not know its own gateway, and tells of pauses', () => {
    const inbound = { capacity: 7n, windowSeconds: 60 }
    expect(found({ limits: { ...limits, inbound } })).toEqual(['limits: inbound: 7 in 60 s'])
    expect(found({ ownGateway: zeroHash })).toEqual(['gateway: the gateway here, as the token knows it: none'])
    const paused = diagnose({ isOutboundPaused: true, inboundPausedUntil: 99 })
    expect(paused.map(({ check, severity, found }) => [check, severity, found])).toEqual([
      ['paused', 'warning', 'nothing may be sent'],
      ['paused', 'warning', 'what arrives waits until 99'],
    ])
  })

  test('finds libraries that are inherited, others, or outlived', () => {
    const { address } = near.sendLibrary
    expect(found({ sendLibrary: { address, isDefault: true } })).toEqual([
      `pinned: send library: inherited, today ${address}`,
    ])
    expect(found({ receiveLibrary: { address: at(9), isDefault: false } })).toEqual([
      `library: receive library: ${at(9)}`,
    ])
    expect(found({ oldReceiveLibrary: { address: at(9), until: 1_001n } })).toEqual([
      `library: ${at(9)} may deliver too, until block 1001 (now 1000)`,
    ])
  })

  test('finds every inherited field of either direction, with what it means today', () => {
    expect(found(uln('sent', { confirmations: 0n }, { confirmations: 7n }))).toEqual([
      'pinned: confirmations of what is sent: inherited, today 7',
    ])
    const required = { requiredDVNCount: 0, requiredDVNs: [] }
    expect(found(uln('received', required, { requiredDVNs: [ada, cy], optionalDVNs: [] }))).toEqual([
      `pinned: required DVNs of what is received: inherited, today ${ada}, ${cy}`,
    ])
    const optional = { optionalDVNCount: 0, optionalDVNThreshold: 0, optionalDVNs: [] }
    expect(found(uln('received', optional))).toEqual([
      'pinned: optional DVNs of what is received: inherited, today none',
    ])
    const executor = near.executor
    expect(found({ executor: { ...executor, executor: zeroAddress } })).toEqual(['pinned: executor: inherited'])
    expect(found({ executor: { ...executor, maxMessageSize: 0 } })).toEqual(['pinned: message size: inherited'])
  })

  test('compares confirmations with the declaration and with the other end', () => {
    expect(found(uln('received', { confirmations: 21n }))).toEqual([
      'confirmations: of what is received: 21, at the other end 20',
    ])
    expect(found(uln('sent', { confirmations: NIL_CONFIRMATIONS }))).toEqual([
      'confirmations: of what is sent: 0, at the other end 15',
    ])
  })

  test('finds DVNs that are others, fewer, optional without being declared, or fewer needed', () => {
    expect(found(uln('sent', { requiredDVNs: [ada, at(0x999)] }))).toEqual([
      `dvns: required for what is sent: ${ada}, ${at(0x999)}`,
    ])
    expect(found(uln('sent', { requiredDVNCount: 1, requiredDVNs: [ada] }))).toEqual([
      `dvns: required for what is sent: ${ada}`,
      'operators: for what is sent: 1 required',
    ])
    const none = { optionalDVNCount: 255, optionalDVNThreshold: 0, optionalDVNs: [] }
    expect(found(uln('received', none))).toEqual(['dvns: optional for what is received: none'])
  })

  test('counts no operator twice', () => {
    const both = uln('received', { optionalDVNs: [ada] })
    expect(found(both)).toEqual([
      `dvns: optional for what is received: 1 of ${ada}`,
      `operators: for what is received: ${ada} is required and optional`,
    ])
    const signers = { ...near.signers, [ada]: [at(1), at(2)], [cy]: [at(2)] }
    expect(found({ signers })).toEqual([
      `operators: for what is sent: ${ada} and ${cy} are both signed for by ${at(2)}`,
      `operators: for what is received: ${ada} and ${cy} are both signed for by ${at(2)}`,
    ])
    expect(found({ signers: { ...signers, [ada]: null } })).toEqual([])
  })

  test('finds a library that does not do what is pinned', () => {
    expect(found(uln('sent', {}, { requiredDVNs: [bob, at(9)] }))).toEqual([
      `dvns: in force for what is sent: ${bob}, ${at(9)}`,
    ])
  })

  test('finds another executor and another size', () => {
    expect(found({ executor: { maxMessageSize: 9, executor: at(9) } })).toEqual([
      `executor: ${at(9)}`,
      'executor: messages up to 9 bytes',
    ])
  })

  test('finds gas that is not as declared, and says if it is below what was measured', () => {
    const below = ', below the 125000 that delivery was measured to need'
    expect(found({ enforcedOptions: '0x' })).toEqual([`options: 0 gas enforced${below}`])
    expect(found({ enforcedOptions: '0x0003' })).toEqual([`options: 0 gas enforced${below}`])
    expect(found({ enforcedOptions: receiveOptions(124_999) })).toEqual([`options: 124999 gas enforced${below}`])
    expect(found({ enforcedOptions: receiveOptions(140_000) })).toEqual(['options: 140000 gas enforced'])
    expect(found({ enforcedOptions: '0x000301' })).toEqual([
      'options: enforced options that ask for something else: 0x000301',
    ])
  })

  test('finds workers without code', () => {
    expect(found({ codeless: [ada] })).toEqual([`workers: no code at ${ada}`])
  })

  test('asks for quotes only where nothing else explains that there is none', () => {
    const quotes = { token: 'Executor_EidNotSupported', gateway: null }
    expect(found({ quotes })).toEqual(['quote: the token quotes nothing: Executor_EidNotSupported'])
    expect(found({ quotes, settlerGateway: zeroAddress })).toEqual(["settler: the settler's gateway: none"])
  })
})
