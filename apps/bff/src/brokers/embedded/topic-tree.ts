import { isTopic } from '@gatehouse/contract/access/topic'

interface Branch {
  children: Map<string, Branch>
  /** The holders of the filter that ends here, with their quality of service. */
  holders: Map<string, number>
}

/** Finds the subscribers of a topic without a search through all filters. */
export class TopicTree {
  readonly #root = makeBranch()

  set(filter: string, holder: string, qos: number): void {
    let branch = this.#root
    for (const level of filter.split('/')) {
      const next = branch.children.get(level) ?? makeBranch()
      branch.children.set(level, next)
      branch = next
    }
    branch.holders.set(holder, qos)
  }

  delete(filter: string, holder: string): void {
    prune(this.#root, filter.split('/'), holder)
  }

  /** The holders of matching filters, each with the highest quality of service of these. */
  match(topic: string): Map<string, number> {
    const found = new Map<string, number>()
    if (!isTopic(topic)) return found
    const levels = topic.split('/')
    // [MQTT-4.7.2-1]: a leading wildcard does not match what begins with `$`.
    collect(this.#root, levels, { at: 0, wildcards: !topic.startsWith('$'), found })
    return found
  }
}

function makeBranch(): Branch {
  return { children: new Map(), holders: new Map() }
}

interface Walk {
  at: number
  wildcards: boolean
  found: Map<string, number>
}

function collect(branch: Branch, levels: readonly string[], { at, wildcards, found }: Walk): void {
  // `sport/#` matches `sport` too (§4.7.1.2), so it is checked before the end of the topic.
  if (wildcards) take(branch.children.get('#'), found)
  const level = levels[at]
  if (level === undefined) return take(branch, found)
  const next = { at: at + 1, wildcards: true, found }
  const exact = branch.children.get(level)
  if (exact) collect(exact, levels, next)
  const any = wildcards ? branch.children.get('+') : undefined
  if (any) collect(any, levels, next)
}

function take(branch: Branch | undefined, found: Map<string, number>): void {
  for (const [holder, qos] of branch?.holders ?? []) found.set(holder, Math.max(qos, found.get(holder) ?? 0))
}

function prune(branch: Branch, [level, ...rest]: readonly string[], holder: string): void {
  if (level === undefined) {
    branch.holders.delete(holder)
    return
  }
  const child = branch.children.get(level)
  if (!child) return
  prune(child, rest, holder)
  if (child.children.size === 0 && child.holders.size === 0) branch.children.delete(level)
}
