import type { Db } from '@rumen/db/connect'
import { describeGrouping } from '@rumen/db/grouping-config/describe-grouping'
import { type GroupingConfig, readConfig } from '@rumen/grouping/config'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { unknownProject } from '../read-project-id.ts'

/** How a project's events are grouped now. */
export async function readProjectConfig(db: Db, projectId: ProjectId): Promise<GroupingConfig> {
  const description = await describeGrouping(db, projectId)
  if (description === null) throw unknownProject(projectId)
  const config = readConfig(description.current)
  if (config !== null) return config
  throw new CommandError(`project ${projectId} is grouped by rules of a newer version of Rumen`)
}
