import { hash } from 'node:crypto'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { LineFault } from './line-fault.ts'

/** An archive on its way in: everything but the project it goes to. */
export interface IncomingArchive {
  /** Where it comes from; null for `slug` where the file does not say. */
  source: { id: ProjectId; slug: string | null; isCrashCache: boolean }
  row: Omit<ArchiveRow, 'projectId'>
  /** Of the archive it was before items were left out, 64 hexadecimal characters; null: it is whole. */
  wholeHash: string | null
}

/** Of Rumen's a text, of crash-cache's a number. */
export function readId(value: unknown): ProjectId {
  try {
    return parseProjectId(String(value))
  } catch (error) {
    if (error instanceof ProtocolError) throw new LineFault('project_id is no project’s number')
    throw error
  }
}

/** The bytes of a base64 text; Node's own decoder passes over what is none. */
export function readBody(value: unknown): Buffer {
  if (typeof value !== 'string' || value === '') throw new LineFault('there is no body')
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0
  const body = Buffer.from(value, 'base64')
  if (body.length !== (value.length / 4) * 3 - padding) throw new LineFault('the body is not base64')
  return body
}

/** 32 bytes, which must be the SHA-256 of the body. */
export function readHash(value: unknown, body: Buffer): Buffer {
  const digits = readDigits(value, 'hash')
  if (hash('sha256', body) !== digits) throw new LineFault('the body’s SHA-256 is not its hash')
  return Buffer.from(digits, 'hex')
}

export function readWholeHash(value: unknown): string | null {
  return value === null || value === undefined ? null : readDigits(value, 'whole_hash')
}

function readDigits(value: unknown, name: string): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value
  throw new LineFault(`${name} is no SHA-256`)
}
