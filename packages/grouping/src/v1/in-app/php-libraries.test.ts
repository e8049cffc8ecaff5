import { expect, test } from 'vitest'
import { isPhpLibrary } from './php-libraries.ts'

test.each([
  ['Illuminate\\Support\\Collection::map'],
  ['Symfony\\Component\\HttpKernel\\HttpKernel::handle'],
  ['GuzzleHttp\\Client::request'],
  ['twig_get_attribute'],
  ['call_user_func_array'],
  ['array_map'],
  ['PDO::prepare'],
  ['WP_Hook::apply_filters'],
  ['do_action'],
])('%s is somebody else’s', (name) => {
  expect(isPhpLibrary(name)).toBe(true)
})

test.each([['App\\Cart::pay'], ['Symfonic\\Cart::pay'], ['pay'], ['my_array_map']])(
  '%s is the application’s',
  (name) => {
    expect(isPhpLibrary(name)).toBe(false)
  },
)
