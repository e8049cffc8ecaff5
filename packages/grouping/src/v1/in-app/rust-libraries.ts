import { either } from '../pattern.ts'

const CRATE = either([
  /std|core|alloc|test|backtrace/,
  /tokio|mio|futures\w*|rayon\w*|crossbeam\w*|parking_lot\w*|once_cell/,
  /hyper|hyper_util|h2|tower|tower_http|axum|axum_core|actix\w*|warp|rocket|tonic|reqwest|rustls/,
  /serde\w*|sqlx\w*|diesel|anyhow|tracing\w*|sentry\w*/,
])

const LIBRARY = new RegExp(
  either([
    // Traits that the standard library has for its own types, and for any: `<[T] as …>`, `<F as …>`.
    /^<&?(?:usize|u\d+|i\d+|str|\[T\]|[A-Z]) as /,
    new RegExp(`^<?&?(?:mut )?${CRATE}::`),
  ]),
)

/** Whether a function of Rust, whose name begins with its crate, is somebody else's. */
export function isRustLibrary(name: string): boolean {
  return LIBRARY.test(name)
}
