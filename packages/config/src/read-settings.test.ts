import { expect, test } from 'vitest'
import { readSettings, SettingsError } from './read-settings.ts'

test('an empty environment gives the defaults', () => {
  const settings = readSettings({})
  expect(settings.GATEWAY_PORT).toBe(3000)
  expect(settings.HOST).toBe('127.0.0.1')
  expect(settings.DATABASE_URL).toBeUndefined()
  expect(settings.MAX_EVENT_BYTES).toBe(1_048_576)
})

test('a product is multiplied out', () => {
  expect(readSettings({ MAX_EVENT_BYTES: ' 50 * 1024 ' }).MAX_EVENT_BYTES).toBe(51_200)
})

test('an empty variable counts as unset', () => {
  expect(readSettings({ DATABASE_URL: '', GATEWAY_PORT: ' ' }).GATEWAY_PORT).toBe(3000)
})

test('a trailing slash of PUBLIC_URL does not end up twice in a DSN', () => {
  expect(readSettings({ PUBLIC_URL: 'https://errors.example.com/sub/' }).PUBLIC_URL).toBe(
    'https://errors.example.com/sub',
  )
})

test('every problem is reported at once, by the variable to change, without its value', () => {
  const read = () =>
    readSettings({
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      GATEWAY_PORT: '70000',
      WORKER_REPORTS_BATCH_SIZE: '2e3',
      LOG_LEVEL: 'loud',
    })
  expect(read).toThrow(SettingsError)
  expect(read).toThrow(/DATABASE_URL must look like[\s\S]*GATEWAY_PORT must be at most 65535/)
  expect(read).toThrow(/WORKER_REPORTS_BATCH_SIZE must be a whole number[\s\S]*LOG_LEVEL must be a log level/)
  expect(read).not.toThrow(/hunter2/)
})

test('settings cannot be changed after they were read', () => {
  expect(Object.isFrozen(readSettings({}))).toBe(true)
})
