import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Settings } from '@rumen/config/read-settings'
import type { Connection } from '@rumen/db/connect'
import { findPerson } from '@rumen/db/person/find-person'
import type { Way } from '@rumen/db/person/person'
import type { ProjectId } from '@rumen/protocol/brand'
import { progressBar } from '../progress-bar.ts'
import { readWordAndOptions } from '../read-options.ts'
import { exportPerson } from './export-person.ts'
import { projectsOf, readWay, SCOPE_OPTIONS, withConnection } from './read-person.ts'

/**
 * `rumen person export USER --project ID|--all [--by id|email|username|ip] [-o FILE] [--json]`: an object a line, each with its
 * `kind`; with `--json` one array.
 */
export async function exportPersonCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word: name, options } = readWordAndOptions(rest, 'USER', {
    ...SCOPE_OPTIONS,
    output: { type: 'string', short: 'o' },
    json: { type: 'boolean' },
  })
  const by = readWay(options.by)
  await withConnection(settings, async (connection) => {
    const projects = await projectsOf(connection.db, options)
    // What is kept about somebody is nobody else's to read.
    const output = options.output === undefined ? process.stdout : createWriteStream(options.output, { mode: 0o600 })
    const asked = { projects, name, by, settings }
    const count = await write(output, linesOf(connection, asked), options.json === true)
    if (options.output !== undefined) console.log(`${count} rows are in ${options.output}`)
  })
}

interface Asked {
  projects: readonly ProjectId[]
  name: string
  by: Way | null
  settings: Settings
}

/** Nothing of a project that does not know the name and has nothing about it. */
async function* linesOf(connection: Connection, { projects, name, by, settings }: Asked): AsyncGenerator<string, void> {
  const bar = progressBar()
  const onRead = (fraction: number, read: number) => bar.show(fraction, `${read} archives read`)
  try {
    for (const projectId of projects) {
      const { isKnown, person } = await findPerson(connection.db, { projectId, name, by })
      let who: string | null = null
      for await (const { kind, row } of exportPerson(connection, { person, limits: settings, onRead })) {
        const line = JSON.stringify({ kind, ...row })
        if (kind === 'person' && !isKnown) {
          who = line
          continue
        }
        if (who !== null) yield who
        who = null
        yield line
      }
    }
  } finally {
    bar.end()
  }
}

async function write(output: Writable, lines: AsyncIterable<string>, isArray: boolean): Promise<number> {
  let count = 0
  const put = async (text: string) => {
    if (!output.write(text)) await once(output, 'drain')
  }
  for await (const line of lines) {
    const before = isArray ? (count === 0 ? '[\n' : ',\n') : ''
    await put(`${before}${line}${isArray ? '' : '\n'}`)
    count++
  }
  if (isArray) await put(count === 0 ? '[]\n' : '\n]\n')
  if (output === process.stdout) return count
  output.end()
  await finished(output)
  return count
}
