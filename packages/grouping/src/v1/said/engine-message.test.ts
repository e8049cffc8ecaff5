import { describe, expect, test } from 'vitest'
import { isPlaceless, readEngineMessage } from './engine-message.ts'

const WORDINGS: readonly [neutral: string, ...wordings: string[]][] = [
  [
    'cannot read property total',
    "Cannot read properties of undefined (reading 'total')",
    "Cannot read property 'total' of undefined",
    'can\'t access property "total", cart is undefined',
    "can't access property total, cart is undefined",
    "Unable to get property 'total' of undefined or null reference",
    "undefined is not an object (evaluating 'this.cart.total')",
    "null is not an object (evaluating 'cart.total')",
  ],
  ['cannot read property', 'cart.total is undefined', 'cart is null'],
  [
    'is not a function pay',
    'cart.pay is not a function',
    'pay is not a function',
    "cart.pay is not a function. (In 'cart.pay()', 'cart.pay' is undefined)",
    "Object doesn't support property or method 'pay'",
  ],
  ['is not defined cart', 'cart is not defined', "'cart' is not defined", "Can't find variable: cart"],
  ['stack overflow', 'Maximum call stack size exceeded', 'too much recursion', 'Maximum call stack size exceeded.'],
  ['invalid date', 'Invalid time value', 'Invalid Date', 'date value is not finite in DateTimeFormat.format()'],
  ['mixes BigInt', 'Cannot mix BigInt and other types, use explicit conversions', "can't convert BigInt to number"],
  [
    'unexpected end of JSON',
    'Unexpected end of JSON input',
    'JSON.parse: unexpected end of data at line 1 column 1 of the JSON data',
    'JSON Parse error: Unexpected EOF',
    'Unterminated string in JSON at position 12',
  ],
  [
    'unexpected character in JSON',
    'Unexpected token < in JSON at position 0',
    'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    'JSON.parse: unexpected character at line 1 column 1 of the JSON data',
    "JSON Parse error: Unrecognized token '<'",
    'Unexpected non-whitespace character after JSON at position 4',
    "Expected ',' or '}' after property value in JSON at position 9",
    '"undefined" is not valid JSON',
  ],
  [
    'fetch failed',
    'Failed to fetch',
    'Failed to fetch (api.shop.example)',
    'Load failed',
    'NetworkError when attempting to fetch resource.',
    'Network request failed',
    'The network connection was lost.',
    'cancelled',
  ],
  [
    'module cannot be imported',
    'Failed to fetch dynamically imported module: https://shop.example/cart-1a2b.js',
    'error loading dynamically imported module: https://shop.example/cart-1a2b.js',
    'Importing a module script failed.',
    'Unable to preload CSS for /assets/cart-1a2b.css',
  ],
  ['chunk cannot be loaded', 'Loading chunk 17 failed.', 'Loading CSS chunk cart failed.', 'ChunkLoadError: x'],
  [
    'ResizeObserver loop',
    'ResizeObserver loop limit exceeded',
    'ResizeObserver loop completed with undelivered notifications.',
  ],
  [
    'node is not a child',
    "Failed to execute 'removeChild' on 'Node': The node to be removed is not a child of this node.",
    'Node.removeChild: The node to be removed is not a child of this node',
    'The object can not be found here.',
  ],
  [
    'play is not allowed',
    "play() failed because the user didn't interact with the document first. https://goo.gl/xX8pDD",
    'The play method is not allowed by the user agent or the platform in the current context',
    'The request is not allowed by the user agent or the platform in the current context',
  ],
  [
    'storage is full',
    "Failed to execute 'setItem' on 'Storage': Setting the value of 'cart' exceeded the quota.",
    'The quota has been exceeded.',
    'QuotaExceededError',
  ],
  ['rejected with an event', 'Event `CustomEvent` (type=unhandledrejection) captured as promise rejection'],
  [
    'rejected with an object code, message',
    'Non-Error promise rejection captured with keys: code, message',
    'Object captured as promise rejection with keys: code, message',
  ],
  ['script error', 'Script error.', 'Script error'],
  ['React error 310', 'Minified React error #310; visit https://react.dev/errors/310'],
]

describe.each(WORDINGS)('%s', (neutral, ...wordings) => {
  test.each(wordings)('%s', (wording) => {
    expect(readEngineMessage(wording)).toBe(neutral)
  })
})

test.each([['cart is gone'], ['Payment failed'], ['Cannot pay'], ['Failed to fetch the cart']])(
  '%s is what an application said',
  (text) => {
    expect(readEngineMessage(text)).toBeNull()
  },
)

test('a deployment or a page of somebody else is no place’s fault', () => {
  const placeless = WORDINGS.map(([neutral]) => neutral).filter(isPlaceless)
  expect(placeless).toEqual([
    'module cannot be imported',
    'chunk cannot be loaded',
    'ResizeObserver loop',
    'script error',
  ])
})
