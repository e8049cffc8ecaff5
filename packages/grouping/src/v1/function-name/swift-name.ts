import { either } from '../pattern.ts'

/** Words that only Swift's demangler writes; names of Swift without one of them are not told from those of C. */
const SWIFT = new RegExp(
  either([
    /closure|thunk|partial apply|specialized|implicit|merged|outlined|default argument|getter|setter|@objc/,
    /await resume|suspend resume|async let/,
    /\bstatic [A-Z]|\$s\w|>\(_:| in [A-Z]/,
  ]),
)
/** `Cart.pay(order:)`: arguments are part of the name. */
const LABELLED = /^[\w.$]+(?:<[^<>()]{1,200}>[\w.$]+)?\(\w*:[\w:]*\)(?: ->.*)?$/

/** Whether a demangled name is Swift's. */
export function isSwiftName(name: string): boolean {
  return SWIFT.test(name) || LABELLED.test(name)
}

/** What the compiler made of a function by itself, once or several times. */
const PREFIXES = new RegExp(
  `^${either([
    /(?:\(\d+\) )?(?:await resume|suspend resume)? ?partial function for /,
    /(?:closure|implicit closure) #\d+ in /,
    /partial apply (?:forwarder )?for |curry thunk of /,
    /generic |specialized |merged |static |implicit |@objc /,
  ])}+`,
)
/** Code that nobody wrote and that belongs to no function. */
const UNWRITTEN = /^(?:reabstraction )?thunk\b|^outlined\b|^protocol witness\b/

/** Swift's closures, thunks and specialisations are the function that was written: `closure #1 in Cart.pay()` is `Cart.pay()`. */
export function readSwiftName(name: string): string {
  if (UNWRITTEN.test(name)) return ''
  const inside = name.lastIndexOf(' in ')
  return (inside === -1 ? name : name.slice(inside + ' in '.length))
    .replace(PREFIXES, '')
    .replace(/ -> .*$/s, '')
    .replace(/<[^<>]*>/g, '')
    .replace(/\.(?:getter|setter|modify|read)(?: : .*)?$/s, '')
}
