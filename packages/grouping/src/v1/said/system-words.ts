/** What precedes the words of an operating system or a database, which come in its language and its version. */
const BEFORE = /\[(?:Errno|WinError) -?\d{1,6}\]|\bORA-\d{5}|\bSQLSTATE\[/
/** `HTTP/1.1 404 Not Found`, `HTTP 404`. */
const STATUS_LINE = /\bHTTP(?:\/\d(?:\.\d)?)? (\d{3})\b[A-Za-z ]{0,60}$/
/** Laravel appends the template, by its whole path. */
const VIEW = / \(View: [^)]{0,400}\)$/

/** The text before a system's own words, whose codes say the same in every language; all of it where there are none. */
export function withoutSystemWords(text: string): string {
  const found = BEFORE.exec(text)
  if (found !== null) return text.slice(0, found.index)
  return text.replace(STATUS_LINE, 'HTTP $1').replace(VIEW, '')
}
