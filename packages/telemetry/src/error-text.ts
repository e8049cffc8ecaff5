const CHARS_MAX = 500

/**
 * An error in a sentence that may be kept: in a log, a job's output, a row of `digest_error`. What a query builder
 * throws repeats the statement and every parameter, whole events among them; its cause, the server's own message, is
 * what says something.
 */
export function errorText(error: unknown): string {
  const told = causeOf(error)
  const text = told instanceof Error ? told.message : String(told)
  // It may quote what PostgreSQL cannot keep, and the cut may fall into a pair.
  return text.slice(0, CHARS_MAX).toWellFormed().replaceAll('\0', '\ufffd')
}

/** The fields of an error that are logged: no parameters, no rows, no configuration. */
export function errorFields(error: unknown): Record<string, unknown> {
  const told = causeOf(error)
  if (!(told instanceof Error)) return { message: errorText(told) }
  return {
    type: told.name,
    message: errorText(told),
    ...('code' in told && { code: told.code }),
    // The stack begins with the message, which may be long; its frames are what is looked for.
    stack: (told.stack ?? '')
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
  }
}

/** The first error on the way to the cause that carries no statement of its own. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && 'query' in error && error.cause !== undefined ? causeOf(error.cause) : error
}
