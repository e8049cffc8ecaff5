import type { ProjectId, PublicKey } from './brand.ts'
import { parseProjectId } from './project-id.ts'
import { ProtocolError } from './protocol-error.ts'
import { parsePublicKey } from './public-key.ts'

/** What of a DSN identifies a sender; host and scheme are where it was told to send, and are not compared. */
export interface Dsn {
  readonly publicKey: PublicKey
  readonly projectId: ProjectId
}

/**
 * Reads `{scheme}://{public_key}[:{secret}]@{host}[:port]{/prefix}/{project_id}`. Throws `bad_dsn`, with the
 * part that is wrong as its cause.
 */
export function parseDsn(text: string): Dsn {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ProtocolError('bad_dsn', ['a DSN is an http or https URL'])
  }
  const path = url.pathname.replace(/\/$/, '')
  try {
    return {
      publicKey: parsePublicKey(url.username),
      projectId: parseProjectId(path.slice(path.lastIndexOf('/') + 1)),
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw new ProtocolError('bad_dsn', [error.message, ...error.causes])
    throw error
  }
}

/** The DSN to paste into an SDK. `publicUrl` may carry a path prefix, which SDKs keep. */
export function formatDsn({ publicUrl, publicKey, projectId }: Dsn & { readonly publicUrl: string }): string {
  const url = new URL(publicUrl)
  return `${url.protocol}//${publicKey}@${url.host}${url.pathname.replace(/\/$/, '')}/${projectId}`
}
