import { inject } from 'vitest'
import { cloneDatabase, type DatabaseClone } from './clone-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the one server of this test run. */
    adminUrl: string
    /** Name of the migrated database that test files copy. */
    template: string
  }
}

/** A migrated, empty database for one test file; `drop` it in `afterAll`. */
export async function testDatabase(): Promise<DatabaseClone> {
  return await cloneDatabase({ adminUrl: inject('adminUrl'), template: inject('template') })
}
