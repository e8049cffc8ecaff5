const SPACE = /\s/

/** Goes through one line of the rules from left to right. */
export class LineReader {
  readonly #text: string
  #at = 0
  #isBroken = false

  constructor(text: string) {
    this.#text = text
  }

  /** Whether a quote or a brace was never closed; nothing after it can be read. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Goes to the next word; `false` where there is none but a comment. */
  toNextWord(): boolean {
    this.skipSpace()
    return this.#at < this.#text.length && this.#text[this.#at] !== '#'
  }

  skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.test(this.#text.charAt(this.#at))) this.#at++
  }

  isAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  isAtWordEnd(): boolean {
    return this.#at >= this.#text.length || SPACE.test(this.#text.charAt(this.#at))
  }

  /** Passes `text` where it stands next. */
  take(text: string): boolean {
    if (!this.isAt(text)) return false
    this.#at += text.length
    return true
  }

  /** Passes `text` where it is the whole next word. */
  takeWord(text: string): boolean {
    const start = this.#at
    if (this.take(text) && this.isAtWordEnd()) return true
    this.#at = start
    return false
  }

  /** Up to white space or one of the characters of `stops`. */
  takeBare(stops: string): string {
    const start = this.#at
    while (!this.isAtWordEnd() && !stops.includes(this.#text.charAt(this.#at))) this.#at++
    return this.#text.slice(start, this.#at)
  }

  /** Like `takeBare`, but a variable `{{ name }}` is passed as one, whatever is in it; `null` where one is not closed. */
  takeTemplate(stops: string): string | null {
    const start = this.#at
    while (!this.isAtWordEnd() && !stops.includes(this.#text.charAt(this.#at))) {
      if (!this.isAt('{{')) {
        this.#at++
        continue
      }
      const end = this.#text.indexOf('}}', this.#at)
      if (end === -1) return this.#break()
      this.#at = end + 2
    }
    return this.#text.slice(start, this.#at)
  }

  /** What is between quotes, `\"` and `\\` resolved, any other `\` itself; `null` where the second is missing. */
  takeQuoted(): string | null {
    let text = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at)
      if (char === '"') {
        this.#at++
        return text
      }
      const next = this.#text.charAt(this.#at + 1)
      const isEscape = char === '\\' && (next === '"' || next === '\\')
      text += isEscape ? next : char
      if (isEscape) this.#at++
    }
    return this.#break()
  }

  #break(): null {
    this.#at = this.#text.length
    this.#isBroken = true
    return null
  }
}
