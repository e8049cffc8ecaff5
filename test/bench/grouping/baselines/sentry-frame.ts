import type { Frame, Stacktrace } from '@rumen/protocol/event'
import { familyOf } from './families.ts'
import { markFrames } from './sentry-marks.ts'
import { trimFunction } from './trim-function.ts'

/** With the application's frames alone, and with all of them. */
export type Variant = 'app' | 'system'

/** What a stack is compared by: of each frame that counts, module or file, function, and source line. */
export function stackValues({ frames }: Stacktrace, platform: string, variant: Variant): readonly string[] {
  const marks = markFrames(frames, platform)
  const [only, ...others] = frames
  const isBlind = only !== undefined && others.length === 0 && isUrl(pathOf(only), true)
  if (isBlind && familyOf(platform) === 'javascript' && !only.function) return []
  return frames.flatMap((frame, at) => {
    const { counts, inApp } = marks[at] ?? { counts: true, inApp: false }
    if (!counts || (variant === 'app' && !inApp) || isRepeated(frame, frames[at - 1])) return []
    return frameValues(frame, platform)
  })
}

function isRepeated(frame: Frame, before: Frame | undefined): boolean {
  if (before === undefined) return false
  const fields = ['absPath', 'package', 'module', 'filename', 'function', 'line', 'column'] as const
  return fields.every((field) => frame[field] === before[field])
}

const NO_PLACES = new Set(['[native code]', 'native code', 'eval code', '<anonymous>'])
const NO_NAMES = new Set(['', '?', '<anonymous function>', '<anonymous>', 'Anonymous function'])

function frameValues(frame: Frame, platform: string): readonly string[] {
  const line = contextLineOf(frame, platform)
  const file = moduleOf(frame, platform) ?? fileOf(frame, platform)
  const values = (name: string | null) => [file, name, line].filter((value) => value !== null)
  if (familyOf(platform) !== 'javascript') return values(functionOf(frame, platform))
  const name = frame.function?.split('.').at(-1) ?? ''
  if (name === 'eval' || NO_PLACES.has(pathOf(frame))) return []
  return values(NO_NAMES.has(name) || name.endsWith('/<') ? null : name)
}

/** Relay writes one for the other where an SDK sends but one. */
function pathOf({ absPath, filename }: Frame): string {
  return absPath ?? filename ?? ''
}

function isUrl(path: string, isFileUrl: boolean): boolean {
  return /^(?:https?|applewebdata|blob):/.test(path) || (isFileUrl && path.startsWith('file:'))
}

function fileOf(frame: Frame, platform: string): string | null {
  const name = frame.filename?.split(/[/\\]/).at(-1)?.toLowerCase() ?? ''
  if (name === '' || isUrl(pathOf(frame), false) || name === '<anonymous>' || name === '[native code]') return null
  return platform === 'java' ? name.replace(JAVASSIST, '$1<auto>') : name
}

const JAVASSIST = /(\$\$_javassist)(?:_seam)?(?:_\d+)?/g
/** Classes made while a program runs: a stem, and a number or hash that is different each time. */
const GENERATED = [
  /(sun\.reflect\.Generated(?:Serialization)?ConstructorAccessor)\d+/g,
  /(\$\$\w+?CGLIB\$\$)[a-fA-F\d]+(?:_\d+)?/g,
  JAVASSIST,
  /(\$fn__)\d+/g,
  /(\$\$EnhancerBy\w+\$\$)[a-fA-F\d]+(?:_\d+)?/g,
  /(\$\$FastClassBy\w+\$\$)[a-fA-F\d]+(?:_\d+)?/g,
  /(\$HibernateProxy\$)\w+/g,
]

function moduleOf({ module, absPath }: Frame, platform: string): string | null {
  if (module === null) return null
  if (platform === 'javascript') return module.includes('/') && absPath?.endsWith(module) ? null : module
  if (platform !== 'java') return module
  if (module.includes('$$Lambda$')) return null
  const accessor = /^(?:sun|jdk\.internal)\.reflect\.GeneratedMethodAccessor/.exec(module)
  if (accessor !== null) return accessor[0]
  return GENERATED.reduce((name, pattern) => name.replace(pattern, '$1<auto>'), module)
}

function functionOf({ function: name }: Frame, platform: string): string | null {
  if (!name) return null
  const trimmed = trimFunction(name, platform)
  switch (platform) {
    case 'ruby':
      return trimmed.startsWith('block ') ? 'block' : trimmed.replace(/__\d{4,}_\d{4,}$/, '')
    case 'php':
      if (/^(?:\[Anonymous|class@anonymous\0)/.test(trimmed)) return null
      return trimmed.startsWith('class@anonymous') ? (trimmed.split('::').at(-1) ?? trimmed) : trimmed
    case 'java':
      return trimmed.startsWith('lambda$') ? null : trimmed
    default:
      return trimmed === '<redacted>' || trimmed === '<unknown>' ? null : trimmed
  }
}

/** Platforms whose source lines come with the event. */
const WITH_SOURCE = new Set(['javascript', 'node', 'python', 'php', 'ruby'])
const LINE_CHARS_MAX = 120

function contextLineOf(frame: Frame, platform: string): string | null {
  const line = frame.contextLine ?? ''
  if (!WITH_SOURCE.has(platform) || line.length > LINE_CHARS_MAX) return null
  if (familyOf(platform) === 'javascript' && !frame.function && isUrl(pathOf(frame), true)) return null
  return line.replace(/\s+/g, ' ').trim() || null
}
