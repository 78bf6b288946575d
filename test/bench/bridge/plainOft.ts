/** A plain OFT on the bench's chains, on the same pathway: same libraries, DVNs, confirmations, executor, options. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { StackChain } from '@mati/demo'
import { matiTokenAbi } from '@mati/sdk'
import { type Abi, type Address, type Hex, pad } from 'viem'
import { deployContract, sendTransaction, waitForTransactionReceipt } from 'viem/actions'
import { messagingCalls } from '../../../contracts/script/messaging.ts'
import { declareEnd, receiveOptions, SEND } from '../../../contracts/script/pathway.ts'
import { forgeBinary, forgeEnvironment, root } from '../../../contracts/tool/forge.ts'
import { pathwayOf } from '../../../demo/src/config.ts'
import { BenchError } from '../error.ts'
import { mine } from './network.ts'

const SUPPLY = 10n ** 24n
const output = '.mati/bench/out'

/** Deploys it at both ends and opens the pathway. @returns Its address at each. */
export async function deployPlainOft(ends: readonly [StackChain, StackChain]): Promise<[Address, Address]> {
  const artifact = compile()
  const [a, b] = await Promise.all(ends.map((chain) => deploy(chain, artifact)))
  if (!a || !b) throw new BenchError('The plain OFT was not deployed.')
  await Promise.all([open(ends, [a, b]), open([ends[1], ends[0]], [b, a])])
  return [a, b]
}

/** Beside the bench of gas, so that forge does not forget what it compiled for the tests. */
function compile(): { abi: Abi; bytecode: Hex } {
  const environment = {
    FOUNDRY_PROFILE: 'default',
    FOUNDRY_TEST: 'test/bench',
    FOUNDRY_OUT: output,
    FOUNDRY_CACHE_PATH: '.mati/bench/cache',
  }
  const { status, stdout, stderr } = spawnSync(forgeBinary(), ['build', 'test/bench/bridge'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...forgeEnvironment(), ...environment },
  })
  if (status !== 0) throw new BenchError(`The plain OFT does not compile:\n${stdout}${stderr}`)
  const json = JSON.parse(readFileSync(path.join(root, output, 'PlainOft.sol/PlainOft.json'), 'utf8')) as {
    abi: Abi
    bytecode: { object: Hex }
  }
  return { abi: json.abi, bytecode: json.bytecode.object }
}

async function deploy(chain: StackChain, { abi, bytecode }: { abi: Abi; bytecode: Hex }): Promise<Address> {
  const client = chain.wallet('deployer')
  const args = [chain.deployment.external.endpoint, client.account.address, SUPPLY]
  const hash = await deployContract(client, { abi, bytecode, args, account: client.account, chain: client.chain })
  const { contractAddress } = await waitForTransactionReceipt(client, { hash })
  if (!contractAddress) throw new BenchError(`${hash} deployed nothing.`)
  return contractAddress
}

async function open([here, there]: readonly StackChain[], [oft, remote]: readonly Address[]): Promise<void> {
  if (!here || !there || !oft || !remote) throw new RangeError('A pathway has two ends')
  const client = here.wallet('deployer')
  const pathway = pathwayOf(here, there)
  const endOf = ({ deployment }: StackChain, token: Address) => ({
    ...deployment,
    contracts: { ...deployment.contracts, token },
  })
  for (const call of await messagingCalls(client, declareEnd(pathway, endOf(here, oft), endOf(there, remote)))) {
    const hash = await sendTransaction(client, {
      to: call.target,
      data: call.data,
      account: client.account,
      chain: client.chain,
    })
    const { status } = await waitForTransactionReceipt(client, { hash })
    if (status === 'reverted') throw new BenchError(`Cannot ${call.label} of the plain OFT.`)
  }
  // What is called has the signatures of Mati's token, which is an OFT too.
  const contract = { address: oft, abi: matiTokenAbi } as const
  await mine(client, { ...contract, functionName: 'setPeer', args: [there.eid, pad(remote)] })
  const options = [{ eid: there.eid, msgType: SEND, options: receiveOptions(pathway.sendGas) }]
  await mine(client, { ...contract, functionName: 'setEnforcedOptions', args: [options] })
}
