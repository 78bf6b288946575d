/**
 * Adds a Uniswap v3 position, which is what settlements convert against, and shows what it earns from a few swaps.
 * Start the local chains with `npm start`, then, in another terminal: `npm run liquidity`.
 */
import {
  approve,
  type DeployedToken,
  formatAmount,
  quoterV2Abi,
  sendCall,
  type SendingClient,
  swapRouterAbi,
  throwDecoded,
  tokenOf,
  weth9Abi,
} from '@mati/sdk'
import { addPosition, collectFees, getPosition, positionAdded } from '@mati/sdk/liquidity'
import { maxUint256, parseEther } from 'viem'
import { getBlock, simulateContract } from 'viem/actions'
import { accounts, chainNamed, mined, run } from './chains.ts'
import { readArguments } from './command.ts'

const help = `Usage: npm run liquidity [-- options]

Adds a Uniswap v3 position, shows what it earns from a few swaps, and collects it. Runs beside \`npm start\`.

Options:
  --help  print this

Environment: MATI_PORT_A, if \`npm start\` was given another port.`

readArguments(help, 0)

const { deployment, wallet } = chainNamed('A')
const [weth, usdc] = [tokenOf(deployment, 'WETH'), tokenOf(deployment, 'USDC')]
const feePips = 500
const { positionManager, quoter, swapRouter } = deployment.external.uniswap
const show = (amount: bigint, { decimals, symbol }: DeployedToken) => `${formatAmount(amount, decimals, 6)} ${symbol}`

await run(async () => {
  const [provider, trader] = [wallet(accounts.payer2), wallet(accounts.payer3)]
  await prepare(provider, parseEther('12'))
  await prepare(trader, parseEther('5'))

  const bought = await swap(provider, weth, usdc, parseEther('4'))
  const receipt = await mined(
    provider,
    addPosition(provider, {
      deployment,
      amounts: [
        { token: weth.address, amount: parseEther('4') },
        { token: usdc.address, amount: bought },
      ],
      feePips,
      rangeBps: 500,
      slippageBps: 100,
      deadline: await inOneMinute(provider),
    }),
  )
  const { id } = positionAdded(receipt, deployment)
  const position = await getPosition(provider, { deployment, id })
  const [first, second] = position.token0 === weth.address ? [weth, usdc] : [usdc, weth]
  console.log(`Position ${id}: ${show(position.amount0, first)} and ${show(position.amount1, second)}`)

  console.log('Others trade …')
  for (let round = 0; round < 4; round++) {
    const got = await swap(trader, weth, usdc, parseEther('1'))
    await swap(trader, usdc, weth, got)
  }
  const { fees } = await getPosition(provider, { deployment, id })
  console.log(`It earned ${show(fees.amount0, first)} and ${show(fees.amount1, second)}`)
  await mined(provider, collectFees(provider, { deployment, id }))
  const left = await getPosition(provider, { deployment, id })
  console.log(`Collected; left to collect: ${show(left.fees.amount0, first)} and ${show(left.fees.amount1, second)}`)
})

/** Wraps native coins, and lets Uniswap take both tokens. */
async function prepare(client: SendingClient, value: bigint): Promise<void> {
  await mined(
    client,
    sendCall(client, { address: weth.address, abi: weth9Abi, functionName: 'deposit', args: [], value }),
  )
  for (const token of [weth.address, usdc.address]) {
    for (const spender of [swapRouter, positionManager]) {
      await mined(client, approve(client, { deployment, token, spender, amount: maxUint256 }))
    }
  }
}

/** Sells `amount`, for at least what the quoter says now less a percent. Returns that least. */
async function swap(client: SendingClient, from: DeployedToken, to: DeployedToken, amount: bigint): Promise<bigint> {
  const tokens = { tokenIn: from.address, tokenOut: to.address, fee: feePips, sqrtPriceLimitX96: 0n }
  const { result } = await simulateContract(client, {
    address: quoter,
    abi: quoterV2Abi,
    functionName: 'quoteExactInputSingle',
    args: [{ ...tokens, amountIn: amount }],
  }).catch(throwDecoded)
  const [quoted] = result
  const least = (quoted * 99n) / 100n
  const params = {
    ...tokens,
    recipient: client.account.address,
    deadline: BigInt(await inOneMinute(client)),
    amountIn: amount,
    amountOutMinimum: least,
  }
  await mined(
    client,
    sendCall(client, { address: swapRouter, abi: swapRouterAbi, functionName: 'exactInputSingle', args: [params] }),
  )
  return least
}

async function inOneMinute(client: SendingClient): Promise<number> {
  return Number((await getBlock(client)).timestamp) + 60
}
