import { expect, test } from 'vitest'
import { isLocalDatabase } from './local-database.ts'

test.for([
  'postgres://rumen:secret@localhost:5432/rumen',
  'postgres://LOCALHOST/rumen',
  'postgresql://127.0.0.1:40123/rumen',
  'postgres://127.8.9.1/rumen',
  'postgres://[::1]:5432/rumen',
  'postgres:///rumen',
  'postgres:///rumen?host=/var/run/postgresql',
  'postgres://rumen@%2Fvar%2Frun%2Fpostgresql/rumen',
])('%s is on this machine', (url) => {
  expect(isLocalDatabase(url)).toBe(true)
})

test.for([
  'postgres://db:5432/rumen',
  'postgres://10.0.0.5/rumen',
  'postgres://localhost.example.com/rumen',
  'postgres://127.0.0.1.example.com/rumen',
  'postgres://[2001:db8::1]/rumen',
  'postgres://localhost/rumen?host=db.example.com',
])('%s is not, or may not be', (url) => {
  expect(isLocalDatabase(url)).toBe(false)
})
