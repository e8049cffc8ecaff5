/** The last word of a name, behind its class or package and before its parameters. */
const LAST_WORD = /([\p{L}\p{N}_$!?]+)(?:[<[(].*)?$/su
/** Of a name its end is looked at: a longer word is none. */
const CHARS_MAX = 300

/** What a function itself is called, without class, parameters and Elixir's number of arguments. */
export function functionWord(name: string): string {
  const short = (name.length > CHARS_MAX ? name.slice(-CHARS_MAX) : name).replace(/\/\d+$/, '')
  return LAST_WORD.exec(short)?.[1] ?? short
}
