import { either } from '../pattern.ts'

/** A name, which may go on with its class, its alias or its parameters. */
const END = String.raw`(?:$|[.\s[])`

/** What SDKs, monitors and zones wrap around functions of the application, whatever object they hang on. */
const AROUND = new RegExp(
  `^(?:.*\\.)?${either([
    /instrumented|sentryWrapped|nrWrapper|__wrapped__|wrapMethod/,
    /apply\$/,
    /ZoneDelegate|Zone|ZoneTask/,
  ])}${END}`,
)

/** Parts of frameworks and compilers that share their bundle with the application. */
const BUNDLED = new RegExp(
  `^${either([
    // React: drawing, hooks, commits, events.
    /beginWork|completeWork|completeUnitOfWork|performUnitOfWork|workLoop(?:Sync|Concurrent)?|commit[A-Z]\w*|flush\w+/,
    /performSyncWorkOnRoot|performConcurrentWorkOnRoot|performWorkUntilDeadline|renderRootSync|renderRootConcurrent/,
    /renderWithHooks|updateFunctionComponent|mountIndeterminateComponent|runWithFiberInDEV|createInstance|createTextInstance/,
    /dispatchEvent|invokeGuardedCallback\w*|batchedUpdates\w*|executeDispatch\w*|processDispatchQueue/,
    // React Native: its bridge, timers, views, promises, requests.
    /__callFunction|__guard|callFunctionReturnFlushedQueue|callTimer\w*|_callTimer|_callReactNativeMicrotasks/,
    /getNativeViewConfig|ReactNativeViewConfigRegistry\w*|emit|XMLHttpRequest|setReadyState|__didCompleteResponse/,
    /tryCall(?:One|Two)|doResolve|handleResolved/,
    // What compilers make of `async` and of generators.
    /_?asyncToGenerator|asyncGeneratorStep|_next|invoke|tryCatch|regenerator\w*/,
    // Angular and Vue.
    /executeTemplate|refreshView|detectChanges\w*|ZoneDelegate\w*/,
    /callWithErrorHandling|callWithAsyncErrorHandling|flushJobs|runIfDirty/,
  ])}${END}`,
)

/** Whether a function of a script only carries others, which are the application's: the bundle they share tells nothing. */
export function isWrapper(name: string): boolean {
  return BUNDLED.test(name) || AROUND.test(name)
}
