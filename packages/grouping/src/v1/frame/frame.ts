import type { Frame } from '@rumen/protocol/event'
import { boundFrame } from '../bound-frame.ts'
import type { Family } from '../family.ts'
import { readDotnetFrame } from './dotnet-frame.ts'
import { readJvmFrame } from './jvm-frame.ts'
import { readNativeFrame } from './native-frame.ts'
import type { Place } from './place.ts'
import { readPlainFrame } from './plain-frame.ts'
import { readScriptFrame } from './script-frame.ts'

/** `function in module-or-file`, both as they are in every build; `null` for a frame that names no code. */
export function readFrame(raw: Frame, family: Family): Place | null {
  const frame = boundFrame(raw)
  switch (family) {
    case 'javascript':
      return readScriptFrame(frame)
    case 'jvm':
      return readJvmFrame(frame)
    case 'dotnet':
      return readDotnetFrame(frame)
    case 'native':
      return readNativeFrame(frame)
    default:
      return readPlainFrame(frame, family)
  }
}
