/** The command was called wrongly, or cannot do what was asked; the message is one sentence for the person at the prompt. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
