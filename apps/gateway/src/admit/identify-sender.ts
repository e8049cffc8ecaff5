import type { KeyOwner } from '@rumen/db/project/find-key'
import { type Authentication, readAuthentication } from '@rumen/protocol/authentication'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { type Dsn, parseDsn } from '@rumen/protocol/dsn'
import { parseProjectId } from '@rumen/protocol/project-id'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { Refusal, type RefusalReason } from '../answer/refusal.ts'
import type { IngestRequest } from '../ingest-request.ts'
import { NotKeptError } from '../keep/keep.ts'
import type { FoundKey } from './key-cache.ts'

/** What a request says of its sender, before anybody was asked whether it is true. */
export interface Claim {
  /** Null for an envelope that may bring its key along in its header. */
  authentication: Authentication | null
  /** Null where the key alone names the project. */
  projectId: ProjectId | null
  /** What is said where the key opens nothing. */
  refusal: Extract<RefusalReason, 'unknown_key' | 'unknown_dsn'>
}

/** Somebody whose key opens the project, or whose key nobody could be asked about: then `owner` is null. */
export interface Sender {
  publicKey: PublicKey
  projectId: ProjectId
  owner: KeyOwner | null
}

/** Throws the ProtocolErrors of authentication and of a project that is no number. */
export function readClaim({ endpoint, incoming, project, query, path }: IngestRequest): Claim {
  if (endpoint === 'feedback') return claimOf(parseDsn(query.get('dsn') ?? ''))
  const projectId = project === null ? null : parseProjectId(project)
  const sentryAuth = incoming.headers['x-sentry-auth']
  const authentication = readAuthentication({
    sentryAuth: Array.isArray(sentryAuth) ? sentryAuth[0] : sentryAuth,
    authorization: incoming.headers.authorization,
    query,
    pathKey: path.key,
  })
  // Only an envelope may bring its key along.
  if (!authentication && endpoint !== 'envelope') throw new ProtocolError('missing_authorization')
  return { authentication, projectId, refusal: 'unknown_key' }
}

/** The page of the form is not an SDK: it is told that there is no such DSN. */
function claimOf({ publicKey, projectId }: Dsn): Claim {
  return { authentication: { publicKey, client: null, version: 7 }, projectId, refusal: 'unknown_dsn' }
}

/** Throws the claim's refusal where the key is known not to open the project. */
export function senderOf({ owners }: FoundKey, publicKey: PublicKey, { projectId, refusal }: Claim): Sender {
  if (owners === null) {
    if (projectId === null) throw new NotKeptError('nobody could be asked which project the key opens')
    return { publicKey, projectId, owner: null }
  }
  // A key that stands in several projects does not say which one is meant.
  const owner = projectId === null ? only(owners) : owners.find((one) => one.projectId === projectId)
  if (!owner) throw new Refusal(refusal)
  return { publicKey, projectId: owner.projectId, owner }
}

function only(owners: readonly KeyOwner[]): KeyOwner | undefined {
  return owners.length === 1 ? owners[0] : undefined
}
