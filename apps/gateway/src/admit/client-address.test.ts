import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createClientAddress, networkOf } from './client-address.ts'

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8']

/** A request as node hands it over, from `peer`, with whatever it claims about where it comes from. */
function requestFrom(peer: string | undefined, headers: Readonly<Record<string, string | string[]>> = {}) {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const incoming = new IncomingMessage(socket)
  Object.assign(incoming.headers, headers)
  return incoming
}

function addressOf(peer: string | undefined, forwardedFor?: string | string[], proxies: readonly string[] = PROXIES) {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
  return createClientAddress(proxies)(requestFrom(peer, headers))
}

describe('without trusted proxies', () => {
  test.for([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:0:203.0.113.7', '::ffff:0:203.0.113.7'],
    [undefined, null],
  ] as const)('the peer %s is the client', ([peer, client]) => {
    expect(addressOf(peer, '198.51.100.9', [])).toBe(client)
  })
})

describe('a forwarded header', () => {
  test('from a peer that is not trusted is a claim, and not believed', () => {
    expect(addressOf('203.0.113.7', '198.51.100.9')).toBe('203.0.113.7')
  })

  test.for(['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12:3456::1'])(
    'from the proxy %s names the client',
    (peer) => {
      expect(addressOf(peer, '198.51.100.9')).toBe('198.51.100.9')
    },
  )

  test('from a neighbour of a trusted address is not believed', () => {
    expect(addressOf('192.0.2.8', '198.51.100.9')).toBe('192.0.2.8')
    expect(addressOf('11.0.0.1', '198.51.100.9')).toBe('11.0.0.1')
  })

  test.for([
    'x-real-ip',
    'cf-connecting-ip',
    'true-client-ip',
    'x-vercel-forwarded-for',
    'x-sentry-forwarded-for',
    'forwarded',
  ])('called %s is passed on by proxies as the client wrote it, and not believed', (name) => {
    const incoming = requestFrom('10.1.2.3', { [name]: '198.51.100.9', 'x-forwarded-for': '203.0.113.7' })
    expect(createClientAddress(PROXIES)(incoming)).toBe('203.0.113.7')
  })
})

describe('behind trusted proxies the client is', () => {
  test.for([
    ['the last address', '198.51.100.9'],
    ['what a client wrote itself does not count', '8.8.8.8, 127.0.0.1, 198.51.100.9'],
    ['nor what it wrote to look like a proxy', '10.9.9.9, 198.51.100.9'],
    ['past two more proxies of ours', '8.8.8.8, 198.51.100.9, 10.0.0.2, fd00::3'],
    ['with a port', '198.51.100.9:4711'],
    ['with spaces and empty entries', ' , 198.51.100.9 ,,'],
    ['with a prefix', '::ffff:198.51.100.9'],
    ['with a prefix in capitals', '::FFFF:198.51.100.9'],
  ] as const)('%s: %s', ([, header]) => {
    expect(addressOf('10.1.2.3', header)).toBe('198.51.100.9')
  })

  test.for([
    ['2001:db8::9'],
    ['[2001:db8::9]'],
    ['[2001:db8::9]:4711'],
    ['2001:db8::9%eth0'],
    ['8.8.8.8, [2001:db8::9], 10.0.0.2'],
  ] as const)('the IPv6 address in %s', ([header]) => {
    expect(addressOf('10.1.2.3', header)).toBe('2001:db8::9')
  })

  test.for([
    ['unknown', '10.1.2.3'],
    ['198.51.100.9, unknown', '10.1.2.3'],
    ['198.51.100.9, unknown, 10.0.0.2', '10.0.0.2'],
    ['198.51.100.9, <script>, 10.0.0.2', '10.0.0.2'],
    ['198.51.100.9, 300.1.1.1', '10.1.2.3'],
    ['198.51.100.9, [::1', '10.1.2.3'],
    ['198.51.100.9, 010.0.0.1', '10.1.2.3'],
    ['', '10.1.2.3'],
  ] as const)('the last good address where the way cannot be followed: %s', ([header, client]) => {
    expect(addressOf('10.1.2.3', header)).toBe(client)
  })

  test('the leftmost where all are trusted: our own network reports too', () => {
    expect(addressOf('10.1.2.3', '10.7.7.7, 10.0.0.2')).toBe('10.7.7.7')
  })

  test('the same when the header came several times', () => {
    expect(addressOf('10.1.2.3', ['8.8.8.8', '198.51.100.9', '10.0.0.2'])).toBe('198.51.100.9')
  })

  test('found within a bound, however long the way is said to be', () => {
    const header = `198.51.100.9${', 10.0.0.2'.repeat(2000)}`
    expect(addressOf('10.1.2.3', header)).toBe('10.0.0.2')
  })
})

test('a network written with the IPv4 prefix is the same network', () => {
  expect(addressOf('10.1.2.3', '198.51.100.9', ['::ffff:10.0.0.0/104'])).toBe('198.51.100.9')
  expect(addressOf('11.1.2.3', '198.51.100.9', ['::ffff:10.0.0.0/104'])).toBe('11.1.2.3')
})

describe('senders are counted by', () => {
  test.for([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
    ['2001:db8::5:6:7:8:9', '2001:db8:0:5::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1:2:3::4:5:198.51.100.9', '1:2:3:0::/64'],
    ['::2:3:4:5:198.51.100.9', '0:0:2:3::/64'],
  ] as const)('%s in %s', ([address, network]) => {
    expect(networkOf(address)).toBe(network)
  })
})
