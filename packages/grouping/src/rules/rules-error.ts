/** Something wrong in the text of the rules; `line` is 1-based, and the message begins with it. */
export interface RulesFault {
  readonly line: number
  readonly message: string
}

/** Says everything that is wrong with a project's rules at once, in the order of the text. */
export class RulesError extends Error {
  override readonly name = 'RulesError'
  readonly faults: readonly RulesFault[]

  constructor(faults: readonly RulesFault[]) {
    super(`The rules cannot be used:\n${faults.map(({ message }) => `  ${message}`).join('\n')}`)
    this.faults = faults
  }
}
