import type { EventId } from '@rumen/protocol/brand'
import type { Event, Exception, Frame, Mechanism } from '@rumen/protocol/event'

const NAMELESS = { name: null, version: null }

/** For tests: an event as the parser makes it of an SDK that sent nothing, with the given fields in place. */
export function sampleEvent(fields: Partial<Event>): Event {
  return {
    id: sampleId('0123456789abcdef0123456789abcdef'),
    occurredAt: new Date(0),
    kind: fields.exceptions === undefined ? 'message' : 'error',
    level: 'error',
    platform: 'other',
    ...{ logger: null, transaction: null, serverName: null, release: null, dist: null, environment: null },
    traceId: null,
    ...{ fingerprint: [], tags: [], message: null, exceptions: [], stacktrace: null },
    user: { id: null, email: null, username: null, ip: null },
    request: { url: null, method: null },
    contexts: {
      ...{ os: NAMELESS, runtime: NAMELESS, browser: NAMELESS, app: { name: null, version: null, build: null } },
      device: {
        ...{ manufacturer: null, brand: null, model: null, family: null, arch: null, chipset: null },
        ...{ connectionType: null, orientation: null, processorCount: null, memorySize: null },
        ...{ screenWidth: null, screenHeight: null, screenDensity: null, screenDpi: null },
      },
      culture: { locale: null, timezone: null },
    },
    sdk: NAMELESS,
    ...fields,
  }
}

/** An exception; frames as the wire has them, oldest call first. */
export function sampleException(
  type: string | null,
  value: string | null,
  frames: readonly Frame[] = [],
  mechanism: Partial<Mechanism> | null = null,
): Exception {
  return {
    ...{ type, value, module: null },
    mechanism: mechanism === null ? null : sampleMechanism(mechanism),
    stacktrace: frames.length === 0 ? null : { frames },
  }
}

export function sampleFrame(fields: Partial<Frame>): Frame {
  return {
    ...{ filename: null, absPath: null, module: null, package: null, function: null, contextLine: null },
    imageOffset: null,
    ...{ line: null, column: null, inApp: null },
    ...fields,
  }
}

function sampleMechanism(fields: Partial<Mechanism>): Mechanism {
  return {
    ...{ type: 'generic', handled: null, synthetic: false, exceptionId: null, parentId: null, isExceptionGroup: false },
    code: null,
    ...fields,
  }
}

/** The caller passes 32 lower-case hexadecimal digits, which is all the brand promises. */
function sampleId(id: string): EventId {
  return id as EventId
}
