/** Sends one contract call: simulated first, so that a revert costs nothing and is decoded. */
import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  type Client,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type EncodeFunctionDataParameters,
  type Hash,
  type Hex,
  keccak256,
  type Transport,
  UserRejectedRequestError,
} from 'viem'
import { call, prepareTransactionRequest, sendRawTransaction, sendTransaction, signTransaction } from 'viem/actions'
import type { Deployment } from './deployment.ts'
import { firstCause, MatiError, OutcomeUnknownError } from './errors.ts'
import { throwDecoded } from './reverts.ts'

/** A viem client that can send: with an account and a chain. `createWalletClient` makes one. */
export type SendingClient = Client<Transport, Chain, Account>
/** A viem client that can read. */
export type ReadingClient = Client<Transport, Chain>

/** One call of a contract. */
export type ContractCall<
  abi extends Abi = Abi,
  name extends ContractFunctionName<abi, 'nonpayable' | 'payable'> = ContractFunctionName<
    abi,
    'nonpayable' | 'payable'
  >,
> = {
  address: Address
  abi: abi
  functionName: name
  args: ContractFunctionArgs<abi, 'nonpayable' | 'payable', name>
  /** Native coin sent along, in wei. */
  value?: bigint
}

/**
 * Simulates a call, signs it and hands it to the node. Waiting for its receipt is the caller's.
 * @returns The transaction's hash.
 * @throws RevertError if the contract would refuse it (nothing was sent); OutcomeUnknownError if the node did not
 * confirm that it took it (it may be mined yet).
 */
export async function sendCall<const abi extends Abi, name extends ContractFunctionName<abi, 'nonpayable' | 'payable'>>(
  client: SendingClient,
  contractCall: ContractCall<abi, name>,
): Promise<Hash> {
  const { account } = client
  const data = encodeFunctionData(contractCall as unknown as EncodeFunctionDataParameters)
  const transaction = { to: contractCall.address, data, value: contractCall.value ?? 0n }
  await call(client, { account, ...transaction }).catch(throwDecoded)
  if (account.type !== 'local')
    return broadcast(null, () => sendTransaction(client, { account, chain: client.chain, ...transaction }))

  // Signed here, so that the hash is known before anything is broadcast.
  const request = await prepareTransactionRequest(client, { account, chain: client.chain, ...transaction }).catch(
    throwDecoded,
  )
  // A quarter more than estimated: rates, ticks and balances may change until it is mined.
  const gas = (request.gas * 5n) / 4n
  const signed = (await signTransaction(client, { ...request, gas } as never)) as Hex
  return broadcast(keccak256(signed), () => sendRawTransaction(client, { serializedTransaction: signed }))
}

async function broadcast(hash: Hash | null, send: () => Promise<Hash>): Promise<Hash> {
  try {
    return await send()
  } catch (error) {
    if (firstCause(error, (cause) => cause instanceof UserRejectedRequestError)) {
      const action = 'Ask again, if the user wants to.'
      throw new MatiError('The wallet did not sign', { code: 'REJECTED_BY_USER', action, cause: error })
    }
    throw new OutcomeUnknownError(hash, error)
  }
}

/** @throws MatiError `WRONG_CHAIN` if client and deployment are of different chains. */
export function requireSameChain(client: ReadingClient, deployment: Pick<Deployment, 'chainId' | 'name'>): void {
  if (client.chain.id === deployment.chainId) return
  throw new MatiError(`The client is on chain ${client.chain.id}, the deployment on ${deployment.chainId}`, {
    code: 'WRONG_CHAIN',
    action: `Pass a client of chain ${deployment.name} (${deployment.chainId}).`,
  })
}
