import type { RoleProcess } from './start-role.ts'

/** What an admin port says of a role and of everybody else. */
export interface Health {
  code: number
  status: string
  checks: Readonly<Record<string, { status: string; message?: string; advice?: string } & Record<string, unknown>>>
  queue: Readonly<Record<string, number>> | null
}

export async function readHealth({ adminPort }: Pick<RoleProcess, 'adminPort'>): Promise<Health> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/health`)
  const body: Omit<Health, 'code'> = JSON.parse(await response.text())
  return { code: response.status, ...body }
}
