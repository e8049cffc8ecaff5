import { before } from '../before.ts'

/** Before PHP 8.4 a closure has the namespace of its file, with its class before it: the function around it is the next frame. */
const CLOSURE_OWNER = /^(?:[\w\\]+::)?[\w\\]+\\$/

/** A function or method without what the runtime, templates and proxies of Doctrine add; empty where no function is named. */
export function readPhpName(name: string): string {
  const text = withoutClosure(name)
  // Named after its file: the frame has that already. `[Anonymous function]` is older SDKs' word.
  if (text.includes('/') || text.startsWith('[Anonymous') || CLOSURE_OWNER.test(text)) return ''
  if (text.startsWith('__TwigTemplate_')) return text.replace(/^__TwigTemplate_[0-9a-f]+(?:___\d+)?/, 'TwigTemplate')
  return text.replace(/Proxies\\__CG__\\|_[0-9a-f]{7,}Proxy/g, '')
}

/** `App\Cart::{closure}`, and since PHP 8.4 `{closure:App\Cart::pay():12}`, are `App\Cart` and `App\Cart::pay`. */
function withoutClosure(name: string): string {
  const anonymous = name.indexOf('class@anonymous')
  if (anonymous !== -1) {
    // The runtime appends file, line and a counter to an anonymous class; the method comes after them.
    const method = name.lastIndexOf('::')
    return method > anonymous ? `class@anonymous${name.slice(method)}` : 'class@anonymous'
  }
  const start = name.lastIndexOf('{closure')
  if (start === -1) return name
  const inside = name.slice(start + '{closure'.length)
  if (!inside.startsWith(':')) return name.slice(0, start).replace(/::$/, '')
  const place = before(inside.slice(1), '}')
  return place.slice(0, Math.max(place.lastIndexOf(':'), 0)).replace(/\(\)$/, '')
}
