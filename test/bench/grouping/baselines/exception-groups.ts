import type { Exception } from '@rumen/protocol/event'

/**
 * Sentry's rule for groups of exceptions (RFC 0079; `filter_exceptions_for_exception_groups` in its newstyle.py): a
 * group whose members are all alike stands for the first of them and what that one was caused by, a mixed one for one of
 * each kind and itself. Chains whose ids make no tree stay as they are. `orderOf` sorts the members, `kindOf` compares.
 */
export function collapseGroups(
  exceptions: readonly Exception[],
  orderOf: (exception: Exception) => string,
  kindOf: (exception: Exception) => string,
): readonly Exception[] {
  const tree = exceptions.length > 1 ? readTree(exceptions) : null
  if (tree === null) return exceptions
  const members = membersOf(tree.root, tree.children)
    .toSorted((a, b) => compare(orderOf(b), orderOf(a)))
    .filter((member, at, all) => at === 0 || kindOf(member) !== kindOf(all[at - 1] ?? member))
  const [first, ...others] = members
  if (first === undefined) return exceptions
  return others.length === 0 ? firstPath(first, tree.children) : [...members, tree.root]
}

type Children = ReadonlyMap<number | null, readonly Exception[]>

function readTree(exceptions: readonly Exception[]): { root: Exception; children: Children } | null {
  const byId = new Map<number, Exception>()
  for (const exception of exceptions) {
    const { exceptionId = null, parentId = null } = exception.mechanism ?? {}
    if (exceptionId === null || exceptionId === parentId || byId.has(exceptionId)) return null
    byId.set(exceptionId, exception)
  }
  const root = byId.get(0)
  const children = Map.groupBy(exceptions.toReversed(), ({ mechanism }) => mechanism?.parentId ?? null)
  return root === undefined || !reachesEnd(root, children, exceptions.length) ? null : { root, children }
}

/** False where the ids make a circle. */
function reachesEnd(root: Exception, children: Children, depthMax: number): boolean {
  if (depthMax === 0) return false
  return childrenOf(root, children).every((child) => reachesEnd(child, children, depthMax - 1))
}

function childrenOf({ mechanism }: Exception, children: Children): readonly Exception[] {
  return children.get(mechanism?.exceptionId ?? -1) ?? []
}

/** What hangs in groups and is none itself. */
function membersOf(exception: Exception, children: Children): readonly Exception[] {
  if (!exception.mechanism?.isExceptionGroup) return [exception]
  return childrenOf(exception, children).flatMap((child) => membersOf(child, children))
}

function firstPath(exception: Exception, children: Children): readonly Exception[] {
  const [first] = childrenOf(exception, children)
  return first === undefined ? [exception] : [exception, ...firstPath(first, children)]
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
