import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { STATE } from './paths.mjs'
import { readText } from './read-text.mjs'

/** Holds the numbers of the processes that are installing. */
const LOCK = join(STATE, 'installing')
/** A lock that nobody touched for so long is nobody's, even if its process number is in use (again). */
const ABANDONED_MS = 10 * 60_000
/** A lock without a number: it is just being written. */
const EMPTY_MS_MAX = 5_000

/** False while another process installs. A lock names its bootstrap and its npx: a killed bootstrap leaves the latter at work. */
export function takeLock() {
  mkdirSync(STATE, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(LOCK, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const text = readText(LOCK)
  if (text === null || isHeld(text)) return false
  // Moved away rather than deleted: of several that see it abandoned, one gets it, and can see whether it got the right one.
  const taken = `${LOCK}.${process.pid}`
  try {
    renameSync(LOCK, taken)
    if (readText(taken) !== text) linkSync(taken, LOCK)
  } catch {
    // Another one was quicker.
  }
  rmSync(taken, { force: true })
  return takeLock()
}

/**
 * The command that names itself in the lock before it does the work, so that it is waited for even if this process is killed.
 * By itself, because this process might not live to do it.
 */
export function namedInLock(command, args) {
  return ['/bin/sh', ['-c', 'echo "$PPID $$" > "$0" && exec "$@"', LOCK, command, ...args]]
}

export function touchLock() {
  try {
    utimesSync(LOCK, new Date(), new Date())
  } catch {
    // Somebody deleted it; the install goes on.
  }
}

export function releaseLock() {
  rmSync(LOCK, { force: true })
}

function isHeld(text) {
  const touched = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const age = Date.now() - touched
  if (text === '') return age < EMPTY_MS_MAX
  return age < ABANDONED_MS && text.split(' ').some((pid) => isAlive(Number(pid)))
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
