/** Compares who is in charge of one chain with what its config declares. Pure. */
import { type Address, isAddressEqual } from 'viem'
import type { Deployment } from '@mati/sdk'
import type { ChainConfig } from '../config.ts'
import type { Remedies, Symptom } from './finding.ts'
import type { Holder, ObservedChain } from './observeChain.ts'

export type DeclaredChain = {
  deployment: Deployment
  /** Who may have which role; null if no config is at hand: then any admin will do that waits. */
  config: Pick<ChainConfig, 'deployer' | 'roles'> | null
}

/** What is not as declared; nothing if all is. */
export function diagnoseChain(declared: DeclaredChain, observed: ObservedChain, remedies: Remedies): Symptom[] {
  const { deployment } = declared
  if (observed.status === 'codeless') {
    return observed.codeless.map(({ name, address }) => ({
      check: 'code',
      found: `no code at ${address}`,
      expected: `the contract ${name}`,
      mend: 'Correct the deployment file, or pass a node of the chain that it was written for.',
    }))
  }
  const chain: Symptom[] =
    observed.eid === deployment.eid
      ? []
      : [
          {
            check: 'chain',
            found: `endpoint id ${observed.eid}`,
            expected: `endpoint id ${deployment.eid}`,
            mend: 'Correct eid and endpoint in the config of this chain and deploy again: contracts keep their endpoint for good.',
          },
        ]
  return [...chain, ...control(deployment, observed), ...roles(declared, observed, remedies)]
}

function control(
  { contracts }: Deployment,
  { owner, delegate, authorities }: ObservedChain & { status: 'read' },
): Symptom[] {
  const { access } = contracts
  const symptoms: Symptom[] = []
  const require = (check: 'owner' | 'delegate', what: string, holder: Address, mend: string) => {
    if (isAddressEqual(holder, access)) return
    symptoms.push({ check, found: `${what} is ${holder}`, expected: `the access manager ${access}`, mend })
  }
  require('owner', 'owner of the token', owner, `Have ${owner} call transferOwnership(${access}) of the token.`)
  for (const [name, authority] of Object.entries(authorities)) {
    require('owner', `authority of the ${name}`, authority, `Have ${authority} call setAuthority(${access}) of the ${name}.`)
  }
  require('delegate', "the token's delegate", delegate, `Have the token's owner call setDelegate(${access}) of the token: until then ${delegate} can change every library and DVN at once.`)
  return symptoms
}

function roles(
  { deployment, config }: DeclaredChain,
  { holders, isHolderListComplete }: ObservedChain & { status: 'read' },
  remedies: Remedies,
): Symptom[] {
  const incomplete: Symptom[] = isHolderListComplete
    ? []
    : [
        {
          check: 'roles',
          severity: 'warning',
          found: 'the node lists no events back to the deployment, so only declared accounts were asked for',
          expected: 'every holder of a role',
          mend: `Pass --rpc with a node that answers eth_getLogs from block ${deployment.startBlock}.`,
        },
      ]
  if (!config) return [...incomplete, ...hasty(deployment, holders)]
  const declared = declaredHolders(config)
  const isOf = (a: Holder) => (b: Holder) => a.role === b.role && isAddressEqual(a.account, b.account)
  const surplus = holders.filter((holder) => !declared.some(isOf(holder)))
  const differing = declared.flatMap((wanted): Symptom[] => {
    const holder = holders.find(isOf(wanted))
    if (holder?.delaySeconds === wanted.delaySeconds) return []
    return [
      {
        check: 'roles',
        found: holder
          ? `${wanted.role} ${wanted.account} waits ${holder.delaySeconds} s`
          : `${wanted.account} is not ${wanted.role}`,
        expected: `${wanted.role} that waits ${wanted.delaySeconds} s`,
        mend: `Run \`${remedies.handOver(deployment.chainId)}\`: it grants this, or lists the call for an admin to schedule.`,
      },
    ]
  })
  return [...incomplete, ...differing, ...surplus.map((holder) => undeclared(deployment, config.deployer, holder))]
}

function undeclared({ contracts }: Deployment, deployer: Address, { role, account, delaySeconds }: Holder): Symptom {
  const who = isAddressEqual(account, deployer) ? `the deployer ${account}` : account
  return {
    check: 'roles',
    found: `${who} is ${role}, after ${delaySeconds} s`,
    expected: 'only the declared holders',
    mend: `Have an admin call revokeRole of the access manager ${contracts.access} for ${account}, or name it in the config.`,
  }
}

/** Admins who could change everything before anybody can look. */
function hasty({ contracts }: Deployment, holders: readonly Holder[]): Symptom[] {
  return holders
    .filter(({ role, delaySeconds }) => role === 'admin' && delaySeconds === 0)
    .map(({ account }) => ({
      check: 'roles',
      found: `admin ${account} waits for nothing`,
      expected: 'an admin whose calls wait in public',
      mend: `Have an admin call grantRole(0, account, delay) of ${contracts.access}; on a test network, pass --configs, which declare it.`,
    }))
}

function declaredHolders({ roles }: Pick<ChainConfig, 'roles'>): Holder[] {
  const { admin, guardians, operators, configurators } = roles
  return [
    { ...admin, role: 'admin' },
    ...guardians.map((grant): Holder => ({ ...grant, role: 'guardian' })),
    ...operators.map((grant): Holder => ({ ...grant, role: 'operator' })),
    ...configurators.map((grant): Holder => ({ ...grant, role: 'config' })),
  ]
}
