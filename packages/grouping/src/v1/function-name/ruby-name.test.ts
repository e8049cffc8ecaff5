import { expect, test } from 'vitest'
import { readRubyName } from './ruby-name.ts'

test.each([
  ['pay', 'pay'],
  ['block in pay', 'pay'],
  ['block (2 levels) in pay', 'pay'],
  ['rescue in block (2 levels) in pay', 'pay'],
  ['ensure in pay!', 'pay!'],
  // Ruby 3.4.
  ['Order#pay!', 'pay!'],
  ['block in Shop::Order#pay', 'pay'],
  ['Shop::Order.find', 'find'],
  ['rescue in Order.find', 'find'],
  // ERB, compiled in each process anew.
  ['_app_views_orders_show_html_erb___1283746_70254', '_app_views_orders_show_html_erb'],
  ['_app_views_orders_show_html_erb__4611686018427387904_820', '_app_views_orders_show_html_erb'],
  ['block in _app_views_orders_show_html_erb__12_34', '_app_views_orders_show_html_erb'],
  ['_show_erb__1234567_8901', '_show_erb'],
  ['<top (required)>', '<top (required)>'],
  ['<main>', '<main>'],
])('%s is %s', (name, read) => {
  expect(readRubyName(name)).toBe(read)
})
