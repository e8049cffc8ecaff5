import type { Event, Exception } from './event.ts'

/**
 * The exception whose mechanism speaks for the event: an unhandled one wherever it stands in the chain (JavaScript marks
 * the innermost cause and calls the outer one handled), else the newest with a mechanism.
 */
export function decisiveException({ exceptions }: Pick<Event, 'exceptions'>): Exception | undefined {
  return (
    exceptions.find((exception) => exception.mechanism?.handled === false) ??
    exceptions.findLast((exception) => exception.mechanism !== null)
  )
}
