import type { Frame } from '@rumen/protocol/event'
import type { Family } from '../family.ts'
import { readFileName } from '../file-name/file-name.ts'
import { readFunctionName } from '../function-name/function-name.ts'
import { readNativeFrame } from './native-frame.ts'
import { type Place, placeOf } from './place.ts'

/** What PHP began with: where it broke is in what that includes and calls. */
const START_SCRIPT = /(?:^|\/)(?:index|artisan|console|worker|server|app|cron)(?:\.php)?$/

/** A frame of a language whose files are what they were when somebody wrote them. */
export function readPlainFrame(frame: Frame, family: Family): Place | null {
  if (family === 'php' && frame.function === null && START_SCRIPT.test(frame.filename ?? '')) return null
  if (frame.function === null && frame.imageOffset !== null) return readNativeFrame(frame)
  const name = readFunctionName(frame.function, family)
  const path = frame.filename ?? frame.absPath
  const file = path === null ? null : readFileName(path, family).text
  if (family === 'go' || family === 'elixir') return placeOf(name, readPackage(frame.module) ?? file)
  return placeOf(name, file ?? readModule(frame.module))
}

/** The package alone, of whatever major version and wherever it is published. */
function readPackage(module: string | null): string | null {
  const versionless = module?.replace(/\/v\d+$/, '') ?? null
  return versionless === null ? null : versionless.slice(versionless.lastIndexOf('/') + 1)
}

function readModule(module: string | null): string | null {
  return module === null || module === '' || module === '__main__' || module.startsWith('<') ? null : module
}
