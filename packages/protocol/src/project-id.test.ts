import { expect, test } from 'vitest'
import { parseProjectId } from './project-id.ts'

test.each(['0', '1', '42', '18446744073709551615'])('%s is a project id', (text) => {
  expect(parseProjectId(text)).toBe(text)
})

test.each(['', '-1', '+1', '007', '1.0', '1e3', ' 1', '1\n', 'abc', '１', '18446744073709551616', '9'.repeat(1000)])(
  '%j is none, so that one project has one spelling',
  (text) => {
    expect(() => parseProjectId(text)).toThrow(
      expect.objectContaining({ code: 'bad_project_id', message: 'bad project path parameter' }),
    )
  },
)
