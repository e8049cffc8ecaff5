export function say(sentence) {
  process.stdout.write(`Rumen: ${sentence}\n`)
}

/** Says why it goes no further, and returns the exit code to leave with. */
export function fail(sentence, code = 1) {
  process.stderr.write(`Rumen: ${sentence}\n`)
  return code
}
