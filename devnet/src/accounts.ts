import { mnemonicToAccount, type HDAccount } from 'viem/accounts'

/** The well-known test phrase. Its keys are public: nothing of value may ever be sent to them on a real network. */
export const testMnemonic = 'test test test test test test test test test test test junk'

/**
 * Who acts on the local chains, in the order of derivation (m/44'/60'/0'/0/index).
 * `network` owns what a real network already has; everybody else is a user of it.
 */
export const accountNames = [
  'deployer',
  'guardian',
  'keeper',
  'relayer',
  'network',
  'lp',
  'market',
  'arbitrageur',
  'dvn1',
  'dvn2',
  'executor',
  'merchant1',
  'merchant2',
  'merchant3',
  'payer1',
  'payer2',
  'payer3',
  'payer4',
  'admin',
  'merchant4',
  'payer5',
  'merchant5',
  'payer6',
] as const

export type AccountName = (typeof accountNames)[number]
export type Accounts = Readonly<Record<AccountName, HDAccount>>

/** Derives every named account from one phrase. */
export function deriveAccounts(mnemonic: string = testMnemonic): Accounts {
  const entries = accountNames.map((name, addressIndex) => [name, mnemonicToAccount(mnemonic, { addressIndex })])
  return Object.fromEntries(entries) as Accounts
}
