import type { NameVersion } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'

export interface UserAgent {
  readonly browser: NameVersion | null
  readonly os: NameVersion | null
  readonly device: { readonly family: string; readonly model: string; readonly brand: string | null } | null
}

/** First match wins: nearly every browser also claims to be Chrome, and Chrome to be Safari. */
const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/([\d.]+)/],
  ['Opera', /\b(?:OPR|OPiOS|Opera)\/([\d.]+)/],
  ['Samsung Internet', /\bSamsungBrowser\/([\d.]+)/],
  ['Electron', /\bElectron\/([\d.]+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/([\d.]+)/],
  ['Chrome Mobile', /\bChrome\/([\d.]+) Mobile\b/],
  ['Chrome Mobile iOS', /\bCriOS\/([\d.]+)/],
  ['HeadlessChrome', /\bHeadlessChrome\/([\d.]+)/],
  ['Chrome', /\b(?:Chrome|Chromium)\/([\d.]+)/],
  ['IE', /\b(?:MSIE |Trident\/[^)]*?rv:)([\d.]+)/],
  ['Mobile Safari', /\bVersion\/([\d.]+) Mobile\/\S+ Safari\//],
  ['Safari', /\bVersion\/([\d.]+) Safari\//],
]

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Windows', /\bWindows NT ([\d.]+)/],
  ['Android', /\bAndroid ([\d.]+)/],
  ['iOS', /\b(?:iPhone OS|CPU OS) ([\d_]+)/],
  ['Mac OS X', /\bMac OS X ([\d_.]+)/],
  ['Chrome OS', /\bCrOS \S+ ([\d.]+)/],
  ['Linux', /\bLinux\b()/],
]

const WINDOWS: ReadonlyMap<string | null, string> = new Map([
  ['10.0', '10'],
  ['6.3', '8.1'],
  ['6.2', '8'],
  ['6.1', '7'],
])

/**
 * What a browser says of itself in its User-Agent, for events of browsers, whose SDK sends no contexts. Names are those
 * Sentry shows; a table of a dozen rules instead of a dependency of thousands, because rare ones only share a `null`.
 */
export function parseUserAgent(text: string): UserAgent {
  const agent = text.slice(0, TEXT_LIMITS.userAgent.charsMax)
  const os = firstMatch(SYSTEMS, agent)
  const isWindows = os?.name === 'Windows'
  return {
    browser: firstMatch(BROWSERS, agent),
    os: isWindows ? { name: os.name, version: WINDOWS.get(os.version) ?? os.version } : os,
    device: deviceOf(agent),
  }
}

function firstMatch(rules: typeof BROWSERS, agent: string): NameVersion | null {
  for (const [name, pattern] of rules) {
    const version = pattern.exec(agent)?.[1]
    if (version !== undefined) return { name, version: shorten(version) }
  }
  return null
}

/** Three parts: a browser's fourth is its build, which would make every patch a value of its own. */
function shorten(version: string): string | null {
  return version.replaceAll('_', '.').split('.').filter(Boolean).slice(0, 3).join('.') || null
}

function deviceOf(agent: string): UserAgent['device'] {
  const apple = /\((iPhone|iPad|iPod|Macintosh)\b/.exec(agent)?.[1]
  if (apple !== undefined) {
    const family = apple === 'Macintosh' ? 'Mac' : apple
    return { family, model: family, brand: 'Apple' }
  }
  // `K` is what Chrome says on every Android device since it reduced its User-Agent.
  const model = /\bAndroid [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?([^;)]{2,64}?)(?: Build\/|\))/i.exec(agent)?.[1]
  return model === undefined ? null : { family: model, model, brand: null }
}
