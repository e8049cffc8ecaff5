import { expect, test } from 'vitest'
import { withoutSystemWords } from './system-words.ts'

test.each([
  ["open failed: [Errno 2] No such file or directory: 'x'", 'open failed: '],
  ['open failed: [WinError 5] Zugriff verweigert', 'open failed: '],
  ['insert: ORA-00001: unique constraint violated', 'insert: '],
  ['SQLSTATE[23000]: Integrity constraint violation', ''],
  ['GET failed: HTTP/1.1 404 Not Found', 'GET failed: HTTP 404'],
  ['Undefined variable $x (View: /var/www/show.blade.php)', 'Undefined variable $x'],
  ['no cart', 'no cart'],
])('of %j is left %j', (text, left) => {
  expect(withoutSystemWords(text)).toBe(left)
})
