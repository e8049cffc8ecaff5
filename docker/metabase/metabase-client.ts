import type { Target } from './read-target.ts'

type Method = 'GET' | 'POST' | 'PUT'

/** Metabase said no, or nothing that can be understood. */
export class MetabaseError extends Error {
  readonly status: number
  /** What Metabase said, without the secrets it was told. */
  readonly reason: string

  constructor(request: string, status: number, reason: string) {
    super(`${request} was answered ${status}: ${reason}`)
    this.name = 'MetabaseError'
    this.status = status
    this.reason = reason
  }
}

/** Its address was not reached, or the answer did not come. */
export class UnreachableError extends Error {}

export interface Metabase {
  get(path: string): Promise<unknown>
  post(path: string, body: object): Promise<unknown>
  put(path: string, body: object): Promise<unknown>
  /** The same, as the person the session belongs to. */
  as(session: string): Metabase
}

/** Adding a database tries to reach it first, and that has time-outs of its own. */
const ANSWER_MS_MAX = 90_000

/** What a sentence of Metabase's is cut to: some of its refusals repeat a whole query. */
const REASON_LENGTH_MAX = 600

/**
 * Speaks JSON with Metabase. Rejects with UnreachableError or MetabaseError; neither ever holds a password or the session.
 */
export function openMetabase(target: Target, session?: string): Metabase {
  const secrets = [target.password, target.database.password, session].filter((one) => one !== undefined)
  const send = async (method: Method, path: string, body?: object): Promise<unknown> => {
    const response = await reach(`${target.url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(session ? { 'x-metabase-session': session } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const answer = parse(response.text)
    if (response.status < 200 || response.status > 299) {
      throw new MetabaseError(`${method} ${path}`, response.status, without(secrets, reasonOf(answer, response.text)))
    }
    if (answer === undefined) {
      throw new MetabaseError(`${method} ${path}`, response.status, 'no JSON: is that really a Metabase?')
    }
    return answer
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
    as: (person) => openMetabase(target, person),
  }
}

async function reach(url: string, request: RequestInit): Promise<{ status: number; text: string }> {
  try {
    // A redirect would carry the password to somebody else.
    const response = await fetch(url, { ...request, redirect: 'manual' })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const words = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new UnreachableError(`Metabase does not answer at ${new URL(url).origin}: ${words}`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A refusal is `{message, errors: {field: sentence}}`, or a bare sentence. */
function reasonOf(answer: unknown, text: string): string {
  if (typeof answer !== 'object' || answer === null) return text.trim()
  const message = 'message' in answer && typeof answer.message === 'string' ? [answer.message] : []
  const errors = 'errors' in answer && typeof answer.errors === 'object' ? Object.entries(answer.errors ?? {}) : []
  const sentences = errors.map(([field, sentence]) =>
    field === '_error'
      ? String(sentence)
      : `${field}: ${typeof sentence === 'string' ? sentence : JSON.stringify(sentence)}`,
  )
  return [...message, ...sentences].join('; ') || text.trim()
}

function without(secrets: readonly string[], reason: string): string {
  const masked = secrets.reduce(
    (text, secret) => text.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***'),
    reason,
  )
  return masked.length > REASON_LENGTH_MAX ? `${masked.slice(0, REASON_LENGTH_MAX)} …` : masked
}
