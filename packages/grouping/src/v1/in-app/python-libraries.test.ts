import { expect, test } from 'vitest'
import { isBundledPython } from './python-libraries.ts'

test.each([
  ['botocore.client', '/var/task/botocore/client.py'],
  ['requests', '/var/task/requests/__init__.py'],
  ['json.decoder', '/usr/local/lib/python3.12/json/decoder.py'],
  ['json.decoder', '/opt/python/lib/python3.11/json/decoder.py'],
  ['django.core', null],
])('%s at %s is no application’s, though the SDK says so', (module, absPath) => {
  expect(isBundledPython(module, absPath)).toBe(true)
})

test.each([
  ['shop.cart', '/var/task/shop/cart.py'],
  ['requests_cache', '/var/task/requests_cache/x.py'],
  // Installed: the SDK was told that this one counts.
  ['django.core', '/venv/lib/python3.12/site-packages/django/core.py'],
  [null, '/var/task/handler.py'],
])('%s at %s is what the SDK says', (module, absPath) => {
  expect(isBundledPython(module, absPath)).toBe(false)
})
