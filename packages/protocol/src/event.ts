import type { EventId } from './brand.ts'

/** Severity, most severe last: its index is what the database stores. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'fatal'] as const
export type Level = (typeof LEVELS)[number]

/**
 * One event as everything behind the parser sees it: every field of a known type, within its limit,
 * `null` where the SDK sent nothing usable. Made by `normaliseEvent` alone.
 */
export interface Event {
  id: EventId
  /** The moment it happened by the server's clock: the SDK's clock corrected by `sent_at`. */
  occurredAt: Date
  kind: 'error' | 'message'
  level: Level
  platform: string
  logger: string | null
  /** 32 lower-case hexadecimal characters. */
  traceId: string | null
  transaction: string | null
  serverName: string | null
  release: string | null
  dist: string | null
  environment: string | null
  /** As the SDK sent it, empty parts removed; empty when it sent none. */
  fingerprint: readonly string[]
  tags: readonly Tag[]
  message: Message | null
  /** Root cause first, the exception that reached the top last. */
  exceptions: readonly Exception[]
  /** Stack of the thread an event without exceptions came from. */
  stacktrace: Stacktrace | null
  user: User
  request: Request
  contexts: Contexts
  sdk: NameVersion
}

export interface Tag {
  key: string
  value: string
}

/** `template` is the text before its parameters were filled in, when the SDK sent one. */
export interface Message {
  template: string | null
  formatted: string
}

export interface Exception {
  type: string | null
  value: string | null
  module: string | null
  mechanism: Mechanism | null
  stacktrace: Stacktrace | null
}

export interface Mechanism {
  type: string
  handled: boolean | null
  synthetic: boolean
  exceptionId: number | null
  parentId: number | null
  isExceptionGroup: boolean
  /** The system's own code for it, `NSURLErrorDomain -1009` or `ENOENT`; texts about it are in the language of the machine. */
  code: string | null
}

/** Oldest call first, the crashing frame last; never empty. */
export interface Stacktrace {
  frames: readonly Frame[]
}

export interface Frame {
  filename: string | null
  absPath: string | null
  module: string | null
  package: string | null
  function: string | null
  /** Bytes from the start of its package, in hexadecimal: of native code, and all there is to tell code without symbols by. */
  imageOffset: string | null
  contextLine: string | null
  /** 1-based; `null` where unknown. */
  line: number | null
  column: number | null
  /** `null` where the SDK did not say. */
  inApp: boolean | null
}

export interface User {
  id: string | null
  email: string | null
  username: string | null
  ip: string | null
}

export interface Request {
  /** Without query string and fragment: those carry secrets. */
  url: string | null
  method: string | null
}

export interface NameVersion {
  name: string | null
  version: string | null
}

export interface Contexts {
  os: NameVersion
  runtime: NameVersion
  browser: NameVersion
  app: { name: string | null; version: string | null; build: string | null }
  device: {
    manufacturer: string | null
    brand: string | null
    model: string | null
    family: string | null
    arch: string | null
    chipset: string | null
    connectionType: string | null
    orientation: string | null
    screenWidth: number | null
    screenHeight: number | null
    screenDensity: number | null
    screenDpi: number | null
    processorCount: number | null
    memorySize: number | null
  }
  culture: { locale: string | null; timezone: string | null }
}
