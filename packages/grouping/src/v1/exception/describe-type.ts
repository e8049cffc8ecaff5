import type { Exception } from '@rumen/protocol/event'
import type { V1Component } from '../component.ts'
import { isSignal } from './signal.ts'
import { readType } from './type-name.ts'

/** Of failures whose type is a matter of the engine or its version. */
const TYPELESS: ReadonlySet<string> = new Set(['stack overflow', 'storage is full'])

/**
 * The type of the cause. `neutral` are the engine-neutral words for what was said; `isPlaced` tells that a place follows.
 */
export function describeType(
  root: Exception | null,
  { isPlaced, neutral }: { isPlaced: boolean; neutral: string | null },
): V1Component[] {
  const source = root?.type?.trim() ?? ''
  if (root === null || source === '') return []
  const describe = (text: string | null, reason: string): V1Component[] => [{ kind: 'type', source, text, reason }]
  if (root.mechanism?.synthetic) return describe(null, 'the SDK made it up')
  if (isPlaced && isSignal(source)) return describe(null, 'each system has its own signals')
  if (neutral !== null && TYPELESS.has(neutral)) return describe(neutral, 'each engine has its own type')
  const type = readType(source)
  // Which name is not defined is all there is to tell.
  const isUndefined = neutral?.startsWith('is not defined ') === true
  return describe(isUndefined ? `${type} ${neutral}` : type, 'the type of the cause')
}
