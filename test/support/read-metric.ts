import type { RoleProcess } from './start-role.ts'

/** The sum of a metric's series on a role's admin port; null where it has none. */
export async function readMetric({ adminPort }: Pick<RoleProcess, 'adminPort'>, name: string): Promise<number | null> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`)
  const lines = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)))
  if (lines.length === 0) return null
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
