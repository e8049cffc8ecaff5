import { type Metabase, MetabaseError } from './metabase-client.ts'
import { type Json, objectOf } from './read-json.ts'
import type { Target } from './read-target.ts'

/** Releases whose API was read for this, `0.57` as 57. What came after may have changed. */
const OLDEST_VERSION = 57
const NEWEST_VERSION = 64

/**
 * Signs in; a Metabase nobody has set up yet gets its first administrator. Gives Metabase as that person sees it. Rejects, saying
 * which variable to change, when it refuses them, and for a version whose API is not known.
 */
export async function signIn(metabase: Metabase, target: Target, say: (line: string) => void): Promise<Metabase> {
  const { 'has-user-setup': isSetUp, 'setup-token': token } = await propertiesOf(metabase)
  const isFirst = isSetUp !== true && typeof token === 'string'
  const session = isFirst ? await setUp(metabase, target, token) : await logIn(metabase, target)
  say(isFirst ? 'set up: made the first administrator' : 'signed in')
  const { id } = objectOf(session, 'the answer to signing in')
  if (typeof id !== 'string') throw new Error('Metabase gave no session: is signing in with a password switched off?')
  const person = metabase.as(id)
  const { version } = await propertiesOf(person)
  checkVersion(version, target.anyVersion)
  return person
}

async function propertiesOf(metabase: Metabase): Promise<Json> {
  return objectOf(await metabase.get('/api/session/properties'), "Metabase's properties")
}

/** Whoever is faster makes the administrator; the other one then signs in as that. */
async function setUp(metabase: Metabase, target: Target, token: string): Promise<unknown> {
  const { email, password } = target
  const user = { email, password, first_name: 'Rumen', last_name: 'Administrator' }
  try {
    return await metabase.post('/api/setup', { token, user, prefs: { site_name: 'Rumen', allow_tracking: false } })
  } catch (error) {
    if (!(error instanceof MetabaseError)) throw error
    if (error.status === 403) return await logIn(metabase, target)
    throw new Error(
      `Metabase does not take METABASE_ADMIN_EMAIL and METABASE_ADMIN_PASSWORD for its first administrator: ${error.reason}`,
    )
  }
}

async function logIn(metabase: Metabase, { email, password }: Target): Promise<unknown> {
  try {
    return await metabase.post('/api/session', { username: email, password })
  } catch (error) {
    if (!(error instanceof MetabaseError) || error.status !== 401) throw error
    throw new Error(
      `Metabase has been set up before and refuses METABASE_ADMIN_EMAIL with METABASE_ADMIN_PASSWORD (${error.reason}). ` +
        'Give the address and password of one of its administrators as they are there now.',
    )
  }
}

/** `v0.63.19` is the open-source edition, `v1.63.19` the other one: the same API. */
function checkVersion(version: unknown, anyVersion: boolean): void {
  const tag = typeof version === 'object' && version !== null && 'tag' in version ? String(version.tag) : 'unknown'
  const release = Number(/^v?[01]\.(\d+)/.exec(tag)?.[1])
  if (anyVersion || (release >= OLDEST_VERSION && release <= NEWEST_VERSION)) return
  const age = release < OLDEST_VERSION ? 'too old' : release > NEWEST_VERSION ? 'newer than what is known' : 'unknown'
  throw new Error(
    `This Metabase is ${age} (${tag}): this was written for 0.${OLDEST_VERSION} to 0.${NEWEST_VERSION}. ` +
      'METABASE_ANY_VERSION=true tries all the same.',
  )
}
