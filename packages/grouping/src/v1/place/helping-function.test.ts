import { describe, expect, test } from 'vitest'
import { isHelper } from './helping-function.ts'

describe('a function that fails on behalf of its caller', () => {
  test.each([
    // They check, raise, report.
    ...['assert', 'assertPaid', 'assert_paid', 'must', 'Must', 'MustParse', 'ensureOpen', 'expect', 'require_login'],
    ...['invariant', 'precondition', 'validateOrder', 'unwrap', 'raise_for_status', 'throwIfNull'],
    ...['fail', 'panic', 'die', 'abort', 'unreachable', 'reportError', 'captureMessage', 'log_error', 'handleError'],
    ...['_raise_for_status', 'on_error', 'onRejected', 'rethrow'],
    // They make the error that their caller throws.
    ...['toError', 'createHttpError', 'new_exception', 'wrapError', 'makeNotFoundError'],
    // They carry something for whoever asks.
    ...['fetch', 'fetchJson', 'fetch!', 'request', 'sendRequest', 'send_request', 'apiCall', 'api', 'httpGet', 'retry'],
    ...['get', 'post', 'query', 'execute', 'exec', 'invoke', 'getJson', 'parseBody', 'readResponse', 'checkStatus'],
    ...['handle_response', 'decodeJSON', 'sendAndWait', 'send_and_wait', 'doFetch', 'formatMoney', 'FetchAsync'],
    ...['middleware', 'wrapper', 'Recoverer.serveHTTP', 'method_missing'],
    // Ruby and Elixir.
    ...['save!', 'Order.find!', 'fetch!/2'],
    // Of one file.
    ...['shop::{anonymous}::pay', '{anonymous}::check'],
    ...['Shop.Http::GetAsync', 'shop::unwrap<T>', 'Cart.require(order:)'],
  ])('%s', (name) => {
    expect(isHelper(name)).toBe(true)
  })
})

describe('a function that does a thing of its own', () => {
  test.each([
    ...['pay', 'Cart.pay', 'checkout', 'getTotal', 'postOrder', 'sendInvoice', 'parsePrice', 'readCart', 'login'],
    ...['callCustomer', 'handleOrder', 'requirements', 'assertion', 'apiary', 'validator', 'expected', 'formatter'],
    ...['dieCut', 'logout', 'wrapGift', 'errorsByDay', 'executeOrder', 'queryBuilder', 'online', 'save', 'reject_all'],
  ])('%s', (name) => {
    expect(isHelper(name)).toBe(false)
  })
})
