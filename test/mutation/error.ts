/** Something that keeps a run from saying anything about the tests; the message says what to do. */
export class MutationError extends Error {
  override readonly name = 'MutationError'
}
