import type { Exception, Mechanism } from '../event.ts'
import type { ImageFinder } from '../image-offsets.ts'
import { BAG_LIMITS, EXCEPTIONS_MAX, TEXT_LIMITS } from '../limits.ts'
import { maskedJson } from '../masked-json.ts'
import { isNamed, normaliseException } from '../normalise-exception.ts'
import type { SentException } from '../place-stacks.ts'
import { isRecord, type JsonObject, recordOf } from '../record.ts'
import { lenientText, readName } from '../text.ts'
import { indexedValuesOf } from '../values-list.ts'
import { type BagObject, readBagObject } from './bag.ts'
import { readStack, type StackDetails } from './read-stack.ts'
import { below, noteDropped, readNotedText, type Trail } from './trail.ts'

/** `index` is an exception's place in the payload, by which `meta` speaks of it. */
export interface ExceptionDetails extends Omit<Exception, 'mechanism' | 'stacktrace'> {
  index: number
  threadId: string | null
  mechanism: MechanismDetails | null
  stacktrace: StackDetails | null
}

export interface MechanismDetails extends Mechanism {
  description: string | null
  helpLink: string | null
  source: string | null
  data: BagObject | null
  /** What the system calls the failure: `signal`, `mach_exception`, `errno`, `ns_error`. */
  meta: BagObject | null
}

/** The exceptions, root cause first, whole. */
export function readExceptions(
  value: unknown,
  kept: readonly SentException[],
  root: Trail,
  findImage: ImageFinder,
): readonly ExceptionDetails[] {
  const trail = below(root, 'exception', 'values')
  const sent = indexedValuesOf(value).length
  if (sent > EXCEPTIONS_MAX) noteDropped(trail, sent)
  return kept.map((exception) => readException(exception, below(trail, exception.index), findImage)).filter(isNamed)
}

function readException(
  { index, exception, stack }: SentException,
  trail: Trail,
  findImage: ImageFinder,
): ExceptionDetails {
  const { type, value, module, mechanism } = normaliseException({ index, exception, stack: null }, findImage)
  readNotedText(below(trail, 'value'), maskedJson(exception.value), TEXT_LIMITS.exceptionValue)
  return {
    index,
    ...{ type, value, module },
    threadId: readName(lenientText(exception.thread_id), TEXT_LIMITS.word),
    mechanism: mechanism && readMechanism(mechanism, recordOf(exception.mechanism), below(trail, 'mechanism')),
    stacktrace: readStack(stack, trail, findImage),
  }
}

function readMechanism(mechanism: Mechanism, sent: JsonObject, trail: Trail): MechanismDetails {
  return {
    ...mechanism,
    description: readNotedText(below(trail, 'description'), sent.description, TEXT_LIMITS.description),
    helpLink: readNotedText(below(trail, 'help_link'), sent.help_link, TEXT_LIMITS.link),
    source: readName(sent.source, TEXT_LIMITS.word),
    data: readBagObject(dataOf(sent), BAG_LIMITS.mechanismData, below(trail, 'data')),
    meta: readBagObject(metaOf(sent), BAG_LIMITS.mechanismMeta, below(trail, 'meta')),
  }
}

/** Old crash reporters have the address that was touched at the mechanism itself. */
function dataOf({ data, relevant_address: address }: JsonObject): unknown {
  return typeof address === 'string' ? { relevant_address: address, ...recordOf(data) } : data
}

/** The same reporters had `posix_signal` and `mach_exception` there, in words of their own. */
function metaOf({ meta, posix_signal: signal, mach_exception: mach }: JsonObject): unknown {
  if (isRecord(meta) || (!isRecord(signal) && !isRecord(mach))) return meta
  return {
    ...(isRecord(signal) && { signal: renamed(signal, { signal: 'number' }) }),
    ...(isRecord(mach) && { mach_exception: renamed(mach, { exception_name: 'name' }) }),
  }
}

function renamed(object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [Object.hasOwn(names, key) ? (names[key] ?? key) : key, value]),
  )
}
