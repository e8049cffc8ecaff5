import type { JsonObject } from './record.ts'

export interface ItemDraft {
  /** Each header and its text bounded by whoever made it: a reader refuses more than `HEADER_BYTES_MAX`. */
  readonly headers: JsonObject & { readonly type: string }
  readonly payload: Uint8Array
}

const LINE_FEED = Buffer.from('\n')

/**
 * The bytes of an envelope. Every item says its `length`, whatever `headers` says, so that a payload may hold any bytes;
 * members that are undefined are left out. The same input gives the same bytes, members in the order they were given,
 * because an archive is addressed by its hash.
 */
export function writeEnvelope({
  header,
  items,
}: {
  readonly header: JsonObject
  readonly items: readonly ItemDraft[]
}): Buffer {
  const parts: Uint8Array[] = [line(header)]
  for (const { headers, payload } of items) {
    parts.push(line({ ...headers, length: payload.length }), payload, LINE_FEED)
  }
  return Buffer.concat(parts)
}

function line(header: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`)
}
