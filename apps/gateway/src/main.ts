import { readSettings } from '@rumen/config/read-settings'
import { announceReady, onStop, startProcess } from '@rumen/telemetry/lifecycle'
import { createLogger } from '@rumen/telemetry/logger'
import { startGateway } from './start-gateway.ts'

await startProcess('gateway', async () => {
  const settings = readSettings(process.env)
  const logger = createLogger({ role: 'gateway', level: settings.LOG_LEVEL })
  const gateway = await startGateway(settings, logger)
  logger.info({ host: settings.HOST, port: gateway.port, adminPort: gateway.adminPort }, 'taking events')
  announceReady({ role: 'gateway', port: gateway.port, adminPort: gateway.adminPort })
  onStop(logger, gateway.stop)
})
