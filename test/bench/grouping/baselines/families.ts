const NATIVE = new Set(['objc', 'cocoa', 'swift', 'native', 'c'])
const JAVASCRIPT = new Set(['javascript', 'node'])

/** Sentry's families of platforms (`src/sentry/stacktraces/platform.py`). */
export type Family = 'native' | 'javascript' | 'other'

export function familyOf(platform: string): Family {
  if (isNative(platform)) return 'native'
  return JAVASCRIPT.has(platform) ? 'javascript' : 'other'
}

export function isNative(platform: string): boolean {
  return NATIVE.has(platform)
}
