import { fileURLToPath } from 'node:url'

/** The migrations this version brings along. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../../drizzle', import.meta.url))
