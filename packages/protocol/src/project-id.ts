import type { ProjectId } from './brand.ts'
import { ProtocolError } from './protocol-error.ts'

const U64_MAX = 2n ** 64n - 1n

/**
 * A project id as it stands in a DSN or a path: an unsigned 64-bit integer in decimal. One spelling only
 * (no sign, no leading zeros), so that comparing texts compares ids. Throws `bad_project_id`.
 */
export function parseProjectId(text: string): ProjectId {
  if (!isProjectId(text)) {
    throw new ProtocolError('bad_project_id', ['a project id is a decimal number of at most 64 bits'])
  }
  return text
}

function isProjectId(text: string): text is ProjectId {
  return /^(?:0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) <= U64_MAX
}
