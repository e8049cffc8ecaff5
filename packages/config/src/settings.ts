import * as v from 'valibot'
import { byteCount, count, httpUrl, port, postgresUrl, storedByteCount, text } from './values.ts'

const KiB = 1024
const MiB = 1024 * KiB

/**
 * Every variable Rumen reads, by its name in the environment; the same name is the key in the program and in
 * error messages, so that an operator finds the knob. Names shared with crash-cache and Rustrak mean the same here.
 */
export const SETTINGS = {
  /** PostgreSQL 15 to 18. Unset: `rumen serve` and its sister commands use the embedded one. */
  DATABASE_URL: v.optional(postgresUrl),
  /** Where LISTEN, migrations and advisory locks go when a transaction pooler stands behind DATABASE_URL. */
  DATABASE_DIRECT_URL: v.optional(postgresUrl),
  /** Connections a process opens for ordinary statements. */
  DATABASE_POOL_SIZE: v.optional(count({ min: 1, max: 500 }), '5'),
  /** Address the public ports listen on. */
  HOST: v.optional(text, '127.0.0.1'),
  /** 0 picks a free one. */
  GATEWAY_PORT: v.optional(port, '3000'),
  /** What DSNs show: the address SDKs reach the gateway at. Default: http://HOST:GATEWAY_PORT. */
  PUBLIC_URL: v.optional(httpUrl),
  /** A request body as it comes over the wire (40 MiB, as the protocol's reference server takes). */
  MAX_COMPRESSED_PAYLOAD_BYTES: v.optional(storedByteCount, String(40 * MiB)),
  /** The same body once decoded: what a bomb may unfold to. */
  MAX_UNCOMPRESSED_PAYLOAD_BYTES: v.optional(byteCount, String(100 * MiB)),
  /** One event's JSON. */
  MAX_EVENT_BYTES: v.optional(byteCount, String(MiB)),
  /** Seconds between two looks at the queue when no wake-up comes. */
  WORKER_INTERVAL_SECS: v.optional(count({ min: 1, max: 3600 }), '2'),
  /** Events a worker digests in one transaction. */
  WORKER_REPORTS_BATCH_SIZE: v.optional(count({ min: 1, max: 1000 }), '200'),
  /** pino's levels. */
  LOG_LEVEL: v.optional(
    v.picklist(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a log level such as info'),
    'info',
  ),
} as const
