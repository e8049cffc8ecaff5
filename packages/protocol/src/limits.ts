/** Longest text kept, in code points. A text is cut only beyond `charsMax + allowance`, then to `charsMax`. */
export interface TextLimit {
  readonly charsMax: number
  readonly allowance: number
}

/** Relay's event schema (`max_chars` and `max_chars_allowance` of each field), ours where it states none. */
export const TEXT_LIMITS = {
  message: { charsMax: 8192, allowance: 200 },
  exceptionType: { charsMax: 256, allowance: 20 },
  exceptionValue: { charsMax: 8192, allowance: 200 },
  exceptionModule: { charsMax: 256, allowance: 20 },
  mechanismType: { charsMax: 128, allowance: 0 },
  path: { charsMax: 256, allowance: 40 },
  frameFunction: { charsMax: 512, allowance: 0 },
  /** Ours: Relay leaves `module` and `package` unbounded, they are paths like `filename`. */
  frameModule: { charsMax: 256, allowance: 40 },
  /** Ours: a minified bundle is one line of megabytes; grouping reads at most 120 characters of it. */
  contextLine: { charsMax: 256, allowance: 40 },
  logger: { charsMax: 64, allowance: 0 },
  transaction: { charsMax: 200, allowance: 0 },
  serverName: { charsMax: 256, allowance: 20 },
  release: { charsMax: 200, allowance: 0 },
  dist: { charsMax: 64, allowance: 0 },
  environment: { charsMax: 64, allowance: 0 },
  /** Ours: Relay never trims a fingerprint; this is the longest message it could be made of. */
  fingerprintPart: { charsMax: 8192, allowance: 200 },
  /** Relay's `MaxChars::Hash`. */
  checksum: { charsMax: 128, allowance: 0 },
  tagKey: { charsMax: 200, allowance: 0 },
  tagValue: { charsMax: 200, allowance: 0 },
  userField: { charsMax: 128, allowance: 0 },
  userEmail: { charsMax: 75, allowance: 0 },
  url: { charsMax: 256, allowance: 0 },
  /** Ours: contexts and SDK names are dimensions, so they get a tag's length. */
  contextText: { charsMax: 200, allowance: 0 },
  /** Ours: `sentry_client` is free text from a header. */
  client: { charsMax: 200, allowance: 0 },
  /** Ours: real user agents stay below 300; the patterns read no more than this. */
  userAgent: { charsMax: 512, allowance: 0 },
  /** Ours: what of a request goes into a header of an item; a few of them must fit HEADER_BYTES_MAX, escaped. */
  headerText: { charsMax: 512, allowance: 0 },
  /** Ours: the longest name most file systems have. */
  fileName: { charsMax: 255, allowance: 0 },
  /** What follows is only on pages, see event-details.ts; again Relay's limits where it has one. */
  breadcrumbName: { charsMax: 128, allowance: 0 },
  threadName: { charsMax: 1024, allowance: 0 },
  description: { charsMax: 8192, allowance: 0 },
  fragment: { charsMax: 1024, allowance: 0 },
  link: { charsMax: 256, allowance: 40 },
  /** Ours: addresses, debug ids, states and other words of a machine. */
  word: { charsMax: 128, allowance: 0 },
  /** Ours: keys of what SDKs send as free JSON. */
  bagKey: { charsMax: 200, allowance: 0 },
  /** Sentry's bound for the comments of a crash report. */
  comments: { charsMax: 4096, allowance: 0 },
  /** Ours: type and subtype are 127 each at most (RFC 6838). */
  mediaType: { charsMax: 255, allowance: 0 },
} as const satisfies Record<string, TextLimit>

/** Most levels of containers and most bytes of a piece of free JSON. */
export interface BagLimit {
  readonly depthMax: number
  readonly bytesMax: number
}

const KIB = 1024

/** Relay's event schema (`max_depth` and `max_bytes` of each field), ours where it states none. */
export const BAG_LIMITS = {
  messageParams: { depthMax: 5, bytesMax: 2 * KIB },
  mechanismData: { depthMax: 5, bytesMax: 2 * KIB },
  /** Ours. */
  mechanismMeta: { depthMax: 3, bytesMax: 2 * KIB },
  vars: { depthMax: 5, bytesMax: 2 * KIB },
  /** Ours: `data` and `lock` of a frame, locks of a thread. */
  frameData: { depthMax: 3, bytesMax: 2 * KIB },
  breadcrumbData: { depthMax: 5, bytesMax: 2 * KIB },
  query: { depthMax: 3, bytesMax: 1 * KIB },
  cookies: { depthMax: 5, bytesMax: 2 * KIB },
  headers: { depthMax: 7, bytesMax: 8 * KIB },
  requestData: { depthMax: 7, bytesMax: 8 * KIB },
  env: { depthMax: 7, bytesMax: 8 * KIB },
  userData: { depthMax: 7, bytesMax: 8 * KIB },
  context: { depthMax: 7, bytesMax: 8 * KIB },
  extra: { depthMax: 7, bytesMax: 256 * KIB },
  extraValue: { depthMax: 7, bytesMax: 16 * KIB },
  modules: { depthMax: 1, bytesMax: 8 * KIB },
  /** Ours. */
  errorValue: { depthMax: 3, bytesMax: 1 * KIB },
  /** Ours: of each node, which is a handful of remarks. */
  metaNode: { depthMax: 5, bytesMax: 2 * KIB },
} as const satisfies Record<string, BagLimit>

/** Relay's `slim_frame_data`: more frames than these do not keep their variables and the lines around them. */
export const WHOLE_FRAMES_MAX = 50
/** Ours: SDKs send 5 or 7 lines on either side. */
export const CONTEXT_LINES_MAX = 20
/** Ours: a server with more is dumped for its few that speak. */
export const THREADS_MAX = 250
/** Ours: any processor has fewer. */
export const REGISTERS_MAX = 128
/** Ours: the largest apps load about 800 images. */
export const DEBUG_IMAGES_MAX = 1_000
/** Ours: SDKs send about a dozen. */
export const CONTEXTS_MAX = 64
/** Ours, for whatever SDKs list: features, integrations, packages, processing errors. */
export const LIST_MAX = 100
/** Ours: `_meta` has a node for each value that was cut, and one for each level above it. */
export const META_NODES_MAX = 1_000

/** Relay keeps 250 frames of a stack since 24.9, half from either end. */
export const FRAMES_MAX = 250
/** Ours: a longer chain of causes is a loop; both ends are kept. */
export const EXCEPTIONS_MAX = 50
/** Ours: SDKs send about a dozen. */
export const TAGS_MAX = 200
/** Ours: people write two or three parts. */
export const FINGERPRINT_PARTS_MAX = 64
/** Ours: parsed User-Agents kept, which covers a day of most sites in half a megabyte. */
export const USER_AGENTS_MAX = 1_000
/** serde_json's recursion limit, which is what bounds an event's nesting in Relay. */
export const NESTING_MAX = 128
/** Ours: PostgreSQL's `integer`, so that no number of an event can fail a row. */
export const INTEGER_MAX = 2 ** 31 - 1

/** Ours: Relay's counts per type add up to about 400 items; this stops an envelope of a million empty ones. */
export const ITEMS_MAX = 1_000
/** Ours: headers with a full trace context stay below 1 KiB. */
export const HEADER_BYTES_MAX = 64 * 1024

/** Ours: Chromium's crash reporter sends a part for each of its crash keys, well over a hundred. */
export const PARTS_MAX = 256
/** Ours: headers of a part are a name, a file name and a type. */
export const PART_HEADER_BYTES_MAX = 16 * 1024
/** Relay counts a multipart body's text fields as an event's payload: 1 MiB. */
export const FORM_DATA_BYTES_MAX = 1024 * 1024
/** Relay's `max_check_in_size`. */
export const CHECK_IN_BYTES_MAX = 100 * 1024
/** Sentry's slug length: what is longer is cut, without an ellipsis, which no slug contains. */
export const MONITOR_SLUG_CHARS_MAX = 50
/** Ours: all that is kept of one fits twice, percent-encoded. */
export const USER_REPORT_BYTES_MAX = 100 * 1024
/** Relay's `max_event_size`: an event or breadcrumbs as a crash reporter writes them, in msgpack. */
export const MSGPACK_BYTES_MAX = 1024 * 1024
/** Ours: such an event holds a few thousand. A million of them, of a byte each, took two seconds. */
export const MSGPACK_VALUES_MAX = 50_000
/** SDKs keep 100 of them. */
export const BREADCRUMBS_MAX = 100
/** Ours: SDKs send 100 in one container at most. */
export const LOGS_MAX = 1_000
/** Ours: each attribute is a tag, and a container may hold a thousand logs. */
export const LOG_TAGS_MAX = 30

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** Relay's clock rules: a smaller difference between the two clocks is network delay, not drift. */
export const DRIFT_MS_MIN = 55 * MINUTE
export const FUTURE_MS_MAX = 60 * SECOND
export const PAST_MS_MAX = 30 * DAY
