import type { Db } from '@rumen/db/connect'
import { type FoundProject, findProjects } from '@rumen/db/project/find-projects'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { onOneLine } from '../on-one-line.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import type { IncomingArchive } from './incoming.ts'
import type { NamedProject } from './line.ts'

/** Which projects here what comes goes to. */
export interface Targets {
  /** Throws CommandError where one of the projects a file names has no project here to go to. */
  expect(projects: readonly NamedProject[]): Promise<void>
  /** Throws CommandError likewise. */
  of(source: IncomingArchive['source']): Promise<FoundProject>
}

interface Mapping {
  /** Where everything goes; null: `map` says. */
  into: ProjectId | null
  map: ReadonlyMap<string, ProjectId>
}

/** `--project ID` and any number of `--map OLD=NEW`. */
export function readMapping(project: string | undefined, pairs: readonly string[] = []): Mapping {
  if (project !== undefined && pairs.length > 0)
    throw new CommandError('--project says where all goes: leave out --map')
  const map = pairs.map((pair) => {
    const [, from, to] = /^(\d+)=(\d+)$/.exec(pair) ?? []
    if (from === undefined) throw new CommandError(`--map is OLD=NEW, two numbers of projects: ${onOneLine(pair)}`)
    return [readProjectId(from), readProjectId(to)] as const
  })
  return { into: project === undefined ? null : readProjectId(project), map: new Map(map) }
}

/**
 * Without a mapping a project's archives go to the project of the same number, if it has the same slug, too: number 1 of two instances is not the
 * same project. Throws CommandError where a project of the mapping is missing.
 */
export async function openTargets(db: Db, { into, map }: Mapping): Promise<Targets> {
  const known = new Map<string, FoundProject>()

  async function find(id: ProjectId): Promise<FoundProject | null> {
    const found = known.get(id) ?? (await findProjects(db, [id]))[0] ?? null
    if (found?.status === 'deleting') throw new CommandError(`project ${id} is being deleted`)
    if (found !== null) known.set(id, found)
    return found
  }

  async function of({ id, slug, isCrashCache }: IncomingArchive['source']): Promise<FoundProject> {
    const chosen = into ?? map.get(id)
    const found = await find(chosen ?? id)
    if (chosen !== undefined) return found ?? refuse(unknownProject(chosen))
    const choice = `say which it is here: --map ${id}=ID, or --project ID for all`
    if (isCrashCache) throw new CommandError(`project ${id} is one of crash-cache's: ${choice}`)
    const name = slug === null ? id : `${id} (${onOneLine(slug)})`
    if (found === null) throw new CommandError(`there is no project ${name}: create it, and ${choice}`)
    if (slug === null || found.slug === slug) return found
    throw new CommandError(`project ${name} is ${found.slug} here: ${choice}`)
  }

  for (const id of into === null ? map.values() : [into]) if ((await find(id)) === null) throw unknownProject(id)
  return {
    of,
    async expect(projects) {
      for (const { id, slug } of projects) await of({ id: readProjectId(id), slug, isCrashCache: false })
    },
  }
}

function refuse(error: CommandError): never {
  throw error
}
