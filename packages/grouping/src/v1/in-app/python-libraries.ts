import { eitherName, words } from '../pattern.ts'

/** Packages that are somebody else's where the SDK did not say so; of the standard library, what calls applications. */
const LIBRARY = new Set(
  words(`
    django flask werkzeug starlette fastapi aiohttp tornado rest_framework graphene strawberry channels pydantic jinja2
    gunicorn uvicorn hypercorn daphne waitress uwsgi mangum awslambdaric twisted gevent eventlet anyio asyncio
    celery kombu billiard rq dramatiq
    sqlalchemy psycopg psycopg2 asyncpg pymysql mysql redis pymongo
    requests urllib3 httpx httpcore botocore boto3 sentry_sdk serial click typer
    pandas numpy scipy torch tensorflow
    threading concurrent multiprocessing subprocess queue contextlib functools importlib runpy pkg_resources
    socket ssl http email json csv encodings logging unittest pytest _pytest
  `),
)

/** Of others, wherever they were copied to: an AWS Lambda has its libraries beside its own code. */
const BUNDLED = new RegExp(
  `^${eitherName(
    words(`
      botocore boto3 s3transfer urllib3 requests httpx awslambdaric mangum sentry_sdk serial pydantic
      sqlalchemy psycopg psycopg2 pymongo redis werkzeug flask django starlette fastapi celery kombu
    `),
  )}(?:\\.|$)`,
)

const STANDARD_PATH = /\/(?:usr|opt|Library)\/.*lib\/python\d|\/lib\/python3\.\d+\/(?!site-packages|dist-packages)/
const RUNTIME_PATH = /\/lib\/python[\d.]+\/(?!site-packages|dist-packages)|^<frozen/

/** Whether a module is somebody else's. */
export function isPythonLibrary(module: string): boolean {
  const dot = module.indexOf('.')
  return LIBRARY.has(dot === -1 ? module : module.slice(0, dot))
}

/** Of others, though the SDK took it for the application's: copied beside it, or the standard library of an old SDK. */
export function isBundledPython(module: string | null, absPath: string | null): boolean {
  if (absPath !== null && STANDARD_PATH.test(absPath)) return true
  // Installed, and of that the SDK knows what is the application's.
  if (module === null || absPath?.includes('-packages/') === true) return false
  return BUNDLED.test(module)
}

/** Whether a file is the standard library's. */
export function isPythonRuntime(module: string | null, path: string): boolean {
  return RUNTIME_PATH.test(path) || (path === '' && module === null)
}
