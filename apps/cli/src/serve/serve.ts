import type { Settings } from '@rumen/config/read-settings'
import { CommandError } from '../command-error.ts'
import { IS_BUNDLE } from '../paths.ts'
import { COMPILE_CACHE, ROLES, type Role, roleArguments } from './roles.ts'
import { serveAll } from './serve-all.ts'

/** `rumen serve [gateway|worker]` */
export async function serve(
  rest: readonly string[],
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const [role, ...more] = rest
  if (role === undefined) return await serveAll(settings, environment)
  if (!isRole(role) || more.length > 0) throw new CommandError(`serve takes one of: ${ROLES.join(', ')}; or nothing`)
  serveRole(role, settings, environment)
}

function isRole(word: string): word is Role {
  return ROLES.some((role) => role === word)
}

/** Becomes the role: the program takes this process over, so that a signal or a supervisor has one process to deal with. */
function serveRole(role: Role, settings: Settings, environment: NodeJS.ProcessEnv): void {
  if (settings.DATABASE_URL === undefined) {
    const advice = IS_BUNDLE ? '' : ', `rumen serve` brings one'
    throw new CommandError(`DATABASE_URL is not set: \`rumen serve ${role}\` needs a database${advice}`)
  }
  const program = roleArguments(role, settings)
  if (!process.execve) throw new CommandError(`this platform cannot do that: run node ${program.join(' ')}`)
  process.execve(process.execPath, [process.execPath, ...program], { ...COMPILE_CACHE, ...environment })
}
