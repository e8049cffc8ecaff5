import { fromRoot } from './paths.ts'

/** The processes Rumen is made of. */
export const ROLES = ['gateway', 'worker'] as const
export type Role = (typeof ROLES)[number]

/** The file Node runs for a role. Apps are started, never imported. */
export function roleProgram(role: Role): string {
  return fromRoot(`apps/${role}/src/main.ts`)
}
