import type { Settings } from '@rumen/config/read-settings'
import { forgetAttempts } from '@rumen/db/attempt/forget-attempts'
import type { Tx } from '@rumen/db/connect'
import type { DeadJob } from '@rumen/db/dead/list-dead'
import { type DroppedArchive, recordDropped } from '@rumen/db/dead/record-dropped'
import type { DeadLetters } from '@rumen/queue/open-dead-letters'
import { CommandError } from '../command-error.ts'
import { readAllWords } from '../read-options.ts'
import { deadAddress } from './address.ts'
import { eachDead, readDeadChoice } from './each-dead.ts'

const OPTIONS = { all: { type: 'boolean' }, project: { type: 'string' }, yes: { type: 'boolean' } } as const

/** `rumen dead drop ID…` or `--all [--project ID]`, and `--yes`: their archives are not digested any more, and stay. */
export async function dropDeadCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { words, options } = readAllWords(rest, OPTIONS)
  const choice = readDeadChoice(words, options)
  if (!options.yes) throw new CommandError('what is dropped is not digested any more: add --yes if that is meant')
  const count = await eachDead(settings, choice, drop)
  console.log(count === 1 ? '1 job is dropped.' : `${count} jobs are dropped.`)
}

async function drop(tx: Tx, jobs: readonly DeadJob[], letters: DeadLetters): Promise<number> {
  const dropped = jobs.map(droppedArchive).filter((archive) => archive !== null)
  await recordDropped(tx, dropped)
  await forgetAttempts(tx, dropped)
  return await letters.drop(
    tx,
    jobs.map(({ id }) => id),
  )
}

function droppedArchive(job: DeadJob): DroppedArchive | null {
  const address = deadAddress(job)
  return address && { ...address, reason: job.reason, tries: job.tries }
}
