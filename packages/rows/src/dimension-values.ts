import type { DimensionName } from '@rumen/db/dimension/dimensions'
import type { Scalar } from '@rumen/db/dimension/resolve-values'
import { decisiveException } from '@rumen/protocol/decisive-exception'
import type { Event, Frame } from '@rumen/protocol/event'

/** Where each dimension finds its value in an event, column by column. All null: the event has none. */
export const DIMENSION_VALUES = {
  platform: (event) => [event.platform],
  sdk: (event) => [event.sdk.name, event.sdk.version],
  os: ({ contexts: { os } }) => [os.name, os.version],
  runtime: ({ contexts: { runtime } }) => [runtime.name, runtime.version],
  browser: ({ contexts: { browser } }) => [browser.name, browser.version],
  device_manufacturer: ({ contexts: { device } }) => [device.manufacturer],
  device_brand: ({ contexts: { device } }) => [device.brand],
  device_model: ({ contexts: { device } }) => [device.model],
  device_family: ({ contexts: { device } }) => [device.family],
  device_arch: ({ contexts: { device } }) => [device.arch],
  device_specs: ({ contexts: { device } }) => [
    device.screenWidth,
    device.screenHeight,
    device.screenDensity,
    device.screenDpi,
    device.processorCount,
    device.memorySize,
  ],
  chipset: ({ contexts: { device } }) => [device.chipset],
  locale: ({ contexts: { culture } }) => [culture.locale],
  timezone: ({ contexts: { culture } }) => [culture.timezone],
  connection_type: ({ contexts: { device } }) => [device.connectionType],
  orientation: ({ contexts: { device } }) => [device.orientation],
  exception_mechanism: (event) => [decisiveException(event)?.mechanism?.type ?? null],
  http_method: (event) => [event.request.method],
  environment: (event) => [event.environment],
  release: (event) => [event.release],
  dist: (event) => [event.dist],
  server_name: (event) => [event.serverName],
  transaction: (event) => [event.transaction],
  logger: (event) => [event.logger],
  app: ({ contexts: { app } }) => [app.name, app.version, app.build],
  user: ({ user }) => [user.id ?? user.email ?? user.username ?? user.ip, user.id, user.email, user.username, user.ip],
  exception_type: (event) => [event.exceptions.at(-1)?.type ?? null],
  exception_message: (event) => [event.exceptions.at(-1)?.value ?? null],
  top_frame: (event) => {
    const frame = topFrame(event)
    return [frame?.module ?? frame?.filename ?? null, frame?.function ?? null]
  },
  url: (event) => [event.request.url],
} as const satisfies Record<Exclude<DimensionName, 'tag'>, (event: Event) => readonly Scalar[]>

/** False when nothing caught one of its exceptions, true when all that say so were caught, null when none says. */
export function isHandled(event: Event): boolean | null {
  return decisiveException(event)?.mechanism?.handled ?? null
}

/** The newest call into the app's own code, or the newest of all where none is marked. */
function topFrame(event: Event): Frame | undefined {
  const frames = event.exceptions.findLast((exception) => exception.stacktrace)?.stacktrace?.frames
  const candidates = frames ?? event.stacktrace?.frames
  return candidates?.findLast((frame) => frame.inApp) ?? candidates?.at(-1)
}
