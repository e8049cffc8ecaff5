import { either, eitherName, words } from '../pattern.ts'

/** First path elements of Go's standard library: its packages have no dot there, but neither has `myapp/orders`. */
const STANDARD = new Set(
  words(`
    archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash
    html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv
    strings sync syscall testing text time unicode unique unsafe
  `),
)

/** On GitHub, whose libraries Go's applications are made of. */
const OWNERS = words(`
  gin-gonic labstack go-chi gofiber gorilla valyala zeromicro cloudwego
  jackc lib go-sql-driver jmoiron uptrace redis go-redis
  segmentio IBM Shopify nats-io rabbitmq twmb hibiken julienschmidt aws
  getsentry sirupsen rs urfave spf13 grpc-ecosystem stretchr pkg
`)

/** The SDK takes every module but the standard library for the application's. */
const LIBRARY = new RegExp(
  `^${either([
    /golang\.org|google\.golang\.org|gopkg\.in|gorm\.io|go\.uber\.org|go\.opentelemetry\.io/,
    new RegExp(`github\\.com/${eitherName(OWNERS)}`),
  ])}/`,
)

/** Whether a package is the standard library's. */
export function isGoRuntime(module: string): boolean {
  const slash = module.indexOf('/')
  return STANDARD.has(slash === -1 ? module : module.slice(0, slash))
}

/** Whether a package is somebody else's. */
export function isGoLibrary(module: string): boolean {
  return isGoRuntime(module) || LIBRARY.test(`${module}/`)
}
