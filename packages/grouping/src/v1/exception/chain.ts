import type { Event, Exception, Frame } from '@rumen/protocol/event'

/** The exceptions of an event, of each kind in the order they came. */
export interface Chain {
  /** They tell what went wrong, root cause first. */
  causes: readonly Exception[]
  /** They only say that several went wrong: `AggregateError`, `ExceptionGroup` and their like. */
  groups: readonly Exception[]
  /** The first cause, else the first group. */
  root: Exception | null
}

/** Splits groups from what they hold, and leaves out what is no exception. */
export function readChain({ exceptions }: Event): Chain {
  const real = exceptions.filter((one) => !isStackText(one))
  const causes = real.filter((one) => !isGroup(one))
  const groups = real.filter(isGroup)
  return { causes, groups, root: causes[0] ?? groups[0] ?? null }
}

function isGroup({ mechanism }: Exception): boolean {
  return mechanism?.isExceptionGroup === true
}

/** React's boundaries link the components that were being drawn, Python's pools the text of a stack, as if it were a cause. */
function isStackText({ type }: Exception): boolean {
  return type !== null && (type.startsWith('React ErrorBoundary ') || /^_?RemoteTraceback$/.test(type))
}

/** Frames newest first; empty where there is no stack. */
export function framesOf({ stacktrace }: { stacktrace: { frames: readonly Frame[] } | null }): readonly Frame[] {
  return stacktrace?.frames.toReversed() ?? []
}
