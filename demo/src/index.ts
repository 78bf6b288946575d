export { findFreePort } from '@mati/devnet'
export * from './evidence.ts'
export * from './participants.ts'
export * from './payments.ts'
export { play } from './play.ts'
export {
  startChains,
  startServices,
  startStack,
  type Stack,
  type StackChain,
  type StackChains,
  type StackOptions,
} from './stack.ts'
