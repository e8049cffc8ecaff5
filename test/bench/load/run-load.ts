import { once } from 'node:events'
import { startProgram } from '../stage/start-program.ts'
import type { LoadPlan, LoadResult } from './generate.ts'

/** Runs the load from a process of its own, and measures what it took of the others meanwhile. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const generator = startProgram(new URL('./generator.ts', import.meta.url), [])
  try {
    generator.child.send(plan)
    const [result] = await Promise.race([once(generator.child, 'message'), generator.failed])
    // A child of ours speaks no other message.
    return result as LoadResult
  } finally {
    await generator.stop()
  }
}
