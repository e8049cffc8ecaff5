import type { Answer } from './ask.ts'

/**
 * Which of the promises that hold for every answer of the ingest routes this one breaks, in words (Sentry's ingestion
 * protocol: CORS, errors, statuses). Empty when all is well.
 */
export function brokenPromises({ status, headers, body, text }: Answer): string[] {
  const broken: string[] = []
  const promise = (holds: boolean, otherwise: string) => {
    if (!holds) broken.push(otherwise)
  }
  promise(status < 300 || status >= 400, 'a redirect loses the body of a POST')
  promise(headers.get('access-control-allow-origin') === '*', 'pages of other origins cannot read it')
  promise(
    headers.get('access-control-expose-headers') === 'x-sentry-error, x-sentry-rate-limits, retry-after',
    'pages cannot read the headers SDKs need',
  )
  promise(headers.get('cross-origin-resource-policy') === 'cross-origin', 'isolated pages cannot read it')
  promise(!headers.has('access-control-allow-credentials'), 'it invites credentials')
  promise(status < 500 || !headers.has('retry-after'), 'SDKs take Retry-After on a 5xx for a rate limit')
  if (status < 400) return broken
  promise(/^application\/json\b/.test(headers.get('content-type') ?? ''), 'the error is no application/json')
  const { detail, causes } = readError(body)
  promise(typeof detail === 'string' && detail !== '', `the error has no detail: ${text}`)
  promise(causes === undefined || isListOfSentences(causes), 'causes are neither absent nor sentences')
  if (status !== 404 && status !== 405) {
    promise(headers.get('x-sentry-error') === detail, 'X-Sentry-Error does not say what the detail says')
  }
  return broken
}

function readError(body: unknown): { detail?: unknown; causes?: unknown } {
  return typeof body === 'object' && body !== null ? body : {}
}

function isListOfSentences(causes: unknown): boolean {
  return Array.isArray(causes) && causes.length > 0 && causes.every((cause) => typeof cause === 'string')
}
