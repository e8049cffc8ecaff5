import { either } from '../pattern.ts'

/**
 * What JavaScript engines say of the same failure, each in its own words and each version in others. Of a text the group
 * named `what` is kept, as it tells one failure from another; everything else is a matter of the engine.
 */
export interface Failure {
  /** In a key, in place of the engine's words. */
  neutral: string
  wordings: readonly RegExp[]
}

/** Failures of the language, which some place of the application explains. */
const LANGUAGE: readonly Failure[] = [
  {
    neutral: 'cannot read property',
    wordings: [
      /^Cannot read propert(?:y|ies) of (?:undefined|null) \(reading '(?<what>[^']{1,100})'\)/,
      /^Cannot read property '(?<what>[^']{1,100})' of (?:undefined|null)/,
      /^can't access property "?(?<what>[\w$]{1,100})"?[,;] /,
      /^Unable to get property '(?<what>[^']{1,100})' of (?:undefined or null|undefined|null) reference/,
      /^(?:undefined|null) is not an object \(evaluating '[^']{0,300}[.](?<what>[\w$]{1,100})[^'.]{0,40}'\)/,
      // Firefox and old Safari, of a variable: which property they do not say.
      /^(?:[\w$.[\]()]{1,200}) is (?:undefined|null)$/,
    ],
  },
  {
    neutral: 'is not a function',
    wordings: [
      /^(?:[^ ]{1,200}[.])?(?<what>[\w$]{1,100})(?:\(\.\.\.\))? is not a function/,
      /^Object doesn't support property or method '(?<what>[^']{1,100})'/,
    ],
  },
  {
    neutral: 'is not defined',
    wordings: [
      /^(?<what>[\w$]{1,100}) is not defined$/,
      /^'(?<what>[^']{1,100})' is (?:not defined|undefined)$/,
      /^Can't find variable: (?<what>[\w$]{1,100})$/,
    ],
  },
  {
    neutral: 'stack overflow',
    wordings: [/^Maximum call stack size exceeded/, /^too much recursion/, /^Stack overflow/],
  },
  {
    neutral: 'invalid date',
    wordings: [/^Invalid time value$/, /^invalid date$/i, /^date value is not finite in DateTimeFormat/],
  },
  {
    neutral: 'mixes BigInt',
    wordings: [/^Cannot mix BigInt and other types/, /^can't convert BigInt to number/, /^Invalid mix of BigInt/],
  },
]

/** What they say of JSON that is none. */
const JSON_TEXT: readonly Failure[] = [
  {
    neutral: 'unexpected end of JSON',
    wordings: [
      /^Unexpected end of (?:JSON )?input/,
      /^JSON\.parse: (?:unexpected end of data|unterminated string)/,
      /^Unterminated string in JSON/,
      /^JSON Parse error: (?:Unexpected EOF|Unterminated string)/,
    ],
  },
  {
    neutral: 'unexpected character in JSON',
    wordings: [
      /^Unexpected token .{1,20} in JSON at position/,
      /^Unexpected token .{0,60} is not valid JSON/,
      /^"?.{0,60} is not valid JSON/,
      /^JSON\.parse: (?:unexpected character|expected )/,
      /^JSON Parse error: /,
      /^Unexpected non-whitespace character after JSON/,
      /^(?:Expected|Bad) .{1,60} in JSON at position/,
    ],
  },
]

/** What they say of the browser around them. */
const BROWSER: readonly Failure[] = [
  {
    neutral: 'fetch failed',
    wordings: [
      /^Failed to fetch(?: \([^)]*\))?$/,
      /^Load failed(?: \([^)]*\))?$/,
      /^NetworkError when attempting to fetch resource\.?/,
      /^Network request failed$/,
      // Safari's, in the words of its system.
      new RegExp(
        `^${either([
          /The network connection was lost/,
          /The Internet connection appears to be offline/,
          /A server with the specified hostname could not be found/,
          /cancelled/,
        ])}\\.?$`,
      ),
    ],
  },
  {
    neutral: 'node is not a child',
    wordings: [
      /^Failed to execute '(?:removeChild|insertBefore)' on 'Node'/,
      /^Node\.(?:removeChild|insertBefore): /,
      /^The object can not be found here\.$/,
    ],
  },
  {
    neutral: 'play is not allowed',
    wordings: [
      /^play\(\) (?:failed because|can only be initiated)/,
      /^The play method is not allowed/,
      /^The request is not allowed by the user agent/,
    ],
  },
  {
    neutral: 'storage is full',
    wordings: [
      /^Persistent storage maximum size reached/,
      /exceeded the quota/i,
      /^The quota has been exceeded/,
      /QuotaExceeded|NS_ERROR_DOM_QUOTA_REACHED/,
    ],
  },
  {
    neutral: 'rejected with an event',
    wordings: [
      /^Event `\w{1,40}` \(type=\w{1,40}\) captured as/,
      /^Non-Error promise rejection captured with keys: currentTarget, (?:detail, )?isTrusted, target/,
    ],
  },
  {
    neutral: 'rejected with an object',
    wordings: [
      /^Non-Error (?:promise rejection|exception) captured with keys: (?<what>.{1,200})/,
      /^Object captured as (?:promise rejection|exception) with keys: (?<what>.{1,200})/,
    ],
  },
  { neutral: 'React error', wordings: [/^Minified React error #(?<what>\d{1,5});/] },
]

/** Failures that no place of the application explains: a deployment, a network, a page of somebody else. */
export const PLACELESS: readonly Failure[] = [
  {
    neutral: 'module cannot be imported',
    wordings: [
      /^Failed to fetch dynamically imported module/,
      /^error loading dynamically imported module/i,
      /^Importing a module script failed/,
      /^Unable to preload CSS for /,
    ],
  },
  {
    neutral: 'chunk cannot be loaded',
    wordings: [/^Loading (?:CSS )?chunk .{1,60} failed/, /^ChunkLoadError/, /^Failed to load chunk /],
  },
  {
    neutral: 'ResizeObserver loop',
    wordings: [/^ResizeObserver loop (?:limit exceeded|completed with undelivered notifications)/],
  },
  { neutral: 'script error', wordings: [/^Script error\.?$/] },
]

/** All of them; the first that fits decides. */
export const FAILURES: readonly Failure[] = [...LANGUAGE, ...JSON_TEXT, ...PLACELESS, ...BROWSER]
