/** Something that keeps a bench from saying anything; the message says what to do. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
}
