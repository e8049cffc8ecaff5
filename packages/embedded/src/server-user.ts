import { readFile, stat } from 'node:fs/promises'
import { EmbeddedError } from './embedded-error.ts'

/** The operating-system user a server started by root runs as. */
export interface ServerUser {
  uid: number
  gid: number
}

/** "nobody" nearly everywhere; the second choice is whoever carries that name. */
const NOBODY_UID = 65534

/**
 * Whom to become before running PostgreSQL, which refuses root: the owner of the data that are already there, else nobody.
 * Null for an ordinary user, who stays what he is. Needs no useradd, su or PAM: the kernel asks for a number only,
 * but initdb insists that /etc/passwd knows it. Throws `EmbeddedError` DATA_UNUSABLE or NO_UNPRIVILEGED_USER.
 */
export async function serverUser(cluster: string): Promise<ServerUser | null> {
  const owner = await stat(cluster).catch(() => null)
  const uid = process.geteuid?.() ?? 0
  if (uid !== 0) {
    if (owner && owner.uid !== uid) {
      throw new EmbeddedError('DATA_UNUSABLE', `${cluster} belongs to user id ${owner.uid}: start as that user.`)
    }
    return null
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const nobody = findNobody(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  if (nobody) return nobody
  throw new EmbeddedError(
    'NO_UNPRIVILEGED_USER',
    'PostgreSQL refuses to run as root and /etc/passwd lists no user "nobody": start as an ordinary user.',
  )
}

/** Picks uid 65534, else the user named nobody, from the text of a passwd file. */
export function findNobody(passwd: string): ServerUser | null {
  const users = passwd.split('\n').map((line) => {
    const [name, , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
  const user = users.find(({ uid }) => uid === NOBODY_UID) ?? users.find(({ name }) => name === 'nobody')
  return user && user.uid > 0 && user.gid > 0 ? { uid: user.uid, gid: user.gid } : null
}
