import type { Family } from './families.ts'

/** What Sentry knows of a frame before it compares stacks. */
export interface FrameMarks {
  inApp: boolean
  /** Counts at all. */
  counts: boolean
  category: Category | null
}

type Category = 'system' | 'std' | 'ui' | 'framework' | 'threadbase' | 'indirection' | 'internals' | 'throw' | 'handler'

/** One rule: frames that fit all it names get its marks. */
export interface FrameRule {
  family?: Family
  module?: RegExp
  /** Absolute path or file name, lower case, `/` between folders and before the first. */
  path?: RegExp
  package?: RegExp
  function?: RegExp
  category?: Category
  inApp?: boolean
  /** Of the frame that called it. */
  callerCategory?: Category
  marks?: Partial<FrameMarks>
  /** For all frames that were called later. */
  newer?: Partial<FrameMarks>
  /** For all frames that were called before. */
  older?: Partial<FrameMarks>
}

const OFF = { inApp: false }
const NOISE = { inApp: false, counts: false }
const SILENT = { counts: false }

const nativeCategory = (category: Category, names: Pick<FrameRule, 'package' | 'function'>): FrameRule => ({
  ...{ family: 'native', ...names, marks: { category } },
})
const moduleCategory = (category: Category, module: RegExp, name?: RegExp): FrameRule => ({
  ...{ module, ...(name && { function: name }), marks: { category } },
})

const CATEGORIES: readonly FrameRule[] = [
  nativeCategory('system', { package: /^\/(?:system|usr\/lib|apex|vendor)\/|^c:\/windows\//i }),
  nativeCategory('system', {
    package: /^(?:corefoundation|foundation|cfnetwork|iokit|quartzcore|webkit)$|^lib(?:objc|system|dispatch)/i,
  }),
  nativeCategory('system', { package: /\/(?:libart\.so|linux-(?:gate|vdso))|\/system\/library\//i }),
  nativeCategory('system', { function: /^(?:__)?mem(?:set|cpy|cmp)$/ }),
  moduleCategory('system', /^(?:dalvik\.system|com\.android)\./),
  nativeCategory('std', { function: /^(?:boost|std)::/ }),
  moduleCategory('std', /^(?:java|javax\.crypto|androidx?|com\.google\.(?:crypto|android))\./),
  moduleCategory('system', /^android\.os\./),
  nativeCategory('ui', { package: /^(?:uikit(?:core)?|swiftui|attributegraph|coreautolayout|graphicsservices)$/i }),
  moduleCategory('ui', /^(?:android\.(?:view|text|widget)|com\.google\.android\.material)\./),
  nativeCategory('internals', { function: /^std::_|^__swift_|^closure$|^block_destroy_helper/ }),
  { family: 'native', function: /_block_invoke/, inApp: false, marks: { category: 'internals' } },
  nativeCategory('threadbase', { function: /^start$/, package: /libdyld|\/usr\/lib\/system\//i }),
  nativeCategory('threadbase', { function: /^UIApplicationMain$/, package: /^uikit(?:core)?$/i }),
  nativeCategory('threadbase', {
    function:
      /^(?:wWinMain|invoke_main|BaseThreadInitThunk|RtlUserThreadStart|thread_start|_?_?pthread_(?:start|body)|start_wqthread|_pthread_wqthread|_dispatch_worker_thread2)$/,
  }),
  moduleCategory('threadbase', /^java\.util\.concurrent\.ThreadPoolExecutor/, /^runWorker$/),
  moduleCategory(
    'threadbase',
    /^android\.(?:os\.(?:Looper|Handler|AsyncTask)|app\.ActivityThread|view\.View)/,
    /^(?:loop|dispatchMessage|handleCallback|call|main|handleMessage|layout)$/,
  ),
  nativeCategory('indirection', {
    function: /::operator\(\)|<lambda>|\.cold\.1$|^__dynamic_cast$|^boost::(?:function|_bi::)/,
  }),
  moduleCategory('indirection', /^java\.lang\.reflect\./),
  nativeCategory('handler', { function: /^(?:_sigtramp|RtlpExecuteHandlerForException|execute_onexit_table)$/ }),
  nativeCategory('throw', {
    function:
      /^(?:abort|raise|std::terminate|_CxxThrowException|RaiseException|objc_exception_throw|_CFThrowFormattedException)$/,
  }),
  moduleCategory(
    'framework',
    /^(?:akka|com\.(?:fasterxml|microsoft|sun)|feign|io\.opentelemetry|jdk|oauth|reactor\.core|scala|sun)\./,
  ),
  moduleCategory('framework', /^org\.(?:apache|glassfish|jboss|jdesktop|postgresql|springframework|web3j)\./),
]

/** Of two of a kind in a row the one that was called is the other's own business. */
const WITHIN: readonly FrameRule[] = (
  [
    ['throw', 'throw'],
    ['std', 'system'],
    ['std', 'std'],
    ['ui', 'ui'],
    ['ui', 'system'],
    ['internals', 'system'],
    ['internals', 'ui'],
    ['throw', 'system'],
  ] as const
).map(([callerCategory, category]) => ({ callerCategory, category, marks: { category: 'internals' } }))

const UNREAL_FAULT =
  /^UE::Logging::Private::BasicFatalLog$|^UE::Assert::Private::ExecCheckImplInternal|^FDebug::(?:CheckVerifyFailedImpl|OptionallyLogFormattedEnsureMessageReturningFalse$)|^DispatchCheckVerify/

const BORDER = { marks: NOISE, newer: NOISE }

const IN_APP: readonly FrameRule[] = [
  {
    family: 'native',
    package: /\/bundle\/application\/|\/coresimulator\/devices\/|\.app\/contents\/|^\/users\//i,
    marks: { inApp: true },
  },
  // Unreal's own way to fail: what called it is the game.
  { family: 'native', function: UNREAL_FAULT, marks: OFF, newer: OFF, older: { inApp: true } },
  { package: /^\/(?:usr\/)?lib\//, marks: OFF },
  { path: /^\/usr\/local\/(?:lib|cellar)\/|\/\.local\/share\//, marks: OFF },
  { family: 'native', function: /^(?:std|core|alloc)::|^__rust_|^rust_begin_unwind$/, marks: OFF },
  { family: 'native', function: /^(?:std|core)::panicking::begin_panic$/, ...BORDER },
  { family: 'native', function: /^(?:std|core)::panicking::panic_fmt$/, marks: OFF, newer: OFF },
  { family: 'native', function: /^(?:__cxa_throw|_CxxThrowException|__assert_rtn|_NSRaiseError)$/, ...BORDER },
  {
    family: 'native',
    function: /^_mh_execute_header$|^kscm_|kscrash_|sentrycrash|^[+-]?\[(?:Sentry|KSCrash|RNSentry)/,
    marks: NOISE,
  },
  { family: 'native', package: /\/frameworks\/(?:libswift.*\.dylib|sentry|kscrash|flutter)/i, marks: OFF },
  { path: /\/packages\/flutter\/|\/\.pub-cache\/|\/package:sentry/, marks: OFF },
  { category: 'throw', ...BORDER },
  { category: 'system', marks: OFF },
  { category: 'threadbase', marks: SILENT, older: SILENT },
  { category: 'handler', ...{ marks: SILENT, newer: SILENT } },
  { category: 'indirection', marks: SILENT },
  { category: 'internals', marks: NOISE },
  { path: /\/(?:vendor|site-packages|dist-packages|node_modules)\//, marks: OFF },
  { path: /https:\/\/(?:unpkg\.com|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|esm\.run)\//, marks: OFF },
  { module: /^(?:@babel|core-js|regenerator-runtime|tslib)\//, marks: NOISE },
  { family: 'javascript', function: /^_callSuper$/, marks: NOISE },
  { function: /^(?:runMicrotasks|queueMicrotask|processTicksAndRejections|runNextTicks|nextTick)$/, marks: NOISE },
  { path: /\/go\/pkg\/mod\//, marks: OFF },
  { category: 'framework', marks: OFF },
  { module: /^io\.sentry\./, marks: NOISE },
  { module: /^(?:kotlinx?|io\.ktor|io\.netty)\./, marks: OFF },
  { path: /\/[^/]*(?:newrelic|logrocket)[^/]*\//, marks: NOISE },
]

/**
 * Those of Sentry's built-in rules that touch what SDKs send to a server without symbols, in its order: a later one
 * overrides (`src/sentry/grouping/enhancer/enhancement-configs/all-platforms@2026-01-20.txt` at 2813076; drivers,
 * OpenGL, allocators, Breakpad and Lenovo are left out).
 */
export const FRAME_RULES: readonly FrameRule[] = [...CATEGORIES, ...WITHIN, ...IN_APP]
