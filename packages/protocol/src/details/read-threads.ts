import type { ImageFinder } from '../image-offsets.ts'
import { BAG_LIMITS, TEXT_LIMITS, THREADS_MAX } from '../limits.ts'
import { threadStack } from '../place-stacks.ts'
import { lenientText, readName } from '../text.ts'
import { type Indexed, indexedValuesOf } from '../values-list.ts'
import { type Bag, readBag } from './bag.ts'
import { readStack, type StackDetails } from './read-stack.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** A thread at the moment of the event. `index` is its place in the payload, by which `meta` speaks of it. */
export interface Thread {
  index: number
  id: string | null
  name: string | null
  state: string | null
  crashed: boolean
  current: boolean
  main: boolean
  heldLocks: Bag
  stacktrace: StackDetails | null
}

/** The threads in their order; of too many those that crashed, are current or main, and the first of the others. */
export function readThreads(value: unknown, root: Trail, findImage: ImageFinder): readonly Thread[] {
  const sent = indexedValuesOf(value)
  const trail = below(root, 'threads', 'values')
  if (sent.length > THREADS_MAX) noteDropped(trail, sent.length)
  return select(sent).map((thread) => ({
    index: thread.index,
    id: readName(lenientText(thread.value.id), TEXT_LIMITS.word),
    name: readName(thread.value.name, TEXT_LIMITS.threadName),
    state: readName(thread.value.state, TEXT_LIMITS.word),
    crashed: thread.value.crashed === true,
    current: thread.value.current === true,
    main: thread.value.main === true,
    heldLocks: readBag(thread.value.held_locks, BAG_LIMITS.frameData, below(trail, thread.index, 'held_locks')),
    stacktrace: readStack(threadStack(thread), root, findImage),
  }))
}

function select(threads: readonly Indexed[]): readonly Indexed[] {
  if (threads.length <= THREADS_MAX) return threads
  const isNotable = ({ value }: Indexed) => value.crashed === true || value.current === true || value.main === true
  const first = [...threads.filter(isNotable), ...threads.filter((thread) => !isNotable(thread))].slice(0, THREADS_MAX)
  return first.sort((one, other) => one.index - other.index)
}
