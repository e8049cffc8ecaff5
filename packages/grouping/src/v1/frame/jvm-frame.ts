import type { Frame } from '@rumen/protocol/event'
import { before } from '../before.ts'
import { readFunctionName } from '../function-name/function-name.ts'
import { readBodyClass, readJvmClass } from '../function-name/jvm-name.ts'
import { type Place, placeOf } from './place.ts'

/** What R8 renamed has other names in the next build: `a.b.c`. */
const RENAMED = /^(?:[a-z]\w?[.$])*[a-z]\w?$/

/** A frame of the JVM: the method and the outermost class it was written in. */
export function readJvmFrame({ module: named, filename, function: name }: Frame): Place | null {
  // Scala writes into the class of a closure which method it stands in.
  const closure = named?.includes('$anonfun$') ? readBodyClass(named, name ?? '') : null
  if (closure !== null) return placeOf(closure.method, closure.module)
  const method = readFunctionName(name, 'jvm')
  if (named === null || named === '') return placeOf(method, filename)
  const module = readJvmClass(named)
  if (RENAMED.test(module)) return null
  const body = method === null ? null : readBodyClass(module, method)
  if (body !== null) return placeOf(body.method, body.module)
  return placeOf(method, module.startsWith('$') ? module : before(module, '$'))
}
