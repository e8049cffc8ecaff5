import * as v from 'valibot'
import {
  byteCount,
  count,
  days,
  diskByteCount,
  httpUrl,
  networks,
  optionalByteCount,
  optionalCount,
  port,
  postgresUrl,
  seconds,
  share,
  storedByteCount,
  text,
  totalByteCount,
} from './values.ts'

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

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
  /** What DSNs show: the address SDKs reach the gateway at, a path prefix included. Default: http://HOST:GATEWAY_PORT. */
  PUBLIC_URL: v.optional(httpUrl),
  /** Proxies whose forwarded headers are believed. None: the peer is the client. */
  TRUSTED_PROXIES: v.optional(networks, ''),
  /** Address the admin ports listen on: health, readiness and metrics are not for the public. */
  ADMIN_HOST: v.optional(text, '127.0.0.1'),
  /** 0 picks a free one. */
  GATEWAY_ADMIN_PORT: v.optional(port, '3100'),
  /** A request body as it comes over the wire (40 MiB, as the protocol's reference server takes). */
  MAX_COMPRESSED_PAYLOAD_BYTES: v.optional(storedByteCount, String(40 * MiB)),
  /** The same body once decoded: what a bomb may unfold to. */
  MAX_UNCOMPRESSED_PAYLOAD_BYTES: v.optional(byteCount, String(100 * MiB)),
  /** One event's JSON. */
  MAX_EVENT_BYTES: v.optional(byteCount, String(MiB)),
  /** The request line and headers of one request. */
  MAX_REQUEST_HEADER_BYTES: v.optional(count({ min: KiB, max: MiB }), String(16 * KiB)),
  /** From a connection's first byte to the end of the headers. */
  REQUEST_HEADER_TIMEOUT_SECS: v.optional(seconds, '20'),
  /** From the end of the headers to the first byte of the body. */
  BODY_FIRST_BYTE_TIMEOUT_SECS: v.optional(seconds, '10'),
  /** From the end of the headers to the last byte of the body. */
  BODY_TIMEOUT_SECS: v.optional(seconds, '60'),
  /** Bodies that are read or wait for their COMMIT, together. */
  MAX_BYTES_IN_FLIGHT: v.optional(totalByteCount, String(256 * MiB)),
  /** Open connections; 0 for no bound of ours. */
  MAX_CONNECTIONS: v.optional(optionalCount, '10000'),
  /** Large plain bodies compressed at the same time, beside the main thread. */
  MAX_CONCURRENT_COMPRESSIONS: v.optional(count({ min: 1, max: 64 }), '2'),
  /** Requests a second, of all clients together. 0: no limit, here and in the following. */
  RATE_LIMIT_REQUESTS_PER_SEC: v.optional(optionalCount, '0'),
  /** Of one IPv4 address, or one IPv6 network of 64 bits. */
  RATE_LIMIT_PER_IP_PER_SEC: v.optional(optionalCount, '0'),
  /** Of one project, unless the project has a limit of its own. */
  RATE_LIMIT_PER_PROJECT_PER_SEC: v.optional(optionalCount, '0'),
  /** Of one DSN key, unless the key has a limit of its own. */
  RATE_LIMIT_PER_KEY_PER_SEC: v.optional(optionalCount, '0'),
  /** How many seconds' worth of a rate may come at once. */
  RATE_LIMIT_BURST_MULTIPLIER: v.optional(count({ min: 1, max: 3600 }), '2'),
  /** Events a second of one project that are digested before those of projects beyond theirs. */
  FAIR_RATE_PER_PROJECT_PER_SEC: v.optional(optionalCount, '100'),
  /** Waiting events past which new ones are refused. */
  MAX_QUEUE_EVENTS: v.optional(optionalCount, '10000000'),
  /** Where events are kept while the database is away. Unset: nowhere. */
  SPOOL_DIR: v.optional(text),
  /** What one gateway may keep there. */
  SPOOL_MAX_BYTES: v.optional(totalByteCount, String(GiB)),
  /** Free space below which nothing more is written to the disk of SPOOL_DIR. */
  MIN_FREE_DISK_BYTES: v.optional(optionalByteCount, String(512 * MiB)),
  /** How often counts of refusals and of accepted requests are written to the database. */
  ANALYTICS_FLUSH_INTERVAL_SECS: v.optional(seconds, '10'),
  /** How long a gateway that was told to stop goes on taking events, so that balancers can turn away from it. */
  STOP_DELAY_SECS: v.optional(count({ min: 0, max: 4 }), '2'),
  /** Seconds between two looks at the queue when no wake-up comes. */
  WORKER_INTERVAL_SECS: v.optional(count({ min: 1, max: 3600 }), '2'),
  /** Events a worker digests in one transaction. */
  WORKER_REPORTS_BATCH_SIZE: v.optional(count({ min: 1, max: 1000 }), '200'),
  /** 0 picks a free one. */
  WORKER_ADMIN_PORT: v.optional(port, '3103'),
  /** Days events are kept: their reports, and the other items, unless one of the following says less or more. */
  RETENTION_DAYS: v.optional(days, '90'),
  /** Days what was received is kept. Unset: RETENTION_DAYS. */
  ARCHIVE_RETENTION_DAYS: v.optional(days),
  /** Days single sessions are kept. Unset: RETENTION_DAYS. */
  SESSION_RETENTION_DAYS: v.optional(days),
  /** Days the ledger is kept by the hour. Unset: RETENTION_DAYS. */
  ANALYTICS_RETENTION_DAYS: v.optional(days),
  /** Days within which an event that comes again is known. */
  DEDUPE_DAYS: v.optional(days, '30'),
  /** Size of the disk the database lies on, for the forecast. Unset: what this machine says, where it runs here. */
  DATABASE_DISK_BYTES: v.optional(diskByteCount),
  /** Pause between two events Rumen sends itself to see that they arrive; 0: none. */
  CANARY_INTERVAL_SECS: v.optional(count({ min: 0, max: 3600 }), '60'),
  /** Where traces go, as OTLP over HTTP. Unset: nowhere. */
  OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(httpUrl),
  /** Of the traces that begin here, the share that is recorded. */
  OTEL_TRACES_SAMPLER_ARG: v.optional(share, '1'),
  /** pino's levels. */
  LOG_LEVEL: v.optional(
    v.picklist(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a log level such as info'),
    'info',
  ),
} as const
