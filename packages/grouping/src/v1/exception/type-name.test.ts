import { expect, test } from 'vitest'
import { readType } from './type-name.ts'

test.each([
  ['TypeError', 'TypeError'],
  // SDKs differ in how much of the package they send.
  ['com.example.PaymentException', 'PaymentException'],
  ['java.lang.IllegalStateException', 'IllegalStateException'],
  ['App\\Exceptions\\PaymentFailed', 'PaymentFailed'],
  ['ActionView::Template::Error', 'Template.Error'],
  ['Stripe::Error', 'Stripe.Error'],
  ['shop.Error', 'shop.Error'],
  // A class within a class, and one without a name.
  ['HttpClientErrorException$NotFound', 'HttpClientErrorException'],
  ['com.example.Cart$1', 'Cart'],
  ['class@anonymous/app/cart.php:12$0', 'class@anonymous'],
  ['#<Class:0x00007f8b1c0a2b30>', '<*>'],
  // Names that were changed.
  ['IOError', 'OSError'],
  ['EnvironmentError', 'OSError'],
  ['DioError', 'DioException'],
  ['LateInitializationError', 'LateError'],
  ['Symfony\\Component\\ErrorHandler\\Error\\FatalErrorException', 'FatalError'],
  ['_CastError', '_TypeError'],
  // Node.
  ['TypeError [ERR_INVALID_ARG_TYPE]', 'TypeError'],
  ['*errors.errorString', '*errors.errorString'],
  ['a text that somebody threw. Really', 'a text that somebody threw. Really'],
])('%s is %s', (type, read) => {
  expect(readType(type)).toBe(read)
})

test('what says nothing by itself keeps its owner', () => {
  expect(readType('Stripe::Error')).not.toBe(readType('Redis::Error'))
})
