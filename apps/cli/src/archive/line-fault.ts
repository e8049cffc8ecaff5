/** What is wrong with a line of a file; the message is for the person who has the file, and holds nothing of the line's text. */
export class LineFault extends Error {
  override readonly name = 'LineFault'
}
