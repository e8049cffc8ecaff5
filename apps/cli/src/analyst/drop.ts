import type { Settings } from '@rumen/config/read-settings'
import { droppingStatements } from '@rumen/db/analyst/analyst-statements'
import { dropAnalyst } from '@rumen/db/analyst/drop-analyst'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen analyst drop NAME --yes` */
export async function dropAnalystCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'NAME', { yes: { type: 'boolean' } })
  if (!options.yes) throw new CommandError('nobody can log in as it then: add --yes if that is meant')
  const dropped = await withDatabase(settings, (db) => dropAnalyst(db, word))
  switch (dropped) {
    case 'dropped':
      console.log(`${word} is dropped`)
      return
    case 'unknown_analyst':
      throw new CommandError(`there is no analyst ${word}: \`rumen analyst list\` prints them`)
    case 'in_use':
      throw new CommandError(`${word} has rights or tables elsewhere: run DROP OWNED BY "${word}" there first`)
    case 'not_allowed':
      throw new CommandError(`this login may not drop it; as a superuser:\n${droppingStatements(word).join(';\n')};`)
  }
}
