import type { PublicKey } from './brand.ts'
import { TEXT_LIMITS } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { isPublicKey, parsePublicKey, withoutFlags } from './public-key.ts'
import { readText } from './text.ts'

export interface Authentication {
  readonly publicKey: PublicKey
  /** `sentry_client`, by convention `name/version`. */
  readonly client: string | null
  readonly version: number
}

/** The `sentry_*` names of one place; `keys` are all spellings of the key it holds. */
interface Credentials {
  readonly keys: readonly string[]
  readonly version: string | null
  readonly client: string | null
}

const VERSION_MAX = 7

/**
 * Reads the key of a request from `X-Sentry-Auth`, `Authorization`, the query and, where its route has one (check-ins),
 * the path; `null` when none of them speaks Sentry: the caller then tries the envelope's `dsn`. Laxer than Relay (see
 * README): equal keys are one key, and `Basic` counts only alone. Throws `bad_authorization`, `multiple_authorizations`,
 * `bad_public_key`, `unsupported_version`.
 */
export function readAuthentication(request: {
  readonly sentryAuth: string | undefined
  readonly authorization: string | undefined
  readonly query: URLSearchParams | string
  readonly pathKey?: string | undefined
}): Authentication | null {
  const places = [
    readHeader(request.sentryAuth),
    readHeader(request.authorization),
    readQuery(request.query),
    request.pathKey === undefined ? null : credentials([request.pathKey], null, null),
  ].filter((place) => place !== null)
  if (places.length === 0) return readBasic(request.authorization)
  const keys = new Set(places.flatMap((place) => place.keys))
  if (keys.size > 1) throw new ProtocolError('multiple_authorizations')
  const [key] = keys
  if (key === undefined) throw new ProtocolError('bad_authorization', ['missing public key in auth header'])
  const client = places.find((place) => place.client !== null)?.client ?? null
  const version = places.find((place) => place.version !== null)?.version ?? null
  return { publicKey: parsePublicKey(key), client, version: parseVersion(version) }
}

/** `Sentry name=value,name=value`: blanks around each pair, unknown names and any order are fine. */
function readHeader(header: string | undefined): Credentials | null {
  if (header === undefined || !/^sentry /i.test(header)) return null
  const values = new Map<string, string>()
  for (const pair of header.slice('sentry '.length).split(',')) {
    const [name, value] = pair.split('=') // a value ends at a second `=`
    if (name !== undefined && value !== undefined) values.set(name.trim(), value.trim())
  }
  return credentials([values.get('sentry_key') ?? ''], values.get('sentry_version'), values.get('sentry_client'))
}

function readQuery(query: URLSearchParams | string): Credentials | null {
  if (typeof query === 'string' && !query.includes('sentry_')) return null
  const values = typeof query === 'string' ? new URLSearchParams(query) : query
  if (!values.keys().some((name) => name.startsWith('sentry_'))) return null
  return credentials(values.getAll('sentry_key'), values.get('sentry_version'), values.get('sentry_client'))
}

/** `Basic` of `key:secret`, as OTLP exporters and curl send it; one that holds no key is somebody else's. */
function readBasic(header: string | undefined): Authentication | null {
  const encoded = /^basic +([a-z0-9+/_-]+=*) *$/i.exec(header ?? '')?.[1]
  const user =
    Buffer.from(encoded ?? '', 'base64')
      .toString('latin1')
      .split(':')[0] ?? ''
  return isPublicKey(user) ? { publicKey: user, client: null, version: VERSION_MAX } : null
}

function credentials(
  keys: readonly string[],
  version: string | null | undefined,
  client: string | null | undefined,
): Credentials {
  return {
    keys: keys.filter((key) => key !== '').map(withoutFlags),
    version: version ?? null,
    client: readText(client, TEXT_LIMITS.client),
  }
}

/** What stands before the first dot is the version: `7`, `7.0`. */
function parseVersion(text: string | null): number {
  if (text === null) return VERSION_MAX
  const major = text.split('.')[0] ?? ''
  if (!/^[0-9]{1,5}$/.test(major)) throw new ProtocolError('bad_authorization', ['invalid value for version'])
  const version = Number(major)
  if (version > VERSION_MAX) {
    throw new ProtocolError('unsupported_version', [], `unsupported protocol version (${version})`)
  }
  return version
}
