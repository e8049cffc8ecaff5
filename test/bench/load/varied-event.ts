import { ISSUES_COUNT, type SdkEvent, sdkEvent } from './sdk-event.ts'
import { hex, type Random, seededRandom, word } from './seeded-random.ts'

/** How much of an event there is, compressed: about 1, 4.5 and 50 KB. */
export type Size = 'small' | 'median' | 'large'
/** The same, and about 16 KB: what only a load is made of. */
export type LoadSize = Size | 'rich'
/** Which issue an event belongs to: one of 500, always the same, or one of its own. */
export type Issues = 'known' | 'hot' | 'new'

export interface Variety {
  size: LoadSize
  issues: Issues
  /** When it happened, as the SDK says. */
  at: Date
}

const ISSUE_OF: Record<Issues, (n: number) => number> = {
  known: (n) => n % ISSUES_COUNT,
  hot: () => 0,
  new: (n) => 1_000_000 + n,
}

/** Of a hundred events so many are the first of their user; the others are of a thousand people that come back. */
const NEW_USERS_PERCENT = 83
const REGULARS_COUNT = 1_000
const ADDRESSES_COUNT = 100

/**
 * Event `n` with what differs from event to event where people use an application: users, releases, browsers, systems,
 * places, eight tags, and in about half of them an address or a message nobody has seen. What is new to the database is
 * what a digest costs. The user stands second, where a body can be given another one in place.
 */
export function variedEvent(n: number, eventId: string, { size, issues, at }: Variety): object {
  const random = seededRandom(2_000_003 + n)
  const event = vary(n, eventId, { issues, at, random })
  return { ...event, ...RESIZE[size](event, random) }
}

/** Nobody has met its user before. */
export function hasNewUser(n: number): boolean {
  return n % 100 < NEW_USERS_PERCENT
}

type VariedEvent = ReturnType<typeof vary>

function vary(n: number, eventId: string, { issues, at, random }: Pick<Variety, 'issues' | 'at'> & { random: Random }) {
  const event = sdkEvent(n, eventId, ISSUE_OF[issues](n))
  const { request } = event
  return {
    event_id: eventId,
    user: userOf(n, random),
    ...withoutNames(event),
    timestamp: (at.getTime() - random(3_000)) / 1000,
    exception: exceptionOf(event, n, issues),
    request: { ...request, url: addressOf(random), headers: { ...request.headers, 'user-agent': browserOf(random) } },
    tags: { ...event.tags, ...tagsOf(random) },
    contexts: { ...event.contexts, ...contextsOf(random) },
  }
}

function withoutNames({ event_id, user, ...event }: SdkEvent) {
  return event
}

function userOf(n: number, random: Random) {
  const number = hasNewUser(n) ? 1_000_000 + n : random(REGULARS_COUNT)
  const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
  return { id: `${number}`, email: `user${number}@example.com`, ip_address: ip }
}

/** A stack like no other has an exception of its own, too. Grouping looks past digits: letters tell them apart. */
function exceptionOf({ exception }: SdkEvent, n: number, issues: Issues) {
  const [first, ...others] = exception.values
  if (first === undefined) throw new Error('an event without an exception')
  const value = n % 2 === 0 ? first.value : first.value.replace(/\d+/, 'one')
  const type = issues === 'new' ? `${first.type.replace(/Error$/, '')}${letters(n)}Error` : first.type
  return { values: [{ ...first, type, value }, ...others] }
}

function letters(n: number): string {
  const rest = Math.floor(n / 26)
  return `${rest > 0 ? letters(rest) : ''}${String.fromCharCode(97 + (n % 26))}`
}

function addressOf(random: Random): string {
  return `https://shop.example.com/${word(random)}/${random(ADDRESSES_COUNT)}`
}

function browserOf(random: Random): string {
  const version = 120 + random(24)
  switch (random(4)) {
    case 0:
      return `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`
    case 1:
      return `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${14 + random(5)}.${random(6)} Safari/605.1.15`
    case 2:
      return `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36 Edg/${version}.0.0.0`
    default:
      return `Mozilla/5.0 (Linux; Android ${10 + random(6)}; Pixel ${4 + random(6)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Mobile Safari/537.36`
  }
}

const PLANS = ['free', 'starter', 'team', 'business', 'enterprise']
const REGIONS = ['eu-west', 'eu-central', 'us-east', 'us-west', 'ap-south', 'ap-northeast']
const SYSTEMS = ['Linux', 'Windows', 'macOS', 'Android', 'iOS']
const LOCALES = ['en-GB', 'en-US', 'de-DE', 'fr-FR', 'es-ES', 'it-IT', 'nl-NL', 'pl-PL', 'ja-JP', 'pt-BR']
const TIMEZONES = ['Europe/Berlin', 'Europe/Paris', 'America/New_York', 'Asia/Tokyo', 'America/Sao_Paulo', 'UTC']

const oneOf = (values: readonly string[], random: Random) => values[random(values.length)] ?? ''

/** With those that are there already, eight. */
function tagsOf(random: Random) {
  return {
    plan: oneOf(PLANS, random),
    region: oneOf(REGIONS, random),
    feature: `${word(random)}-${random(5)}`,
    cluster: `c${random(40)}`,
  }
}

function contextsOf(random: Random) {
  return {
    os: { name: oneOf(SYSTEMS, random), version: `${10 + random(6)}.${random(4)}` },
    runtime: { name: 'node', version: `v${20 + 2 * random(3)}.${random(12)}.0` },
    culture: { locale: oneOf(LOCALES, random), timezone: oneOf(TIMEZONES, random) },
  }
}

const RESIZE: Record<LoadSize, (event: VariedEvent, random: Random) => object> = {
  small: cutDown,
  median: () => ({}),
  rich: (event, random) => blowUp(event, random, RICH_SHARE),
  large: (event, random) => blowUp(event, random, 1),
}

const SMALL_FRAMES_COUNT = 4
const LARGE_BREADCRUMBS_COUNT = 100
const LARGE_VARIABLES_COUNT = 10
const LARGE_RECORDS_COUNT = 1_000
/** Of what a large event has on top of a median one. */
const RICH_SHARE = 0.2

/** A short stack without its source, and nothing of what happened before. */
function cutDown({ exception, request, contexts }: VariedEvent): object {
  const values = exception.values.map(({ stacktrace, ...rest }) => ({
    ...rest,
    stacktrace: { frames: stacktrace.frames.slice(-SMALL_FRAMES_COUNT).map(withoutSource) },
  }))
  const { url, method, headers } = request
  return {
    exception: { values },
    request: { url, method, headers: { 'user-agent': headers['user-agent'] } },
    contexts: { trace: contexts.trace, os: contexts.os, runtime: contexts.runtime },
    breadcrumbs: undefined,
    modules: undefined,
    sdk: { name: 'sentry.javascript.node', version: '11.11.0' },
  }
}

type Frame = VariedEvent['exception']['values'][number]['stacktrace']['frames'][number]

function withoutSource({ filename, module, function: name, lineno, in_app }: Frame) {
  return { filename, module, function: name, lineno, in_app }
}

/** A hundred breadcrumbs, variables in every frame, and the application's state: what large events are made of, or a share of it. */
function blowUp({ exception, timestamp }: VariedEvent, random: Random, share: number): object {
  const values = exception.values.map((one) => ({
    ...one,
    stacktrace: { frames: one.stacktrace.frames.map((frame) => ({ ...frame, vars: variables(random) })) },
  }))
  const breadcrumbs = Array.from({ length: LARGE_BREADCRUMBS_COUNT * share }, (_, at) => ({
    timestamp: timestamp - (LARGE_BREADCRUMBS_COUNT - at),
    category: 'fetch',
    message: sentence(random, 8),
    data: { url: addressOf(random), request_id: hex(random, 32), status_code: 200 },
  }))
  const records = Array.from({ length: LARGE_RECORDS_COUNT * share }, (_, at) => ({
    id: hex(random, 16),
    position: at,
    amount: random(100_000) / 100,
    note: sentence(random, 6),
  }))
  return { exception: { values }, breadcrumbs: { values: breadcrumbs }, extra: { state: { records } } }
}

function variables(random: Random) {
  return Object.fromEntries(Array.from({ length: LARGE_VARIABLES_COUNT }, () => [word(random), hex(random, 24)]))
}

function sentence(random: Random, words: number): string {
  return Array.from({ length: words }, () => word(random)).join(' ')
}
