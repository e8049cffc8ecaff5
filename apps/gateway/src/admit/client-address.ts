import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Gives the sender's address without a port, zone or IPv4 prefix; null when its connection is gone. */
export type ClientAddress = (incoming: IncomingMessage) => string | null

/** Each proxy on the way adds one entry. More than this is no way but a client's invention. */
const HOPS_MAX = 32

/**
 * The address of the client behind the trusted proxies (addresses and networks such as `10.0.0.0/8`; settings have checked
 * them). A forwarded header is believed only when a trusted proxy handed it over, and read from its end: each proxy adds
 * whom it spoke to, so what stands left of the first address that is not trusted is the client's own words.
 *
 * Only X-Forwarded-For counts. Relay also reads X-Vercel-Forwarded-For, X-Sentry-Forwarded-For and CF-Connecting-IP, before
 * it: those are set by one vendor's proxy and passed on by all others as the client wrote them, so anybody could choose
 * the address that is limited and archived. The proxies that set them fill X-Forwarded-For too.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return peerAddress
  const isTrusted = createTrust(trustedProxies)
  return (incoming) => {
    const peer = peerAddress(incoming)
    if (peer === null || !isTrusted(peer)) return peer
    let client = peer
    for (const entry of fromTheEnd(incoming.headers['x-forwarded-for'])) {
      const address = parseForwarded(entry)
      // What stands further left cannot be told from an invention any more.
      if (address === null) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }
}

function createTrust(networks: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    if (bits === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  return (address) => trusted.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

function peerAddress(incoming: IncomingMessage): string | null {
  return normaliseAddress(incoming.socket.remoteAddress ?? '')
}

/** An address as it is kept: no zone, IPv4 without its IPv6 prefix; null for what is none. */
function normaliseAddress(text: string): string | null {
  const zone = text.indexOf('%')
  const address = zone === -1 ? text : text.slice(0, zone)
  if (isIP(address) === 0) return null
  return /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address
}

/** One entry of the header, `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1` or `[2001:db8::1]:4711`. */
function parseForwarded(entry: string): string | null {
  const [, bracketed, ipv4] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? []
  return normaliseAddress(bracketed ?? ipv4 ?? entry)
}

/** The entries of a list header, the last one first; empty ones do not count (RFC 9110, 5.6.1). */
function* fromTheEnd(header: string | string[] | undefined): Generator<string> {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  let end = text.length
  for (let hops = 0; hops < HOPS_MAX && end >= 0; hops++) {
    const start = end === 0 ? -1 : text.lastIndexOf(',', end - 1)
    const entry = text.slice(start + 1, end).trim()
    if (entry !== '') yield entry
    end = start
  }
}

/**
 * The network a sender is counted by: an IPv4 address itself, of an IPv6 address its first 64 bits in their shortest
 * spelling. A customer has at least that many addresses, and can use another for each request.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const first = groupsOf(head)
  // What `::` stands for is zeros, up to eight groups of 16 bits; an IPv4 address at the end takes two of them.
  const rest = tail === undefined ? [] : groupsOf(tail)
  const restCount = rest.length + (tail?.includes('.') ? 1 : 0)
  const groups = [...first, ...Array<string>(Math.max(0, 8 - first.length - restCount)).fill('0'), ...rest]
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
