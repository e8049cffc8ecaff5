import { defineConfig } from 'vitest/config'

// Packages whose tests need nothing but the code: they run without a database.
const PURE = 'packages/{config,grouping,protocol,telemetry}/src/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'unit', include: [PURE], testTimeout: 20_000 } },
      {
        test: {
          name: 'system',
          include: ['{apps,packages}/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/architecture/**', PURE, '**/node_modules/**'],
          globalSetup: ['test/support/postgres.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
