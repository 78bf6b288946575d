/** Something that a person has to put right before a deployment can go on; the message says what. */
export class DeployError extends Error {
  override readonly name = 'DeployError'
}
