import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { formatDsn } from '@rumen/protocol/dsn'
import type { Stack } from './start-stack.ts'

export interface AddedProject extends NewProject {
  dsn: string
}

/** One more project beside the stack's own, so that a test finds and counts nothing but what it sent itself. */
export async function addProject(stack: Pick<Stack, 'db' | 'gatewayUrl'>, name: string): Promise<AddedProject> {
  const project = await createProject(stack.db, { name })
  const dsn = formatDsn({ publicUrl: stack.gatewayUrl, publicKey: project.publicKey, projectId: project.id })
  return { ...project, dsn }
}
