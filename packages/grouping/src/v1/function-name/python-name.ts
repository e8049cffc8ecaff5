/** The function alone: Python 3.11 says `Cart.pay.<locals>.<lambda>` where older ones said `<lambda>`, and `Cart.pay` for `pay`. */
export function readPythonName(name: string): string {
  const text = name.includes('<') ? name.replaceAll('<locals>.', '').replace(/\.<\w+>$/, '') : name
  return text.slice(text.lastIndexOf('.') + 1)
}
