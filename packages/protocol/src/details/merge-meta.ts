import { BAG_LIMITS, META_NODES_MAX, NESTING_MAX } from '../limits.ts'
import { isSecretName, MASK } from '../mask.ts'
import { isRecord } from '../record.ts'
import { type BagObject, cleanKey, readBagObject } from './bag.ts'
import type { Cut } from './trail.ts'

/** Sentry's `_meta`: a tree beside the payload's, what is said of a value under the key `''` of its node. */
export interface MetaTree {
  [key: string]: MetaTree | BagObject
}

/** What nobody reads, kept apart: remarks on what `_meta` itself has lost would be remarks on remarks. */
const NOWHERE = { path: [], cuts: [] }

/**
 * What the SDK says it changed (its remarks are kept as they are, within bounds) and what was cut here. `null` for an
 * event of which nothing is missing.
 */
export function mergeMeta(sent: unknown, cuts: readonly Cut[]): MetaTree | null {
  const tree = copyTree(sent, { nodes: META_NODES_MAX }, NESTING_MAX, false)
  for (const cut of cuts) addCut(tree, cut)
  return Object.keys(tree).length === 0 ? null : tree
}

function copyTree(sent: unknown, left: { nodes: number }, depth: number, isSecret: boolean): MetaTree {
  const tree = emptyTree()
  if (!isRecord(sent) || depth === 0) return tree
  for (const [key, child] of Object.entries(sent)) {
    if (left.nodes-- <= 0) break
    const copy =
      key === '' ? readNode(child, isSecret) : copyTree(child, left, depth - 1, isSecret || isSecretName(key))
    if (copy !== null && Object.keys(copy).length > 0) tree[cleanKey(key)] = copy
  }
  return tree
}

/** `val` is a value as it was before it was found invalid, secret or not. */
function readNode(node: unknown, isSecret: boolean): BagObject | null {
  const bag = readBagObject(node, BAG_LIMITS.metaNode, NOWHERE)
  return bag !== null && isSecret && Object.hasOwn(bag, 'val') ? { ...bag, val: MASK } : bag
}

function addCut(root: MetaTree, { path, length, remark }: Cut): void {
  let tree = root
  for (const key of path.map(cleanKey)) {
    const next = tree[key]
    if (next === undefined) tree = tree[key] = emptyTree()
    else tree = next as MetaTree // only the key '' leads elsewhere, and no path has it
  }
  const said = tree['']
  const remarks = said !== undefined && Array.isArray(said.rem) ? said.rem : []
  tree[''] = { len: length, ...said, rem: [...remarks, [...remark]] }
}

/** Without a prototype, so that `__proto__` is a key like others. */
function emptyTree(): MetaTree {
  return Object.create(null)
}
