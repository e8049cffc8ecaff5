import type { EventId, ProjectId } from '@rumen/protocol/brand'

/**
 * Where a request came in. All but `store` are kept as envelopes, whatever they came as: the digest knows two formats.
 */
export const ENDPOINTS = [
  'envelope',
  'store',
  'security',
  'nel',
  'minidump',
  'attachments',
  'cron',
  'feedback',
] as const
export type Endpoint = (typeof ENDPOINTS)[number]

/** What the gateway keeps of one request. */
export interface ArchiveRow {
  projectId: ProjectId
  /** UTC day of receipt by the gateway's clock. */
  day: string
  /** SHA-256 of `body`. */
  hash: Buffer
  eventId: EventId | null
  receivedAt: Date
  /** The same moment as PostgreSQL writes it, where microseconds of it are known. */
  receivedAtText?: string
  endpoint: Endpoint
  contentType: string | null
  /** Coding of `body`. */
  encoding: string
  clientIp: string | null
  userAgent: string | null
  sentryClient: string | null
  queryRelease: string | null
  queryEnvironment: string | null
  /** Bytes that came over the wire. */
  wireBytes: number
  body: Buffer
}

/** Where an archive is found, in every table, job, error and address. */
export interface ArchiveAddress {
  projectId: ProjectId
  day: string
  /** 64 hexadecimal characters. */
  hash: string
}
