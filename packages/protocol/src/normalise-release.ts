import { TEXT_LIMITS } from './limits.ts'
import { lenientText, readName } from './text.ts'

const FORBIDDEN = /[\r\n\f\t/\\]/

/**
 * A release, or `null` for text that names none (empty, `.`, `..`, `latest`, or with a character Sentry refuses). The
 * archive still has such text for people to read; it only makes no release.
 */
export function normaliseRelease(value: unknown): string | null {
  const release = readName(lenientText(value), TEXT_LIMITS.release)
  return release === null || FORBIDDEN.test(release) || /^(?:\.{1,2}|latest)$/i.test(release) ? null : release
}

/** A build of a release; too long a one is refused, not cut: half a build number is another build. */
export function normaliseDist(value: unknown): string | null {
  const dist = lenientText(value)?.trim() ?? ''
  return dist.length <= TEXT_LIMITS.dist.charsMax && /^[a-zA-Z0-9_.-]+$/.test(dist) ? dist : null
}

/** An environment, or `null` for `.`, `..`, `none` and names with a character Sentry refuses. */
export function normaliseEnvironment(value: unknown): string | null {
  const environment = readName(value, TEXT_LIMITS.environment)
  const isNone = environment === null || FORBIDDEN.test(environment) || /^(?:\.{1,2}|none)$/i.test(environment)
  return isNone ? null : environment
}

export interface ReleaseParts {
  readonly name: string | null
  readonly version: string | null
  readonly build: string | null
}

/** The parts of `name@version+build`; all `null` for a release of another form, such as a commit hash. */
export function parseRelease(release: string | null): ReleaseParts {
  const at = release?.lastIndexOf('@') ?? -1
  if (release === null || at < 1) return { name: null, version: null, build: null }
  const rest = release.slice(at + 1)
  const plus = rest.indexOf('+')
  return {
    name: release.slice(0, at),
    version: (plus === -1 ? rest : rest.slice(0, plus)) || null,
    build: (plus === -1 ? '' : rest.slice(plus + 1)) || null,
  }
}
