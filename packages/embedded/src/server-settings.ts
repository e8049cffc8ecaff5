import { totalmem } from 'node:os'

/** Settings of the server by name, as `postgresql.conf` knows them. All of ours are understood by PostgreSQL 15 to 18. */
export type ServerSettings = Record<string, string>

const MIB = 1024 * 1024
/**
 * An eighth of the memory, because Rumen's processes are on the machine, too: at least PostgreSQL's own default, at most what the
 * indexes of a day and of the dimensions need on such a machine. It is taken page by page, as it is used.
 */
const SHARED_BUFFERS_MIB = Math.min(512, Math.max(128, Math.floor(totalmem() / 8 / MIB)))

/** For one small machine, one user, no replicas. Durability stays PostgreSQL's default: fsync and synchronous_commit on. */
const DEFAULTS: ServerSettings = {
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Nobody replicates from here: less log written per change, and a bulk load of a new table none at all.
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: `${SHARED_BUFFERS_MIB}MB`,
  // A checkpoint makes every page be logged whole once more: rare ones write less. That much disk may be taken in between.
  max_wal_size: '2GB',
  // Reports, names and counters are found by index, and mostly in memory.
  random_page_cost: '1.1',
  // Our statements are short; compiling one costs more than running it.
  jit: 'off',
  // The log tells operators about the server. Statements and rows are event content, which does not belong into logs.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
}

/** The command-line options of a server: ours, then the caller's, then those nobody may change. */
export function settingOptions(settings: ServerSettings, port: number): string[] {
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: `${port}` }
  return Object.entries({ ...DEFAULTS, ...settings, ...fixed }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
