import { before } from '../before.ts'

/** Only the last word is common to Chrome (`async Cart.pay [as submit]`), Firefox (`async*pay`) and Safari (`pay`). */
export function readJavaScriptName(name: string): string {
  // Firefox writes `pay/<` for a nameless function inside `pay`; the others leave the name out.
  if (name.endsWith('<')) return ''
  const called = before(before(name, ' [as '), ' (index ')
  const text = called.slice(Math.max(called.lastIndexOf(' '), called.lastIndexOf('*')) + 1)
  // webpack names a module's wrapper after its file (`./src/cart.js`) or its number.
  if (text.includes('/')) return ''
  const last = text.slice(text.lastIndexOf('.') + 1)
  if (/^(?:\d+|_?callee\d*\$?)$/.test(last)) return ''
  return withoutCounters(last)
}

/** Minifiers hand out the shortest names first, and other ones in the next build; obfuscators write `_0x1f2e`. */
export function isMinified(name: string): boolean {
  return name.length <= 2 || name.startsWith('_0x') || name.startsWith('minified:')
}

/** Bundlers and compilers of templates number what has the same name: `init$3`, `Order_div_5_Template`, `_sfc_render12`. */
function withoutCounters(name: string): string {
  if (name.startsWith('_sfc_')) return name.slice('_sfc_'.length).replace(/\d+$/, '')
  if (name.endsWith('_Template') || name.endsWith('_Listener')) return name.replace(/_\d+(?=_)/g, '')
  return name.includes('$') ? name.replace(/(?!^)\$\d+$/, '') : name
}
