/** What is mutated. A contract that is split or a library it comes to use is added here. */

export type Target = {
  /** From the root. */
  file: string
  /** A test file whose path holds one of these words runs first; all others follow. */
  testedBy: readonly string[]
}

export const targets: readonly Target[] = [
  { file: 'contracts/src/MatiEscrow.sol', testedBy: ['MatiEscrow', 'Escrow'] },
  { file: 'contracts/src/EscrowLedger.sol', testedBy: ['MatiEscrow', 'Escrow'] },
  { file: 'contracts/src/RateOracle.sol', testedBy: ['RateOracle'] },
  { file: 'contracts/src/Settler.sol', testedBy: ['Settler', 'Settlement'] },
  { file: 'contracts/src/SettlementPlanner.sol', testedBy: ['Settler', 'Settlement'] },
  { file: 'contracts/src/libraries/Auction.sol', testedBy: ['Auction', 'Settler', 'Settlement'] },
  { file: 'contracts/src/libraries/CaptureOrders.sol', testedBy: ['CaptureOrders', 'Batch'] },
  { file: 'contracts/src/libraries/TokenTransfer.sol', testedBy: ['TokenTransfer', 'MatiEscrow', 'Settler', 'attack'] },
  { file: 'contracts/src/types/Ledger.sol', testedBy: ['MatiEscrow', 'Escrow'] },
  { file: 'contracts/src/types/Fee.sol', testedBy: ['Fee', 'Capture'] },
  { file: 'contracts/src/types/PaymentSlot.sol', testedBy: ['MatiEscrow', 'Escrow'] },
  { file: 'contracts/src/types/Share.sol', testedBy: ['Share', 'Settler'] },
  { file: 'contracts/src/types/Rest.sol', testedBy: ['Rest', 'Settler', 'Settlement'] },
  { file: 'contracts/src/types/Rate.sol', testedBy: ['Rate', 'Settler'] },
]

/**
 * Tests that ask what a call costs or a contract weighs, which code compiled without an optimizer does not answer; they
 * stay out. Patterns of whole names. Every other test must pass on unmutated sources, or the run ends before it begins.
 */
export const costTests: readonly string[] = [
  String.raw`test_Gas_\w+`,
  'test_EveryDeployedContractFitsEip170',
  'test_AQuarterIsLeftOfTheGasAskedFor',
  'test_AFirstSendIsDeliveredWithTheLeastGasThatMayBeEnforced',
  'test_SixteenRecipientsThatBurnGasCostGasOnly',
  'test_Settle_GasDecidesNothing',
  'testFuzz_GasDecidesNoTransferThatFailsCheaply',
]
