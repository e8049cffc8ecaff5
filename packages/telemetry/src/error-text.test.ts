import { expect, test } from 'vitest'
import { errorFields, errorText } from './error-text.ts'

/** What drizzle throws: the statement, its parameters and the server's error as the cause. */
function queryError(): Error {
  const cause = Object.assign(new Error('value too long'), { code: '22001', where: 'JSON data, line 1: hunter2' })
  return Object.assign(new Error('Failed query: INSERT … params: hunter2', { cause }), {
    query: 'INSERT …',
    params: ['hunter2'],
  })
}

test('the parameters of a failed statement are neither told nor logged', () => {
  expect(errorText(queryError())).toBe('value too long')
  expect(JSON.stringify(errorFields(queryError()))).not.toContain('hunter2')
})

test('the code and the place of an error are logged', () => {
  const fields = errorFields(queryError())
  expect(fields.code).toBe('22001')
  expect(fields.stack).toContain('error-text.test.ts')
})

test('what is thrown without being an error is told all the same', () => {
  expect(errorText('gone')).toBe('gone')
  expect(errorFields(null)).toEqual({ message: 'null' })
})

test('a long message is cut', () => {
  expect(errorText(new Error('x'.repeat(10_000)))).toHaveLength(500)
})
