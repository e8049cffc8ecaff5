import { type Check, well } from '@rumen/health/check'
import { errorText } from '@rumen/telemetry/error-text'

const PATIENCE_MS = 5_000

/** Whether a gateway of Rumen's answers at the address that DSNs show, as seen from here. */
export async function askGateway(publicUrl: string): Promise<Check> {
  const figures = { url: publicUrl }
  const answer = await fetch(`${publicUrl}/health`, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(errorOf)
  if (typeof answer === 'string') {
    const message = `nothing answers at ${publicUrl}: ${answer}`
    const advice = 'start a gateway; or this machine reaches it by another address than SDKs do: then all is well'
    return { status: 'degraded', message, advice, figures }
  }
  const said = await answer.text().catch(errorOf)
  if (isHealth(said)) return well({ ...figures, answered: answer.status })
  const message = `what answers at ${publicUrl} is no gateway of Rumen's`
  return { status: 'failing', message, advice: 'see PUBLIC_URL, GATEWAY_PORT, and the proxy in front', figures }
}

function isHealth(said: string): boolean {
  try {
    const parsed: unknown = JSON.parse(said)
    return typeof parsed === 'object' && parsed !== null && 'status' in parsed
  } catch {
    return false
  }
}

function errorOf(error: unknown): string {
  // What fetch throws only says that it failed.
  return errorText(error instanceof Error && error.cause !== undefined ? error.cause : error)
}
