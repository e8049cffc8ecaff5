import { type CspViolation, readCspViolation } from './csp-violation.ts'
import { TEXT_LIMITS } from './limits.ts'
import { normaliseRequest } from './normalise-request.ts'
import { readInteger } from './number.ts'
import { ProtocolError } from './protocol-error.ts'
import { isRecord, type JsonObject } from './record.ts'
import { readName } from './text.ts'

/** What the kinds of reports have in common. */
interface Report {
  readonly logger: string
  readonly message: string
  readonly culprit: string | null
  readonly tags: Readonly<Record<string, string | null>>
  /** Reports with equal parts are one issue. */
  readonly fingerprint: readonly string[]
  /** Of the page or the host it is about. */
  readonly url: string | null
  readonly timestamp: unknown
}

/** The kinds that browsers wrap, by their top key; the first that is there decides. */
const WRAPPED: readonly (readonly [key: string, read: (body: JsonObject) => Report])[] = [
  ['csp-report', (body) => cspReport(readCspViolation(body))],
  ['expect-ct-report', (body) => hostReport(body, 'expectct', 'Expect-CT failed')],
  ['expect-staple-report', (body) => hostReport(body, 'expectstaple', 'Expect-Staple failed')],
]

/**
 * A browser's report (`csp-report`, `expect-ct-report`, `expect-staple-report`, HPKP, or `csp-violation` of the
 * Reporting API) as an event's payload, worded as Sentry does; `headers` are those of its item. `userAgent` is the
 * sender's, for reports that do not name one. Throws `bad_security_report` for anything else.
 */
export function securityEvent(report: JsonObject, headers: JsonObject, userAgent: string | null = null): JsonObject {
  const { logger, message, culprit, tags, fingerprint, url, timestamp } = readReport(report)
  const agent = typeof report.user_agent === 'string' ? report.user_agent : userAgent
  return {
    platform: 'other',
    level: 'error',
    logger,
    logentry: { formatted: message },
    transaction: culprit,
    tags,
    fingerprint,
    timestamp,
    request: { url, headers: agent === null ? {} : { 'User-Agent': agent } },
    release: headers.sentry_release,
    environment: headers.sentry_environment,
  }
}

function readReport(report: JsonObject): Report {
  for (const [key, read] of WRAPPED) {
    const body = Object.hasOwn(report, key) ? report[key] : null
    if (isRecord(body)) return read(body)
  }
  if (report.type === 'csp-violation' && isRecord(report.body)) {
    return cspReport(readCspViolation({ documentURL: report.url, ...report.body }))
  }
  if (Object.hasOwn(report, 'known-pins')) return hostReport(report, 'hpkp', 'Public key pinning validation failed')
  throw new ProtocolError('bad_security_report', ['no report of a kind that is known'])
}

function cspReport({ message, directive, target, blockedUri, documentUri }: CspViolation): Report {
  return {
    logger: 'csp',
    message,
    culprit: directive,
    tags: { 'effective-directive': directive, 'blocked-uri': blockedUri },
    fingerprint: ['csp', directive, target],
    url: documentUri,
    timestamp: null,
  }
}

/** Reports about a host's certificate, which differ in one sentence. */
function hostReport(body: JsonObject, logger: string, failure: string): Report {
  const hostname = readHostname(body.hostname)
  const port = readInteger(body.port, 1, 65_535)
  return {
    logger,
    message: `${failure} for '${hostname ?? 'unknown'}'`,
    culprit: null,
    tags: { hostname, port: port === null ? null : String(port) },
    fingerprint: [logger, hostname ?? 'unknown'],
    url: hostname === null ? null : normaliseRequest({ url: `https://${hostname}${portOf(port)}/` }).url,
    timestamp: body['date-time'],
  }
}

function readHostname(value: unknown): string | null {
  const hostname = readName(value, TEXT_LIMITS.tagValue)?.toLowerCase() ?? ''
  return /^[a-z0-9._:[\]-]+$/.test(hostname) ? hostname : null
}

function portOf(port: number | null): string {
  return port === null || port === 443 ? '' : `:${port}`
}
