import type { Settings } from '@rumen/config/read-settings'
import { listKeys } from '@rumen/db/project/list-keys'
import { formatDsn } from '@rumen/protocol/dsn'
import { publicUrl } from '../public-url.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen key list --project ID [--json]`: one line for each key, or one JSON array; oldest first, revoked ones too. */
export async function listKeysCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, json } = readOptions(rest, { project: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = readProjectId(project)
  const listed = await withDatabase(settings, (db) => listKeys(db, projectId))
  if (!listed) throw unknownProject(projectId)
  const keys = listed.map(({ publicKey, createdAt, revokedAt, ratePerSec }) => ({
    key: publicKey,
    dsn: formatDsn({ publicUrl: publicUrl(settings), publicKey, projectId }),
    created_at: createdAt,
    revoked_at: revokedAt,
    rate_per_sec: ratePerSec,
  }))
  if (json) console.log(JSON.stringify(keys))
  else for (const { key, revoked_at, dsn } of keys) console.log([key, revoked_at ? 'revoked' : 'valid', dsn].join('\t'))
}
