import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ItemTable } from '../support/digest-of.ts'
import { runNpm } from '../support/npm.ts'

/** One SDK as it is really installed, the program that uses it, and what must come of that. */
export interface Sdk {
  name: string
  /** Debian packages that bring it; none for those of npm. */
  packages: readonly string[]
  /** Whether it can be used on this machine as it is. */
  isInstalled: () => boolean
  /** Puts whatever the program needs into an empty folder, and says how it is started. */
  prepare: (folder: string) => Promise<Program>
  /** Columns of the report of what the program catches. */
  caught: Readonly<Record<string, unknown>>
  /** What the ledger says afterwards, at the least. */
  outcomes: Readonly<Record<string, number>>
  /** What is kept besides reports, table by table. */
  rows: Readonly<Partial<Record<ItemTable, readonly Readonly<Record<string, unknown>>[]>>>
  /** Endpoint and encoding of requests that must be among those it sends. */
  requests: readonly string[]
}

export interface Program {
  command: string
  words: readonly string[]
  environment?: Readonly<Record<string, string>>
}

const CHECKOUT = [{ name: 'checkout', op: 'task' }]
const CART = [{ name: 'cart.bin', attachment_type: 'event.attachment' }]
const SESSION = [{ status: 'exited', errors: 1 }]

const apps = (path: string) => fileURLToPath(new URL(`apps/${path}`, import.meta.url))

const PYTHON: Sdk = {
  name: 'Debian’s sentry-sdk for Python',
  packages: ['python3-sentry-sdk'],
  isInstalled: () => existsSync('/usr/bin/python3') && existsSync('/usr/lib/python3/dist-packages/sentry_sdk'),
  prepare: async () => ({ command: '/usr/bin/python3', words: [apps('python/shop.py')] }),
  caught: {
    exception_type: 'ZeroDivisionError',
    platform: 'python',
    sdk_name: 'sentry.python',
    runtime_name: 'CPython',
  },
  outcomes: { 'event stored': 3, 'attachment stored': 1, 'transaction stored': 1, 'session stored': 1 },
  rows: { transactions: CHECKOUT, attachments: CART, sessions: SESSION },
  requests: ['envelope gzip'],
}

const RUBY: Sdk = {
  name: 'Debian’s sentry-ruby',
  packages: ['ruby', 'ruby-sentry-ruby'],
  isInstalled: () => existsSync('/usr/bin/ruby') && existsSync('/usr/share/doc/ruby-sentry-ruby'),
  prepare: async () => ({ command: '/usr/bin/ruby', words: [apps('ruby/shop.rb')] }),
  caught: { exception_type: 'ZeroDivisionError', platform: 'ruby', sdk_name: 'sentry.ruby' },
  outcomes: { 'event stored': 3, 'transaction stored': 1, 'sessions stored': 1 },
  rows: { transactions: CHECKOUT },
  requests: ['envelope gzip', 'envelope plain'],
}

const GO_PACKAGES = '/usr/share/gocode'

const GO: Sdk = {
  name: 'Debian’s sentry-go',
  packages: ['golang-go', 'golang-github-getsentry-sentry-go-dev'],
  isInstalled: () => existsSync('/usr/bin/go') && existsSync(`${GO_PACKAGES}/src/github.com/getsentry/sentry-go`),
  prepare: async (folder) => ({
    command: '/usr/bin/go',
    words: ['run', apps('go/shop.go')],
    // Debian packages are sources below one path, without modules.
    environment: { GO111MODULE: 'off', GOPATH: GO_PACKAGES, GOCACHE: folder, HOME: folder },
  }),
  caught: { exception_type: '*main.cartError', platform: 'go', sdk_name: 'sentry.go', runtime_name: 'go' },
  outcomes: { 'event stored': 2, 'transaction stored': 1 },
  rows: { transactions: CHECKOUT },
  requests: ['envelope plain'],
}

const NODE_CAUGHT = {
  exception_type: 'RangeError',
  platform: 'node',
  sdk_name: 'sentry.javascript.node',
}

/** Of the versions that know all of these; feedback came later. */
const NODE_OUTCOMES = {
  'event stored': 3,
  'attachment stored': 1,
  'transaction stored': 1,
  // Updates of two sessions.
  'session stored': 5,
  'check_in stored': 2,
}
const NODE_ROWS: Sdk['rows'] = {
  transactions: CHECKOUT,
  attachments: CART,
  // The SDK begins one by itself, which the program's own puts an end to.
  sessions: [{ status: 'exited', errors: 0 }, ...SESSION],
  check_ins: [
    { monitor_slug: 'nightly', status: 'in_progress', environment: 'staging' },
    { monitor_slug: 'nightly', status: 'ok', duration: 1, environment: 'staging' },
  ],
}
const FEEDBACK = [{ name: 'Ada', email: 'ada@example.com', message: 'it broke' }]

const NODE: Sdk = {
  name: 'the @sentry/node of this checkout',
  packages: [],
  isInstalled: () => true,
  prepare: async () => ({ command: process.execPath, words: [apps('node/shop.mjs')] }),
  caught: NODE_CAUGHT,
  outcomes: { ...NODE_OUTCOMES, 'session stored': 3, 'feedback stored': 1 },
  rows: { ...NODE_ROWS, feedback: FEEDBACK },
  requests: ['envelope gzip', 'envelope plain'],
}

/** An older @sentry/node, fetched from the registry into the folder. */
function olderNode(version: string, seen: Pick<Sdk, 'outcomes' | 'rows' | 'requests'>): Sdk {
  return {
    name: `@sentry/node ${version}`,
    packages: [],
    isInstalled: () => false,
    prepare: async (folder) => {
      const program = join(folder, 'shop.mjs')
      await cp(apps('node/shop.mjs'), program)
      await runNpm(folder, ['install', '--no-audit', '--no-fund', '--prefix', folder, `@sentry/node@${version}`], {})
      return { command: process.execPath, words: [program] }
    },
    caught: NODE_CAUGHT,
    ...seen,
  }
}

export const SDKS: readonly Sdk[] = [
  NODE,
  PYTHON,
  RUBY,
  GO,
  olderNode('5.30.0', { outcomes: { 'event stored': 3 }, rows: {}, requests: ['store plain'] }),
  olderNode('7.120.4', {
    outcomes: NODE_OUTCOMES,
    rows: NODE_ROWS,
    requests: ['envelope gzip', 'envelope plain'],
  }),
  olderNode('10.78.0', {
    outcomes: { ...NODE_OUTCOMES, 'feedback stored': 1 },
    rows: { ...NODE_ROWS, feedback: FEEDBACK },
    requests: ['envelope gzip', 'envelope plain'],
  }),
]
