import type { Contexts, NameVersion } from './event.ts'
import { INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import type { ReleaseParts } from './normalise-release.ts'
import { readInteger, readNumber } from './number.ts'
import { type JsonObject, recordOf } from './record.ts'
import { lenientText, readName } from './text.ts'
import { parseUserAgent } from './user-agent.ts'

/**
 * Where an event happened. What the SDK left out is filled from the release (`name@version+build` for the app) and from
 * the User-Agent of the request the event is about (browser, system and device).
 */
export function normaliseContexts(
  contexts: ReadonlyMap<string, JsonObject>,
  release: ReleaseParts,
  userAgent: string | null,
): Contexts {
  const device = contexts.get('device')
  const culture = recordOf(contexts.get('culture'))
  const agent = userAgent === null ? null : parseUserAgent(userAgent)
  const app = recordOf(contexts.get('app'))
  return {
    os: nameVersion(contexts.get('os')) ?? agent?.os ?? NONE,
    runtime: nameVersion(contexts.get('runtime')) ?? NONE,
    browser: nameVersion(contexts.get('browser')) ?? agent?.browser ?? NONE,
    app: {
      name: text(app.app_name) ?? release.name,
      version: text(app.app_version) ?? release.version,
      build: text(app.app_build) ?? release.build,
    },
    device: normaliseDevice(recordOf(device ?? agent?.device)),
    culture: {
      locale: text(culture.locale) ?? text(device?.locale),
      timezone: text(culture.timezone) ?? text(device?.timezone),
    },
  }
}

const NONE: NameVersion = Object.freeze({ name: null, version: null })

function nameVersion(context: JsonObject | undefined): NameVersion | null {
  if (context === undefined) return null
  const name = text(context.name)
  const version = text(context.version)
  return name === null && version === null ? fromDescription(text(context.raw_description)) : { name, version }
}

/** A name, then a version: `Microsoft Windows 10.0.19043`, `.NET Framework 4.8.4110.0`, `Linux 5.4.0-80-generic #90`. */
function fromDescription(description: string | null): NameVersion | null {
  if (description === null) return null
  const [, name, version] = /^(?:Microsoft )?(\D{1,64}?) v?(\d[\w.-]*)/.exec(description) ?? []
  return name === undefined ? { name: description, version: null } : { name, version: version ?? null }
}

function normaliseDevice(device: JsonObject): Contexts['device'] {
  const [, width, height] = /^(\d{1,6})x(\d{1,6})$/.exec(String(text(device.screen_resolution))) ?? []
  return {
    manufacturer: text(device.manufacturer),
    brand: text(device.brand),
    model: text(device.model),
    family: text(device.family),
    arch: text(device.arch),
    chipset: text(device.chipset),
    connectionType: text(device.connection_type),
    orientation: text(device.orientation),
    screenWidth: whole(device.screen_width_pixels) ?? whole(Number(width)),
    screenHeight: whole(device.screen_height_pixels) ?? whole(Number(height)),
    screenDensity: readNumber(device.screen_density, 0, INTEGER_MAX),
    screenDpi: whole(device.screen_dpi),
    processorCount: whole(device.processor_count),
    memorySize: readInteger(device.memory_size, 0, Number.MAX_SAFE_INTEGER),
  }
}

function text(value: unknown): string | null {
  return readName(lenientText(value), TEXT_LIMITS.contextText)
}

function whole(value: unknown): number | null {
  return readInteger(value, 0, INTEGER_MAX)
}
