/** One field or file of a form. */
export interface Part {
  name: string
  content: string | Uint8Array
  /** What makes it a file. */
  filename?: string
  type?: string
}

/** A form as browsers and crash handlers send it: the body, and the content type that names its boundary. */
export function multipart(parts: readonly Part[], boundary = 'x-boundary-7f3a') {
  const chunks = parts.flatMap(({ name, content, filename, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const contentType = type === undefined ? '' : `Content-Type: ${type}\r\n`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${contentType}\r\n`
    return [Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')]
  })
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  }
}
