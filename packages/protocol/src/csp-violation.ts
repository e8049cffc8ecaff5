import { TEXT_LIMITS } from './limits.ts'
import { normaliseRequest } from './normalise-request.ts'
import type { JsonObject } from './record.ts'
import { readName } from './text.ts'

/** What a page tried to load against its content security policy. */
export interface CspViolation {
  /** One sentence, as Sentry words it. */
  readonly message: string
  /** The rule that was broken, `script-src`. */
  readonly directive: string
  /** What issues are told apart by: the host, `scheme:`, or `local` for what the page itself holds. */
  readonly target: string
  /** Without user, query and fragment; only the scheme where the rest is the content itself. */
  readonly blockedUri: string
  readonly documentUri: string | null
}

interface Blocked {
  /** Null for what the page itself holds. */
  readonly target: string | null
  readonly uri: string
}

/** What a directive is about, where Sentry has another word for it than the directive itself. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ['child-src', 'child'],
  ['connect-src', 'connect'],
  ['font-src', 'font'],
  ['img-src', 'image'],
  ['manifest-src', 'manifest'],
  ['media-src', 'media'],
  ['object-src', 'object'],
  ['script-src', 'script'],
  ['script-src-elem', 'script'],
  ['script-src-attr', 'script'],
  ['style-src', 'style'],
  ['style-src-elem', 'style'],
  ['style-src-attr', 'style'],
])
/** Sentences for what the page itself holds, besides `Blocked inline '…'`. */
const LOCAL_MESSAGES: ReadonlyMap<string, string> = new Map([
  ['script-src', "Blocked unsafe (eval() or inline) 'script'"],
  ['script-src-elem', "Blocked unsafe 'script' element"],
  ['script-src-attr', 'Blocked inline script attribute'],
  ['style-src-elem', "Blocked 'style' or 'link' element"],
  ['style-src-attr', 'Blocked style attribute'],
])
/** What browsers write in place of an address; an old one sends nothing at all. */
const LOCAL: ReadonlySet<string> = new Set([
  '',
  'self',
  'inline',
  'eval',
  'wasm-eval',
  'trusted-types-policy',
  'trusted-types-sink',
])

/** The body of a report, with the names of the old `csp-report` or of the Reporting API. Total. */
export function readCspViolation(body: JsonObject): CspViolation {
  const violated = firstText(body['violated-directive'], body.violatedDirective)
  const directive =
    readDirective(firstText(body['effective-directive'], body.effectiveDirective)) ?? readDirective(violated)
  const { target, uri } = readBlocked(firstText(body['blocked-uri'], body.blockedURL))
  const known = directive ?? 'unknown'
  return {
    message: target === null ? localMessage(known, uri, violated) : remoteMessage(known, target),
    directive: known,
    target: target ?? 'local',
    blockedUri: uri,
    documentUri: normaliseRequest({ url: firstText(body['document-uri'], body.documentURL) }).url,
  }
}

function remoteMessage(directive: string, target: string): string {
  if (directive === 'form-action') return `Blocked 'form' action to '${target}'`
  return `Blocked '${NOUNS.get(directive) ?? directive}' from '${target}'`
}

/** Newer browsers say what a script did as the blocked address, older ones by the source they missed. */
function localMessage(directive: string, uri: string, violated: string): string {
  if (directive === 'script-src') {
    if (uri.endsWith('eval') || violated.includes("'unsafe-eval'")) return "Blocked unsafe eval() 'script'"
    if (uri === 'inline' || violated.includes("'unsafe-inline'")) return "Blocked unsafe inline 'script'"
  }
  return LOCAL_MESSAGES.get(directive) ?? `Blocked inline '${NOUNS.get(directive) ?? directive}'`
}

/** Its name alone: the sources behind it hold nonces, which would make every report another one. */
function readDirective(text: string): string | null {
  return /^[a-z][a-z-]{0,63}(?= |$)/.exec(text.trim().toLowerCase())?.[0] ?? null
}

function readBlocked(text: string): Blocked {
  const uri = text.trim()
  const word = uri.replaceAll("'", '').toLowerCase()
  if (LOCAL.has(word)) return { target: null, uri: word === '' ? 'self' : word }
  const scheme = /^([a-z][a-z0-9+.-]{0,63}):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme !== undefined && /^(?:https?|wss?)$/.test(scheme)) {
    const host = /^[^/]*\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(uri)?.[1]?.replace(/:\d*$/, '').toLowerCase()
    return { target: bounded(host ?? `${scheme}:`), uri: normaliseRequest({ url: uri }).url ?? `${scheme}:` }
  }
  // Some send the host alone, most the scheme alone, of `data:` and `blob:` all of it.
  const start = /^[^/?#]*/.exec(word)?.[0] ?? ''
  const target = bounded(scheme !== undefined || !start.includes('.') ? `${scheme ?? start}:` : start)
  return { target, uri: target }
}

function bounded(text: string): string {
  return readName(text, TEXT_LIMITS.tagValue) ?? 'unknown'
}

function firstText(...values: readonly unknown[]): string {
  const text = values.find((value) => typeof value === 'string')
  return typeof text === 'string' ? text.slice(0, 4 * TEXT_LIMITS.url.charsMax) : ''
}
