import { isBehindWord } from './scan.ts'
import { matchAt, type Value } from './value.ts'

/** Erlang's and Ruby's names of things in memory: `#PID<0.12.0>`, `#<Order:0x00007f @id=1>`. */
const THING = /#(?:PID|Reference|Function|Port|Ref|<[\w:]{1,80})(?:<[\w.@/ -]{1,80}>|:0x[\da-f]{1,16}[^>]{0,200}>)/y
/** Files by their whole path, which is a machine's. */
const FILE =
  /\/(?:dev|tmp|var|etc|home|usr|opt|srv|mnt|data|run|root|Users|private|proc|sys|media|Volumes|builds)\/[^\s"'`<>()[\]{}|,;:«»“”]{1,1000}/y

/** A thing in memory or a file, that starts with the `#` or `/` at `at`. */
export function readThing(text: string, at: number): Value | null {
  if (isBehindWord(text, at)) return null
  const end = matchAt(text.charAt(at) === '#' ? THING : FILE, text, at)
  return end === -1 ? null : { end, kind: 'id' }
}
