/**
 * Whether the database of this URL runs on this machine, and so fills the same disk: its host is the machine's own
 * loopback or a socket. False where that cannot be told, as of a neighbouring container.
 */
export function isLocalDatabase(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  // A socket's folder stands in the query, or with its slashes escaped in the host's place; none at all is the default one.
  const host = decodeURIComponent(searchParams.get('host') ?? hostname)
  return host === '' || host.startsWith('/') || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host)
}
