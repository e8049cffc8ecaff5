/** `CartPage.build.<anonymous closure>`, `new Cart.from`; where a function is only suspended, none. */
export function readDartName(name: string): string {
  if (name === '<asynchronous suspension>') return ''
  return name
    .replace(/\.?<(?:anonymous closure|fn)>/g, '')
    .replace(/^new /, '')
    .replace(/\.\w*\$closure$/, '')
}
