import { setTimeout as delay } from 'node:timers/promises'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import type { Logger } from './logger.ts'
import { readTraceparent, writeTraceparent } from './traceparent.ts'

/** One step of a trace, until it is ended. */
export interface TraceSpan {
  /** Names it to other processes (W3C `traceparent`); null where the trace is not recorded, and nobody need carry it. */
  traceparent: string | null
  child(name: string): TraceSpan
  set(attributes: Attributes): void
  /** Marks it as failed. */
  fail(error: unknown): void
  end(): void
}

export interface NewSpan {
  kind: 'server' | 'consumer' | 'internal'
  /** The step it belongs to, of another process; null, or not a `traceparent`: it begins a trace. */
  parent?: string | null | undefined
  /** Steps of other traces it has to do with. */
  links?: readonly (string | null | undefined)[]
  attributes?: Attributes
  startedAt?: Date
}

export interface Tracing {
  start(name: string, span: NewSpan): TraceSpan
  /** Sends what is left. */
  stop(): Promise<void>
}

export interface TracingOptions {
  settings: {
    /** OTLP over HTTP, without `/v1/traces`; undefined: there is no tracing, and nothing is loaded for it. */
    OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
    /** Of the traces that begin here, from 0 to 1. Those that come along are recorded as they say. */
    OTEL_TRACES_SAMPLER_ARG: number
  }
  role: string
  version: string
  logger: Logger
}

const EXPORT_MS_MAX = 5_000
/** A collector that is away must not keep anybody from ending. */
const STOP_MS_MAX = 2_000
/** While the collector is away: one line a minute is enough. */
const COMPLAINTS_MS = 60_000

/** Starts OpenTelemetry, or gives null where it is not wanted. Its packages take 40 ms to load: they are loaded then only. */
export async function startTracing(options: TracingOptions): Promise<Tracing | null> {
  const { settings, role, version, logger } = options
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return null
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const complain = complaints(logger)
  api.diag.setLogger({ ...SILENT, error: complain }, api.DiagLogLevel.ERROR)
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `rumen-${role}`, 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS_MAX }),
      }),
    ],
  })
  return createTracing({
    api,
    tracer: provider.getTracer('rumen', version),
    stop: () => within(STOP_MS_MAX, provider.shutdown()).catch((error: unknown) => complain(String(error))),
  })
}

function createTracing({
  api,
  tracer,
  stop,
}: {
  api: typeof import('@opentelemetry/api')
  tracer: Tracer
  stop: () => Promise<void>
}): Tracing {
  const { SpanKind, SpanStatusCode, ROOT_CONTEXT, TraceFlags, trace } = api
  const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL } as const

  function wrap(span: Span, within: Context): TraceSpan {
    const context = span.spanContext()
    const isRecorded = (context.traceFlags & TraceFlags.SAMPLED) !== 0
    return {
      traceparent: isRecorded ? writeTraceparent(context) : null,
      child(name) {
        const inside = trace.setSpan(within, span)
        return wrap(tracer.startSpan(name, { kind: SpanKind.INTERNAL }, inside), inside)
      },
      set: (attributes) => void span.setAttributes(attributes),
      fail(error) {
        const message = error instanceof Error ? error.message : String(error)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
      },
      end: () => span.end(),
    }
  }

  return {
    start(name, { kind, parent, links = [], attributes = {}, startedAt }) {
      const from = readTraceparent(parent)
      const within = from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT
      const linked = links.flatMap((link) => readTraceparent(link) ?? []).map((context) => ({ context }))
      const given = { kind: kinds[kind], attributes, links: linked, ...(startedAt && { startTime: startedAt }) }
      return wrap(tracer.startSpan(name, given, within), within)
    },
    stop,
  }
}

const nothing = () => undefined
const SILENT = { error: nothing, warn: nothing, info: nothing, debug: nothing, verbose: nothing }

async function within(msMax: number, work: Promise<void>): Promise<void> {
  const patience = new AbortController()
  const late = delay(msMax, undefined, { signal: patience.signal }).then(
    () => Promise.reject(new Error(`it took longer than ${msMax} ms`)),
    nothing,
  )
  await Promise.race([work, late]).finally(() => patience.abort())
}

/** What OpenTelemetry has to say, in the log. */
function complaints(logger: Logger): (what: string) => void {
  let quietUntil = 0
  return (what) => {
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + COMPLAINTS_MS
    logger.warn({ said: what.slice(0, 500) }, 'traces could not be sent')
  }
}
