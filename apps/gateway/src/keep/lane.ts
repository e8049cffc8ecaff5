import type { FlushClient } from '@rumen/db/archive/open-flush-client'
import type { Logger } from '@rumen/telemetry/logger'

/** A connection that carries one batch at a time, and is replaced when it breaks. */
export interface Lane {
  /** Null while there is no connection. */
  readonly client: FlushClient | null
  busy: boolean
  /** Its flush has taken longer than anybody should wait for, and has not ended yet. */
  stuck: boolean
  /** Leaves the failed transaction; false when the connection is gone, too, and the lane cannot carry on for now. */
  rollBack(): Promise<boolean>
  close(): Promise<void>
}

export interface LaneOptions {
  open: (onError: (error: Error) => void) => Promise<FlushClient>
  /** There is a connection, for the first time or again. */
  onReconnect: () => void
  logger: Logger
}

const RECONNECT_MS = 500

/** Opens the connection in the background, and again whenever it is lost. */
export function openLane({ open, onReconnect, logger }: LaneOptions): Lane {
  let client: FlushClient | null = null
  let closed = false

  async function connect(): Promise<void> {
    let opened: FlushClient | null = null
    opened = await open((error) => {
      logger.warn({ err: error }, 'a flush connection broke')
      if (opened) drop(opened)
    })
    if (closed) return await opened.end()
    client = opened
  }

  /** Forgets a connection whose state nobody knows, and asks for a new one until there is one. */
  function drop(broken: FlushClient): void {
    if (client !== broken) return
    client = null
    broken.end().catch((error: unknown) => logger.debug({ err: error }, 'a broken connection did not close'))
    reconnectSoon()
  }

  function reconnectSoon(): void {
    if (!closed) setTimeout(reconnect, RECONNECT_MS).unref()
  }

  function reconnect(): void {
    connect().then(onReconnect, (error: unknown) => {
      logger.warn({ err: error }, 'no flush connection yet')
      reconnectSoon()
    })
  }

  reconnect()
  return {
    get client() {
      return client
    },
    busy: false,
    stuck: false,
    async rollBack() {
      const failed = client
      if (!failed) return false
      try {
        await failed.query('ROLLBACK')
        return true
      } catch {
        // The error that led here is logged where it was caught; this one only says that the connection went with it.
        drop(failed)
        return false
      }
    },
    async close() {
      closed = true
      await client?.end()
    },
  }
}
