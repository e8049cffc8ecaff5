import type { Settings } from '@rumen/config/read-settings'
import { forgetAttempts } from '@rumen/db/attempt/forget-attempts'
import type { Tx } from '@rumen/db/connect'
import type { DeadJob } from '@rumen/db/dead/list-dead'
import type { DeadLetters } from '@rumen/queue/open-dead-letters'
import { readAllWords } from '../read-options.ts'
import { deadAddress } from './address.ts'
import { eachDead, readDeadChoice } from './each-dead.ts'

/** `rumen dead retry ID…` or `--all [--project ID]`: back into the queue, as if they had come in just now. */
export async function retryDeadCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { words, options } = readAllWords(rest, { all: { type: 'boolean' }, project: { type: 'string' } })
  const count = await eachDead(settings, readDeadChoice(words, options), retry)
  console.log(count === 1 ? '1 job is in its queue again.' : `${count} jobs are in their queues again.`)
}

async function retry(tx: Tx, jobs: readonly DeadJob[], letters: DeadLetters): Promise<number> {
  const addresses = jobs.map(deadAddress).filter((address) => address !== null)
  await forgetAttempts(tx, addresses)
  return await letters.retry(
    tx,
    jobs.map(({ id }) => id),
  )
}
