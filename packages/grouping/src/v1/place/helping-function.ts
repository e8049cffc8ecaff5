import { UNNAMED } from '../function-name/unnamed.ts'
import { either } from '../pattern.ts'
import { functionWord } from './function-word.ts'

/** Names that may go on: `assertPaid`, `must_have`, `fetch!`. */
const BEGINNINGS = new RegExp(
  `${either([
    // They check something for whoever calls.
    /assert|must|ensure|expect|require|verify|validate|guard|unwrap/,
    // They raise or report for whoever calls.
    /throw|raise|fail|report|respond|rethrow|capture/,
    // They carry or convert something for whoever calls.
    /fetch|request|retry|format/,
  ])}(?:$|[A-Z_!?]).*`,
)

/** Verbs that are anybody's, and make a helper by what they are done to: `checkStatus`, `handle_error`, `parseJson`. */
const VERBS = /check|send|call|handle|log|parse|read|decode|post|get|put|patch|delete/
const OBJECTS = either([
  /[Jj]son|JSON|[Bb]ody/,
  /[Rr]esponse|[Rr]equest|[Ss]tatus/,
  /[Ee]rr(?:or)?s?|[Ee]xception|[Ff]ailure/,
  // `send_and_wait`: somebody else's verb comes first.
  /[Aa]nd_?.*/,
])

/** Names that are whole. */
const NAMES = either([
  /check|send|call|post|get|put|patch|delete|query|execute|exec|do|invoke|perform|parse/,
  /invariant|precondition|panic|fatal|die|bail|abort|reject|unreachable/,
  /log|error|err|warn/,
  /wrap|wrapped|wrapper|middleware|recover|recoverer|recovery|serveHTTP|method_missing/,
])

const HELPER = new RegExp(
  `^_*${either([
    BEGINNINGS,
    // Ruby and Elixir raise in it what its name without the mark would return.
    /\w+!$/,
    new RegExp(`${either([VERBS])}_?${OBJECTS}$`),
    new RegExp(`${NAMES}[!?]?$`),
    /\w*(?:Request|Fetch|ApiCall)$/,
    /(?:api|http|rpc|graphql|rest)(?:$|[A-Z_]).*/,
    // They make the error that their caller throws.
    /(?:to|new|make|create|build|wrap|translate|convert|map)_?(?:[A-Za-z]*)(?:Error|Exception|error|exception)$/,
    /on_?(?:[Ee]rror|[Ff]ailure|[Rr]eject(?:ed)?)$/,
  ])}`,
)

/**
 * Whether a function, as it stands in a key, fails on behalf of its caller: it asserts, unwraps, raises, reports, or carries a
 * request for whoever asked. What is broken is the code that called it, so it is no place without its caller.
 */
export function isHelper(name: string): boolean {
  // Of one file, like C's static functions: it was written for its callers.
  if (name.includes(UNNAMED)) return true
  const word = functionWord(name)
  // Go and C# write methods in capitals: `Must`, `AssertEqual`.
  const lower = (word.charAt(0).toLowerCase() + word.slice(1)).replace(/_?[Aa]sync$/, '')
  return HELPER.test(lower)
}
