/** One request of the conformance suite, as a client sends it that knows no SDK. */
export interface WireRequest {
  /** POST unless given. */
  method?: string
  /** With its query. */
  path: string
  /** None but these: not even a content type goes along by itself. */
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array<ArrayBuffer>
}

/** What came back, read to its end. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The text when it is no JSON. */
  body: unknown
}

/** Sends a request over a real socket. A redirect is an answer here, never followed. */
export async function ask(url: string, { method = 'POST', path, headers = {}, body }: WireRequest): Promise<Answer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: 'manual',
    ...(bytes === undefined ? {} : { body: bytes }),
  })
  return await readAnswer(response)
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
