import { forge } from '@mati/contracts/tool/forge'
import { MatiError } from '@mati/sdk'

/** Compiles what is deployed. @throws MatiError if it does not compile; forge has said why. */
export function buildContracts(): void {
  if (forge(['build', 'contracts/src', 'devnet/contracts'], { quiet: true }) === 0) return
  throw new MatiError('The contracts do not compile', {
    code: 'BUILD_FAILED',
    action: 'Correct what forge names above.',
  })
}
