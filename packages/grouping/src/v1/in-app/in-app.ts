import type { Frame } from '@rumen/protocol/event'
import { boundFrame } from '../bound-frame.ts'
import type { Family } from '../family.ts'
import { isLibraryModule } from './library-module.ts'
import { isLibraryPath } from './library-path.ts'
import { isPhpLibrary } from './php-libraries.ts'
import { isBundledPython } from './python-libraries.ts'
import { isSystemCode } from './system-code.ts'
import { isWrapper } from './wrapper.ts'

/**
 * Whether a frame is the application's own code. An SDK's no is a no. Its yes is believed where it knows the application
 * (Python, Ruby, PHP, the JVM: it was told which modules are); SDKs of browsers, Go, Rust and engines say it of nearly
 * everything, so there, and where nothing was said, the place of the code decides.
 */
export function isInApp(frame: Frame, family: Family): boolean {
  return frame.inApp !== false && isOwn(boundFrame(frame), family)
}

/** The frames that are the application's own. An SDK that denies all of them was not told which are, and is not asked. */
export function ownFrames(frames: readonly Frame[], family: Family): readonly Frame[] {
  const own = frames.filter((frame) => isInApp(frame, family))
  if (own.length > 0 || KNOWS_PATHS.has(family) || !frames.every(({ inApp }) => inApp === false)) return own
  return frames.filter((frame) => isOwn({ ...boundFrame(frame), inApp: null }, family))
}

const KNOWS_APPLICATION: ReadonlySet<Family> = new Set(['python', 'ruby', 'php', 'jvm', 'other'])
/** Their no comes from where the code lies, and holds without any setting. */
const KNOWS_PATHS: ReadonlySet<Family> = new Set(['python', 'ruby', 'php', 'native'])

function isOwn(frame: Frame, family: Family): boolean {
  if (frame.inApp === true && KNOWS_APPLICATION.has(family)) return !isMisplaced(frame, family)
  return !isLibrary(frame, family) && (frame.inApp === true || isPlaced(frame))
}

/** Libraries that were copied beside the application, or that old SDKs took for it, and what runtimes put on a stack. */
function isMisplaced({ absPath, module, function: name }: Frame, family: Family): boolean {
  if (family === 'python') return isBundledPython(module, absPath)
  return family === 'php' && name !== null && isPhpLibrary(name)
}

/** Whether a frame says where it is at all. */
function isPlaced({ filename, absPath, module, package: image }: Frame): boolean {
  return filename !== null || absPath !== null || module !== null || image !== null
}

function isLibrary({ filename, absPath, module, package: image, function: name }: Frame, family: Family): boolean {
  if (family === 'native' && isSystemCode(name, image)) return true
  if (name !== null && isLibraryFunction(name, module, family)) return true
  if (module !== null && isLibraryModule(module, family)) return true
  if (absPath !== null && isLibraryPath(absPath, family)) return true
  return filename !== null && filename !== absPath && isLibraryPath(filename, family)
}

function isLibraryFunction(name: string, module: string | null, family: Family): boolean {
  if (family === 'javascript') return isWrapper(name)
  if (family === 'php') return isPhpLibrary(name)
  // Unity and others write the class into the name.
  return family === 'dotnet' && module === null && isLibraryModule(name, family)
}
