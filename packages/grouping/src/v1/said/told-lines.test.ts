import { expect, test } from 'vitest'
import { tellingLine, tellingLines } from './told-lines.ts'

test.each([
  ['no cart', 'no cart'],
  ['\n  no cart \nmore', 'no cart'],
  ['Failed:\n  no cart\nmore', 'Failed: no cart'],
  ['an exception was raised\n ** (KeyError) no cart', 'an exception was raised ** (KeyError) no cart'],
  ['', ''],
])('of the exception %j the line is %j', (text, line) => {
  expect(tellingLine(text)).toBe(line)
})

test.each([
  ['no cart', 'no cart'],
  ['Unhandled:\n\n  no cart\nx', 'Unhandled: no cart'],
  ['Traceback (most recent call last):\n  File "x.py", line 1\nKeyError: 1', 'File "x.py", line 1 KeyError: 1'],
  ['job failed\nStacktrace:\n at x\nno cart', 'job failed no cart'],
])('of the message %j the lines are %j', (text, lines) => {
  expect(tellingLines(text)).toBe(lines)
})
