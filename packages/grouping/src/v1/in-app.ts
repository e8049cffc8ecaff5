import type { Frame } from '@rumen/protocol/event'
import type { Family } from './family.ts'

/** Whether a frame is the application's own code: what the SDK said, else judged by where the code lies. */
export function isInApp(frame: Frame, family: Family): boolean {
  if (frame.inApp !== null) return frame.inApp
  if (frame.filename === null && frame.absPath === null && frame.module === null) return false
  if (frame.module !== null && isLibraryModule(frame.module, family)) return false
  if (frame.absPath !== null && isLibraryPath(frame.absPath, family)) return false
  return frame.filename === null || frame.filename === frame.absPath || !isLibraryPath(frame.filename, family)
}

/** Directories that hold other people's code, whatever the language; one expression, as it reads a path once. */
const LIBRARY =
  /\/(?:node_modules|site-packages|dist-packages|vendor|gems|pkg\/mod|\.cargo\/registry|rustc|usr\/lib|usr\/include)\//

const libraries: Record<Family, RegExp | null> = {
  javascript:
    /^\/(?:node:|internal\/|native|\[native code\]|<anonymous>|webpack\/|ext:)|\/\(?webpack\)?\/(?:bootstrap|runtime)|-extension:\/\//,
  python: /\/lib\/python|^\/<(?:frozen |string>|__array_function__)/,
  ruby: /\/(?:lib\/ruby|rubygems|bundler)\/|^\/(?:<internal:|\(eval)/,
  go: /\/(?:usr\/local\/go|libexec\/src|go\/src\/(?:runtime|net|internal))\//,
  jvm: null,
  php: /^\/\[internal\]/,
  other: /\/(?:deps|\.pub-cache|Frameworks)\/|^\/(?:dart:|package:flutter\/)/,
}

function isLibraryPath(path: string, family: Family): boolean {
  const forward = path.includes('\\') ? path.replaceAll('\\', '/') : path
  // A relative path lacks the slash the expressions begin with: `vendor/acme/x.php`.
  const rooted = forward.startsWith('/') ? forward : `/${forward}`
  return LIBRARY.test(rooted) || libraries[family]?.test(rooted) === true
}

const JVM_PREFIXES = [
  ...[
    'java.',
    'javax.',
    'jakarta.',
    'jdk.',
    'sun.',
    'com.sun.',
    'kotlin.',
    'kotlinx.',
    'scala.',
    'groovy.',
    'clojure.',
  ],
  ...['android.', 'androidx.', 'dalvik.', 'com.android.', 'com.google.android.', 'libcore.'],
  ...['org.springframework.', 'org.apache.', 'org.hibernate.', 'org.jboss.', 'org.eclipse.jetty.', 'org.junit.'],
  ...[
    'io.netty.',
    'io.undertow.',
    'io.sentry.',
    'reactor.',
    'io.reactivex.',
    'com.fasterxml.',
    'com.zaxxer.',
    'okhttp3.',
  ],
]

/** First path element of Go's standard library: its packages have no dot there, but neither has `myapp/orders`. */
const GO_STANDARD = new Set(
  (
    'archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash ' +
    'html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv ' +
    'strings sync syscall testing text time unicode unique unsafe'
  ).split(' '),
)

function isLibraryModule(module: string, family: Family): boolean {
  switch (family) {
    case 'jvm':
      return JVM_PREFIXES.some((prefix) => module.startsWith(prefix))
    case 'go': {
      const slash = module.indexOf('/')
      return GO_STANDARD.has(slash === -1 ? module : module.slice(0, slash))
    }
    case 'other':
      return /^(?:System|Microsoft)\.|^(?:std|core|alloc)::/.test(module)
    default:
      return false
  }
}
