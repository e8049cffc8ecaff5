import { capital, hex, type Random, seededRandom, WORDS, word } from './seeded-random.ts'

export const ISSUES_COUNT = 500
const FRAMES_COUNT = 27
const BREADCRUMBS_COUNT = 24

/** What an SDK makes of an error: `event_id` stands first, where a body can be given another one in place. */
export type SdkEvent = ReturnType<typeof sdkEvent>

/**
 * An event as a server-side SDK sends it, about 16 KB of JSON and 4.5 KB of gzip: a stack with source lines,
 * breadcrumbs, a request, a user, tags, contexts. Number `n` is the same event in every run; those with the same `issue`
 * have the same stack, by default each five-hundredth.
 */
export function sdkEvent(n: number, eventId: string, issue = n % ISSUES_COUNT) {
  const random = seededRandom(n + 1)
  const ofIssue = seededRandom(1_000_003 + issue)
  const release = `shop@2.${n % 40}.${n % 7}+${1000 + (n % 40)}`
  return {
    event_id: eventId,
    timestamp: 1_790_000_000 + n / 10,
    platform: 'node',
    level: n % 20 === 0 ? 'warning' : 'error',
    environment: n % 4 === 0 ? 'staging' : 'production',
    release,
    server_name: `web-${n % 24}.eu.example.com`,
    transaction: `POST /api/${word(ofIssue)}/:id/${word(ofIssue)}`,
    exception: { values: [exception(ofIssue, random)] },
    breadcrumbs: { values: Array.from({ length: BREADCRUMBS_COUNT }, (_, at) => breadcrumb(random, n, at)) },
    request: request(random),
    user: { id: `${random(20_000)}`, email: `user${random(20_000)}@example.com`, ip_address: `192.0.2.${random(250)}` },
    tags: { tenant: `t-${random(200)}`, flow: word(random), node: `v24.${random(20)}.0`, handled: 'no' },
    contexts: contexts(random),
    modules: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`@shop/${WORDS[at * 3]}`, `${at}.4.${at % 9}`])),
    sdk: {
      name: 'sentry.javascript.node',
      version: '11.11.0',
      integrations: ['InboundFilters', 'FunctionToString', 'LinkedErrors', 'Http', 'NodeFetch', 'OnUncaughtException'],
      packages: [{ name: 'npm:@sentry/node', version: '11.11.0' }],
    },
  }
}

function sourceLine(random: Random): string {
  const [a, b, c] = [word(random), word(random), word(random)]
  switch (random(4)) {
    case 0:
      return `    const ${a} = await this.${b}.${c}(${a}Id, options)`
    case 1:
      return `    if (!${a}.${b}) throw new ${capital(c)}Error('${a} has no ${b}')`
    case 2:
      return `    return ${a}.map((${b}) => ${b}.${c}).filter(Boolean)`
    default:
      return `  async ${a}${capital(b)}(${c}: ${capital(c)}): Promise<void> {`
  }
}

function exception(ofIssue: Random, random: Random) {
  const frames = Array.from({ length: FRAMES_COUNT }, (_, at) => {
    const inApp = at % 3 !== 0
    const [folder, file] = [word(ofIssue), word(ofIssue)]
    const path = inApp ? `/srv/app/src/${folder}/${file}.ts` : `/srv/app/node_modules/${folder}/dist/${file}.js`
    return {
      filename: path,
      module: `${folder}.${file}`,
      function: `${capital(word(ofIssue))}.${word(ofIssue)}`,
      lineno: 10 + ofIssue(900),
      colno: 3 + ofIssue(40),
      in_app: inApp,
      context_line: sourceLine(ofIssue),
      ...(inApp ? { pre_context: [sourceLine(ofIssue)], post_context: [sourceLine(ofIssue)] } : {}),
    }
  })
  return {
    type: `${capital(word(ofIssue))}Error`,
    value: `cannot ${word(ofIssue)} ${word(ofIssue)} ${random(1_000_000)} of ${word(ofIssue)}`,
    mechanism: { type: 'onunhandledrejection', handled: false },
    stacktrace: { frames },
  }
}

function breadcrumb(random: Random, n: number, at: number) {
  const timestamp = 1_790_000_000 + n / 10 - (BREADCRUMBS_COUNT - at)
  if (at % 3 === 0) {
    return {
      timestamp,
      category: 'console',
      level: 'info',
      message: `${word(random)} ${word(random)} ${random(9999)} done`,
    }
  }
  const url = `https://${word(random)}.example.com/v1/${word(random)}/${random(100_000)}?${word(random)}=${random(1000)}`
  return { timestamp, type: 'http', category: 'http', data: { method: 'GET', url, status_code: 200 } }
}

function request(random: Random) {
  return {
    url: `https://shop.example.com/api/${word(random)}/${random(100_000)}`,
    method: 'POST',
    query_string: `${word(random)}=${random(1000)}&page=${random(40)}`,
    headers: {
      host: 'shop.example.com',
      accept: 'application/json, text/plain, */*',
      'content-type': 'application/json',
      'user-agent':
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
      'x-request-id': hex(random, 32),
    },
    data: JSON.stringify(Object.fromEntries(Array.from({ length: 8 }, () => [word(random), hex(random, 12)]))),
  }
}

function contexts(random: Random) {
  return {
    trace: { trace_id: hex(random, 32), span_id: hex(random, 16), op: 'http.server', status: 'internal_error' },
    os: { name: 'Linux', version: '6.12.9', kernel_version: '6.12.9-amd64' },
    runtime: { name: 'node', version: 'v24.21.0' },
    device: { arch: 'x64', memory_size: 8_589_934_592, free_memory: random(2 ** 31), processor_count: 4 },
    app: { app_start_time: '2026-11-20T08:00:00.000Z', app_memory: random(2 ** 28) },
    culture: { locale: 'en-GB', timezone: 'Europe/Berlin' },
  }
}
