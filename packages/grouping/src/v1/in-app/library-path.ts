import type { Family } from '../family.ts'
import { either } from '../pattern.ts'

/** Directories that hold other people's code, whatever the language; one expression, as it reads a path once. */
const LIBRARY_DIRECTORY = new RegExp(
  `/${either([
    /node_modules/,
    /site-packages|dist-packages/,
    // PHP's, Go's and Ruby's copies beside the application.
    /vendor/,
    /gems/,
    /pkg\/mod/,
    /\.cargo\/registry|\.cargo\/git|rustc/,
    /usr\/lib|usr\/include/,
    /\.pub-cache/,
    // Elixir's.
    /\.mix|deps/,
  ])}/`,
)

const JAVASCRIPT = new RegExp(
  either([
    // The runtime's own; `index 0` is a place in the list of `Promise.all`.
    /^\/(?:node:|internal\/|native|\[native code\]|<anonymous>|ext:|index \d)/,
    /^\/(?:webpack|@sentry)\//,
    /\/\(?webpack\)?\/(?:bootstrap|runtime)/,
    /-extension:\/\//,
    // What bundlers call the chunks of other people's code, content hash and all.
    /\/(?:vendors?|chunk-vendors|framework|polyfills?|zone|react-dom|scheduler|webpack|runtime(?:-main)?|bundle\.tracing)[-.~][^/]*\.m?js/,
    // Scripts that a page loads by themselves.
    /\/(?:zone|vendor|react-dom|newrelic|nr-spa|gtm|jquery)(?:\.min)?\.js/,
    /newrelic|logrocket/,
  ]),
)

/** Dart's own libraries have a scheme; packages of others have their name behind one. */
const DART =
  /\/(?:dart:|package:(?:flutter|flutter_\w+|dio|http|bloc|flutter_bloc|riverpod|get|provider)\/)|^\/(?:dart:|org-dartlang-sdk)/

const OF_LANGUAGE: Record<Family, RegExp | null> = {
  javascript: JAVASCRIPT,
  python: /\/lib\/python|^\/<(?:frozen |string>|__array_function__)/,
  ruby: /\/(?:lib\/ruby|rubygems|bundler)\/|^\/(?:<internal:|\(eval)/,
  go: /\/(?:usr\/local\/go|libexec\/src|go\/src\/(?:runtime|net|internal))\//,
  // Their frames name a class, which tells more than the file.
  jvm: null,
  dotnet: null,
  php: /^\/\[internal\]/,
  native: /\/(?:Frameworks|rust\/library|library\/(?:std|core|alloc))\/|^\/\/rustc/,
  dart: DART,
  elixir: /\/lib\/(?:elixir|stdlib|kernel|logger|ex_unit)\//,
  other: /\/Frameworks\/|^\/(?:dart:|package:flutter\/)/,
}

/** Whether code of this path is somebody else's. */
export function isLibraryPath(path: string, family: Family): boolean {
  const forward = path.includes('\\') ? path.replaceAll('\\', '/') : path
  // A relative path lacks the slash the expressions begin with: `vendor/acme/x.php`.
  const rooted = forward.startsWith('/') ? forward : `/${forward}`
  return LIBRARY_DIRECTORY.test(rooted) || OF_LANGUAGE[family]?.test(rooted) === true
}
