import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

class OrderError extends Error {
  name = 'OrderError'
}

function readPrice() {
  throw new RangeError('the price is below zero')
}

function saveOrder() {
  try {
    readPrice()
  } catch (cause) {
    throw new OrderError('the order was not saved', { cause })
  }
}

saveOrder()
