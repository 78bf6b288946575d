/** Compares one end of a pathway with its declaration. Pure. */
import { type Hex, pad } from 'viem'
import { MIN_SEND_GAS } from '../config.ts'
import type { DeclaredEnd } from '../pathway.ts'
import { diagnoseDvns, type FarUln } from './diagnoseDvns.ts'
import type { Remedies, Symptom, WiredSymptom } from './finding.ts'
import type { ObservedEnd } from './observeEnd.ts'
import { sendGasIn } from './sendGas.ts'

/** What matters here of the other end. */
export type FarEnd = FarUln & Pick<ObservedEnd, 'tokenPeer' | 'gatewayPeer'>

/** What is not as declared; nothing if all is. `far` is the other end, as seen there. */
export function diagnoseEnd(declared: DeclaredEnd, observed: ObservedEnd, far: FarEnd, remedies: Remedies): Symptom[] {
  const mend = `Run \`${remedies.wire}\`: it sets this, or lists the call for a configurator to schedule.`
  const differing = [
    ...peers(declared, observed, far),
    ...limits(declared, observed),
    ...libraries(declared, observed),
    ...diagnoseDvns(declared, observed, far),
    ...executors(declared, observed),
    ...options(declared, observed),
  ].map((symptom): Symptom => ({ mend, ...symptom }))
  const symptoms = [...workers(observed), ...pauses(observed), ...differing]
  // Whatever is wrong above may be why nothing is quoted.
  return symptoms.length > 0 ? symptoms : quotes(observed)
}

function peers({ here, there }: DeclaredEnd, observed: ObservedEnd, far: FarEnd): WiredSymptom[] {
  const symptoms: WiredSymptom[] = []
  const require = (
    check: 'peer' | 'gateway' | 'settler',
    what: string,
    found: Hex,
    expected: Hex,
    isKnownThere = false,
  ) => {
    if (isSame(found, expected)) return
    const oneSided = isKnownThere ? `; one-sided: chain ${there.chainId} sends here, and nothing of it is taken` : ''
    symptoms.push({ check, found: `${what}: ${nameOf(found)}${oneSided}`, expected: nameOf(expected) })
  }
  const { token, gateway } = here.contracts
  const isTokenKnown = isSame(far.tokenPeer, token)
  const isGatewayKnown = isSame(far.gatewayPeer, gateway)
  require('peer', "the token's peer", observed.tokenPeer, there.contracts.token, isTokenKnown)
  require('gateway', "the gateway's peer", observed.gatewayPeer, there.contracts.gateway, isGatewayKnown)
  require('gateway', 'the gateway there, as the token knows it', observed.tokenGateway, there.contracts.gateway)
  require('gateway', 'the gateway here, as the token knows it', observed.ownGateway, gateway)
  require('settler', "the settler's gateway", observed.settlerGateway, gateway)
  return symptoms
}

function limits({ limits: declared }: DeclaredEnd, { limits: observed }: ObservedEnd): WiredSymptom[] {
  const names = ['outbound', 'inbound', 'gatewayOutbound', 'gatewayInbound'] as const
  return names.flatMap((name): WiredSymptom[] => {
    const [found, expected] = [observed[name], declared[name]].map(
      ({ capacity, windowSeconds }) => `${name}: ${capacity} in ${windowSeconds} s`,
    ) as [string, string]
    return found === expected ? [] : [{ check: 'limits', found, expected }]
  })
}

/** A guardian's doing, and maybe meant: told as a warning. */
function pauses({ isOutboundPaused, inboundPausedUntil }: ObservedEnd): Symptom[] {
  const paused = [
    ...(isOutboundPaused ? ['nothing may be sent'] : []),
    ...(inboundPausedUntil > 0 ? [`what arrives waits until ${inboundPausedUntil}`] : []),
  ]
  return paused.map((found) => ({
    check: 'paused',
    severity: 'warning',
    found,
    expected: 'no pause',
    mend: 'A guardian lifts it, once what it was for is over: setOutboundPaused or pauseInbound of the token.',
  }))
}

function libraries({ here }: DeclaredEnd, observed: ObservedEnd): WiredSymptom[] {
  const { sendLibrary, receiveLibrary } = here.external
  const symptoms: WiredSymptom[] = []
  const require = (what: string, { address, isDefault }: ObservedEnd['sendLibrary'], expected: Hex) => {
    if (isDefault) {
      const found = `${what} library: inherited, today ${address}`
      symptoms.push({ check: 'pinned', found, expected: `${expected}, pinned` })
    } else if (!isSame(address, expected)) {
      symptoms.push({ check: 'library', found: `${what} library: ${address}`, expected })
    }
  }
  require('send', observed.sendLibrary, sendLibrary)
  require('receive', observed.receiveLibrary, receiveLibrary)
  const { address, until } = observed.oldReceiveLibrary
  if (until > observed.block && !observed.receiveLibrary.isDefault) {
    const found = `${address} may deliver too, until block ${until} (now ${observed.block})`
    symptoms.push({ check: 'library', found, expected: `${receiveLibrary} alone` })
  }
  return symptoms
}

function executors({ executor: declared }: DeclaredEnd, { executor: observed }: ObservedEnd): WiredSymptom[] {
  const symptoms: WiredSymptom[] = []
  if (isSame(observed.executor, '0x0')) {
    symptoms.push({ check: 'pinned', found: 'executor: inherited', expected: `${declared.executor}, pinned` })
  } else if (!isSame(observed.executor, declared.executor)) {
    symptoms.push({ check: 'executor', found: observed.executor, expected: declared.executor })
  }
  const [size, expected] = [observed.maxMessageSize, declared.maxMessageSize]
  if (size === 0)
    symptoms.push({ check: 'pinned', found: 'message size: inherited', expected: `${expected} bytes, pinned` })
  else if (size !== expected) {
    symptoms.push({ check: 'executor', found: `messages up to ${size} bytes`, expected: `up to ${expected} bytes` })
  }
  return symptoms
}

function options({ sendGas }: DeclaredEnd, { enforcedOptions }: ObservedEnd): WiredSymptom[] {
  const gas = sendGasIn(enforcedOptions)
  if (gas === BigInt(sendGas)) return []
  const tooLow =
    gas !== null && gas < MIN_SEND_GAS ? `, below the ${MIN_SEND_GAS} that delivery was measured to need` : ''
  const found =
    gas === null ? `enforced options that ask for something else: ${enforcedOptions}` : `${gas} gas enforced${tooLow}`
  return [{ check: 'options', found, expected: `${sendGas} gas` }]
}

function workers({ codeless }: ObservedEnd): Symptom[] {
  return codeless.map((address) => ({
    check: 'workers',
    found: `no code at ${address}`,
    expected: 'an executor or a DVN',
    mend: "Correct external.executor, external.dvns, or the pathway's dvns, and wire again.",
  }))
}

function quotes({ quotes }: ObservedEnd): Symptom[] {
  return Object.entries(quotes).flatMap(([name, refusal]): Symptom[] => {
    if (refusal === null) return []
    return [
      {
        check: 'quote',
        found: `the ${name} quotes nothing: ${refusal}`,
        expected: 'a fee',
        mend: 'Name an executor and DVNs that serve this pathway (their dstConfig), and wire again.',
      },
    ]
  })
}

/** Addresses, left-padded or not, by value: contracts answer in lower case. */
function isSame(a: Hex, b: Hex): boolean {
  return BigInt(a) === BigInt(b)
}

/** A peer's address without its padding. */
function nameOf(peer: Hex): string {
  if (BigInt(peer) === 0n) return 'none'
  const padded = pad(peer)
  return BigInt(padded) >> 160n === 0n ? `0x${padded.slice(26)}` : padded
}
