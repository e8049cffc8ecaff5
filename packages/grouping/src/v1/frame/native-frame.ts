import type { Frame } from '@rumen/protocol/event'
import { readFunctionName } from '../function-name/function-name.ts'
import type { Place } from './place.ts'

/** A frame of native code: the function, which has its classes before it; without symbols, where in its image it lies. */
export function readNativeFrame(frame: Frame): Place | null {
  const name = readFunctionName(frame.function, 'native')
  if (name !== null) return { name, text: name }
  if (frame.imageOffset === null) return null
  const image = frame.package?.split(/[/\\]/).at(-1) ?? '?'
  const place = `${frame.imageOffset} in ${image}`
  return { name: place, text: place }
}
