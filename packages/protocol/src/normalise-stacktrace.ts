import type { Frame, Stacktrace } from './event.ts'
import type { ImageFinder } from './image-offsets.ts'
import { FRAMES_MAX, INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import { readInteger } from './number.ts'
import { isRecord, type JsonObject, recordOf } from './record.ts'
import { cleanText, readText } from './text.ts'
import { bothEnds } from './values-list.ts'

/** Relay derives file names from these schemes only; `app:`, `webpack:` and `data:` stay whole. */
const URL_SCHEME = /^(?:https?|file|applewebdata):/

/** A stack, oldest call first; `null` when it has no frame. */
export function normaliseStacktrace(value: unknown, findImage: ImageFinder): Stacktrace | null {
  const { frames } = recordOf(value)
  if (!Array.isArray(frames)) return null
  const kept = bothEnds(frames.filter(isRecord), FRAMES_MAX)
  return kept.length === 0 ? null : { frames: kept.map((frame) => normaliseFrame(frame, findImage)) }
}

export function normaliseFrame(frame: JsonObject, findImage: ImageFinder): Frame {
  const sentFilename = readPath(frame.filename)
  const absPath = readPath(frame.abs_path) ?? sentFilename
  // Relay moves a lone filename to abs_path and derives it anew, so that a URL becomes its path.
  const filename = readPath(frame.abs_path) === null || sentFilename === null ? pathOf(absPath) : sentFilename
  const image = findImage(frame)
  return {
    filename,
    absPath,
    module: readText(frame.module, TEXT_LIMITS.frameModule),
    package: readText(frame.package ?? image?.file, TEXT_LIMITS.frameModule),
    function: frame.function === '?' ? null : readText(frame.function, TEXT_LIMITS.frameFunction),
    imageOffset: image?.offset ?? null,
    contextLine: contextLine(frame),
    line: readInteger(frame.lineno, 1, INTEGER_MAX),
    column: readInteger(frame.colno, 1, INTEGER_MAX),
    inApp: typeof frame.in_app === 'boolean' ? frame.in_app : null,
  }
}

function readPath(value: unknown): string | null {
  return readMasked(value, TEXT_LIMITS.path)
}

/** The path of a URL without query; by hand, because `new URL` costs more than the rest of a frame together. */
function pathOf(absPath: string | null): string | null {
  if (absPath === null || !URL_SCHEME.test(absPath)) return absPath
  const host = absPath.indexOf('//')
  const slash = absPath.indexOf('/', host === -1 ? 0 : host + 2)
  const path = slash === -1 ? '' : (/^[^?#]*/.exec(absPath.slice(slash))?.[0] ?? '')
  return path === '' || path === '/' ? absPath : path
}

/** An SDK that sends the lines around it but not the line itself means an empty line. */
function contextLine(frame: JsonObject): string | null {
  if (typeof frame.context_line === 'string') return cleanText(frame.context_line, TEXT_LIMITS.contextLine)
  return hasLines(frame.pre_context) || hasLines(frame.post_context) ? '' : null
}

function hasLines(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
