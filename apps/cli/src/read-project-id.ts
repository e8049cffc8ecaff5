import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { CommandError } from './command-error.ts'

/** A project's number, as `project list` prints it. */
export function readProjectId(text: string | undefined): ProjectId {
  if (text === undefined) throw new CommandError('which project? --project ID, as `rumen project list` prints it')
  try {
    return parseProjectId(text)
  } catch (error) {
    if (error instanceof ProtocolError) throw new CommandError(`not a project's number: ${text}`)
    throw error
  }
}

export function unknownProject(projectId: ProjectId): CommandError {
  return new CommandError(`there is no project ${projectId}`)
}
