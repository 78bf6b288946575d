/** Mati's contracts on every local chain, wired to each other and handed over: the deploy path of a network that exists. */
import type { ChainConfig, Pathway } from '@mati/contracts/script/config'
import { configure } from '@mati/contracts/script/configure'
import { deployContracts } from '@mati/contracts/script/contracts'
import { handOver } from '@mati/contracts/script/handOver'
import { wirePathway } from '@mati/contracts/script/wire'
import type { Accounts, Devnet, LocalChain } from '@mati/devnet'
import type { Deployment, SendingClient } from '@mati/sdk'
import { type Account, createWalletClient, http } from 'viem'
import { configOf, pathwaysOf } from './config.ts'

/** A local chain with what is deployed on it. */
export type DeployedChain = LocalChain & {
  deployment: Deployment
  /** What was decided about it before. */
  config: ChainConfig
  /** A client that sends as one of the named accounts. */
  wallet: (account: keyof Accounts) => SendingClient
}

export type LocalDeployment = { chains: DeployedChain[]; pathways: Pathway[] }

/** Deploys on all chains at once; wires one pathway after the other, since each sends as the deployer. */
export async function deployLocal(devnet: Devnet): Promise<LocalDeployment> {
  const { accounts } = devnet
  const chains = await Promise.all(
    devnet.chains.map(async (chain, i): Promise<DeployedChain> => {
      const config = configOf(chain, accounts, { home: i === 0 })
      const wallet = (name: keyof Accounts) => walletOf(chain, accounts[name])
      const deployed = await deployContracts(wallet('deployer'), config)
      await devnet.createPools(chain, deployed.contracts.token)
      return { ...chain, config, wallet, deployment: await configure(wallet('deployer'), config, deployed) }
    }),
  )
  const pathways = pathwaysOf(devnet.chains)
  await wireLocal({ chains, pathways }, 'deployer')
  await Promise.all(
    chains.map(({ wallet, config, deployment }) => handOver(wallet('deployer'), config, deployment.contracts)),
  )
  return { chains, pathways }
}

/** Brings every pathway to what it says, as the account, which is an admin on all chains. */
export async function wireLocal({ chains, pathways }: LocalDeployment, account: keyof Accounts): Promise<void> {
  const side = (id: number) => {
    const chain = chains.find(({ chainId }) => chainId === id)
    if (!chain) throw new RangeError(`There is no local chain ${id}`)
    return { client: chain.wallet(account), end: chain.deployment }
  }
  for (const pathway of pathways) {
    const [a, b] = pathway.ends
    await wirePathway([side(a.chainId), side(b.chainId)], pathway)
  }
}

function walletOf(chain: LocalChain, account: Account): SendingClient {
  return createWalletClient({ account, chain: chain.client.chain, transport: http(chain.rpcUrl), pollingInterval: 100 })
}
