import { describe, expect, test } from 'vitest'
import { parameterise } from './parameterise.ts'

describe('a number that says what went wrong stays', () => {
  test.each([
    ['status 404'],
    ['status: 404'],
    ['HTTP 503'],
    ['statusCode=500'],
    ['errno -2'],
    ['signal 11'],
    ['exit 137'],
    ['exit code 137'],
    ['status code 404'],
    ['error code 17'],
    ['response code 500'],
  ])('%s', (text) => {
    expect(parameterise(text)).toBe(text)
  })

  test.each([
    ['code 5', 'code <*>'],
    ['zip code 12345', 'zip code <*>'],
    ['status 1234567', 'status <*>'],
    ['status 404 17', 'status 404 <*>'],
    ['status 1.5', 'status <*>'],
  ])('but of %j only %j', (text, read) => {
    expect(parameterise(text)).toBe(read)
  })
})

describe('a quoted name of the code or the schema stays', () => {
  test.each([
    ["(reading 'id')"],
    ['column "total"'],
    ['relation "orders"'],
    ['constraint "orders_total_check"'],
    ["no module 'shop.cart'"],
    ["object has no attribute 'total'"],
    ["service 'OrderMailer'"],
    ["service 'Shop.IOrderMailer'"],
    ['variable "SMTP_HOST"'],
  ])('%s', (text) => {
    expect(parameterise(text)).toBe(text)
  })

  test.each([
    ["user 'bob'", 'user <*>'],
    ["user 'Bob'", 'user <*>'],
    ['column is "total"', 'column is <*>'],
    [`column "${'x'.repeat(140)}"`, 'column <*>'],
  ])('but of %j only %j', (text, read) => {
    expect(parameterise(text)).toBe(read)
  })
})
