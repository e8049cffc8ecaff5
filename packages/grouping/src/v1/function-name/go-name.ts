/** The function or `Type.Method` a closure, a bound method or an iterator was written in: `(*Server).pay.func2.1-fm` is `Server`'s. */
export function readGoName(name: string): string {
  const plain = name.replace(/\[\.\.\.\]/g, '').replace(/-(?:fm|range\d+)/g, '')
  const closure = plain.search(/\.(?:func|gowrap|deferwrap)\d/)
  const text = (closure === -1 ? plain : plain.slice(0, closure)).replace(/^\(\*?(\w+)\)/, '$1')
  // Closures of package variables.
  if (text === 'glob.' || text === 'glob') return ''
  // Of a closure that was inlined, `Slots.Days.All`, only the function that was written first is sure.
  const words = text.split('.')
  return words.slice(0, isExported(words[0]) ? 2 : 1).join('.')
}

function isExported(word: string | undefined): boolean {
  return word !== undefined && /^[A-Z]/.test(word)
}
