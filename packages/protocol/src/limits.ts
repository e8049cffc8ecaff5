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
  /** Sentry's bound for the comments of a crash report. */
  comments: { charsMax: 4096, allowance: 0 },
} as const satisfies Record<string, TextLimit>

/** Relay keeps 250 frames of a stack since 24.9, half from either end. */
export const FRAMES_MAX = 250
/** Ours: a longer chain of causes is a loop; both ends are kept. */
export const EXCEPTIONS_MAX = 50
/** Ours: SDKs send about a dozen. */
export const TAGS_MAX = 200
/** Ours: people write two or three parts. */
export const FINGERPRINT_PARTS_MAX = 64
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
/** Ours: all that is kept of one fits twice, percent-encoded. */
export const USER_REPORT_BYTES_MAX = 100 * 1024

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** Relay's clock rules: a smaller difference between the two clocks is network delay, not drift. */
export const DRIFT_MS_MIN = 55 * MINUTE
export const FUTURE_MS_MAX = 60 * SECOND
export const PAST_MS_MAX = 30 * DAY
