/** To which issue each event of a project goes: by the place of the event, the number of its issue. */
export type Partition = readonly number[]

/**
 * Events and their hashes, in the order they come in: each joins the issue that owns the first of its hashes that is
 * owned, else opens one, and what is left of its hashes belongs to that issue from then on. Two issues never become one;
 * an event without a hash is an issue of its own.
 */
export function partitionByHashes(hashes: readonly (readonly string[])[]): Partition {
  const owners = new Map<string, number>()
  let issuesCount = 0
  return hashes.map((own) => {
    const known = own.find((hash) => owners.has(hash))
    const issue = (known === undefined ? undefined : owners.get(known)) ?? issuesCount++
    for (const hash of own) if (!owners.has(hash)) owners.set(hash, issue)
    return issue
  })
}

/** The places of the events of each issue, both in the order they came in. */
export function membersOf(partition: Partition): readonly (readonly number[])[] {
  return [...Map.groupBy(partition.keys(), (at) => partition[at] ?? 0).values()]
}
