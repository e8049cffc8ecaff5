import { BAG_LIMITS, TEXT_LIMITS } from '../limits.ts'
import { normaliseRequest } from '../normalise-request.ts'
import { type JsonObject, recordOf } from '../record.ts'
import { readName } from '../text.ts'
import { type Bag, type BagObject, readBag, readBagObject } from './bag.ts'
import { type Pair, readCookies, readHeaders, readQuery, toPairs } from './read-pairs.ts'
import { parseRequestData } from './request-data.ts'
import { below, readNotedText, type Trail } from './trail.ts'

/** The HTTP request during which the event happened. Secrets are masked by name, cookies all. */
export interface RequestDetails {
  /** Without query string and fragment. */
  url: string | null
  method: string | null
  query: readonly Pair[]
  fragment: string | null
  /** Names as `Content-Type`. */
  headers: readonly Pair[]
  cookies: readonly Pair[]
  data: Bag
  /** Of `data`, as the SDK or its form says. */
  contentType: string | null
  env: BagObject | null
  apiTarget: string | null
  protocol: string | null
}

/** A request in any of its forms: pairs as objects, lists or text; body and query as text or in parts. */
export function readRequest(request: JsonObject, root: Trail): RequestDetails {
  const trail = below(root, 'request')
  const { path, query, fragment } = splitUrl(request.url)
  const headers = toPairs(request.headers, ',')
  const isCookie = ([name]: readonly [string, unknown]) => name.trim().toLowerCase() === 'cookie'
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  const data = parseRequestData(request.data, contentType)
  return {
    ...normaliseRequest({ url: path, method: request.method }),
    query: readQuery(request.query_string ?? query, below(trail, 'query_string')),
    fragment: readNotedText(below(trail, 'fragment'), request.fragment ?? fragment, TEXT_LIMITS.fragment),
    headers: readHeaders(
      headers.filter((header) => !isCookie(header)),
      below(trail, 'headers'),
    ),
    cookies: readCookies(request.cookies ?? headers.find(isCookie)?.[1], below(trail, 'cookies')),
    data: readBag(data.value, BAG_LIMITS.requestData, below(trail, 'data')),
    contentType: readName(request.inferred_content_type, TEXT_LIMITS.word) ?? data.contentType,
    env: readBagObject(recordOf(request.env), BAG_LIMITS.env, below(trail, 'env')),
    apiTarget: readName(request.api_target, TEXT_LIMITS.word),
    protocol: readName(request.protocol, TEXT_LIMITS.word),
  }
}

function splitUrl(url: unknown): { path: string | null; query: string | null; fragment: string | null } {
  if (typeof url !== 'string') return { path: null, query: null, fragment: null }
  const hash = url.indexOf('#')
  const bare = hash === -1 ? url : url.slice(0, hash)
  const mark = bare.indexOf('?')
  return {
    path: mark === -1 ? bare : bare.slice(0, mark),
    query: mark === -1 ? null : bare.slice(mark + 1),
    fragment: hash === -1 ? null : `${url.slice(hash + 1)}`,
  }
}
