import type { Event } from '@rumen/protocol/event'

/**
 * crash-cache's rule: file, function and line of every in-app frame of every exception. An event without any has no
 * issue at all, for which null stands. Source: ethicnology/crash-cache, `src/features/digest/use_case.rs`
 * (extract_exception_info) at 4e093ce and `src/shared/domain/sentry_report.rs` at 0530363.
 */
export function groupLikeCrashCache({ exceptions }: Event): string | null {
  const frames = exceptions
    .flatMap(({ stacktrace }) => stacktrace?.frames ?? [])
    .filter(({ inApp }) => inApp === true)
    .map(({ filename, function: name, line }) => `${filename ?? ''}:${name ?? ''}:${line ?? 0}`)
  return frames.length === 0 ? null : frames.join('|')
}
