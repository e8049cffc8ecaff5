import type { ProjectId, PublicKey } from './brand.ts'
import type { Dsn } from './dsn.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * Throws `dsn_mismatch` when an envelope names another project or key than its request. A `null` part is
 * not compared: `/api/store/` has no project id, and an envelope may authenticate its own request.
 */
export function matchDsn(
  dsn: Dsn | null,
  request: { readonly publicKey: PublicKey | null; readonly projectId: ProjectId | null },
): void {
  if (dsn === null) return
  if (request.projectId !== null && request.projectId !== dsn.projectId) {
    throw new ProtocolError('dsn_mismatch', ['project id header mismatch between envelope and request'])
  }
  if (request.publicKey !== null && request.publicKey !== dsn.publicKey) {
    throw new ProtocolError('dsn_mismatch', ['public key header mismatch between envelope and request'])
  }
}
