/** The topics of a live view with their rates, and the tree that they form. */
import type { TopicEvent, WatchedTopic } from '@gatehouse/contract/brokers/topics'

export interface LiveTopic extends WatchedTopic {
  /** Messages per second, averaged over some seconds. */
  rate: number
}

export interface LiveTopics {
  topics: ReadonlyMap<string, LiveTopic>
  isMore: boolean
  /** Of the last event, in milliseconds since 1970. 0: none came yet. */
  at: number
}

export const noTopics: LiveTopics = { topics: new Map(), isMore: false, at: 0 }

const averagedOverMs = 5_000
/** Below, a rate is shown as none. */
const leastRate = 0.05

/** The state after an event: the topics in it are new, and the rates of the others fall. */
export function afterEvent(before: LiveTopics, event: TopicEvent): LiveTopics {
  const at = Date.parse(event.at)
  const seconds = Math.max(0, at - before.at) / 1_000
  const share = before.at === 0 ? 0 : 1 - Math.exp((-seconds * 1_000) / averagedOverMs)
  const topics = new Map<string, LiveTopic>()
  for (const [name, topic] of before.topics) topics.set(name, { ...topic, rate: averaged(topic.rate, 0, share) })
  for (const topic of event.topics) {
    const known = before.topics.get(topic.topic)
    // Others may have watched a topic before: only what was counted since is the rate.
    const count = known ? Math.max(0, topic.messages - known.messages) : 0
    const rate = averaged(known?.rate ?? 0, seconds > 0 ? count / seconds : 0, share)
    topics.set(topic.topic, { ...topic, rate })
  }
  return { topics, isMore: event.isMore, at }
}

function averaged(before: number, now: number, share: number): number {
  const rate = before + (now - before) * share
  return rate < leastRate && now === 0 ? 0 : rate
}

export interface TopicNode {
  /** The topic up to this level. */
  path: string
  /** The last level. */
  name: string
  depth: number
  topic: LiveTopic | undefined
  children: TopicNode[]
  /** Of this topic and all below it. */
  messages: number
  rate: number
  topicCount: number
}

/** The topics as a tree, sorted by name. */
export function treeOf(topics: ReadonlyMap<string, LiveTopic>): TopicNode[] {
  const root = makeNode('', '', -1)
  const byPath = new Map<string, TopicNode>()
  for (const topic of topics.values()) add(root, byPath, topic)
  sum(root)
  return root.children
}

function add(root: TopicNode, byPath: Map<string, TopicNode>, topic: LiveTopic): void {
  let node = root
  for (const [depth, name] of topic.topic.split('/').entries()) {
    const path = depth === 0 ? name : `${node.path}/${name}`
    // A first level that is empty has the same path as none: the depth tells them apart.
    const key = `${depth} ${path}`
    let child = byPath.get(key)
    if (!child) {
      child = makeNode(path, name, depth)
      byPath.set(key, child)
      node.children.push(child)
    }
    node = child
  }
  node.topic = topic
}

function makeNode(path: string, name: string, depth: number): TopicNode {
  return { path, name, depth, topic: undefined, children: [], messages: 0, rate: 0, topicCount: 0 }
}

const collator = new Intl.Collator('en', { numeric: true })

/** A topic has at most 200 levels, so this does not go deep. */
function sum(node: TopicNode): void {
  node.children.sort((a, b) => collator.compare(a.name, b.name))
  node.messages = node.topic?.messages ?? 0
  node.rate = node.topic?.rate ?? 0
  node.topicCount = node.topic ? 1 : 0
  for (const child of node.children) {
    sum(child)
    node.messages += child.messages
    node.rate += child.rate
    node.topicCount += child.topicCount
  }
}

/** The rows on the page: the nodes whose ancestors are all open. */
export function visibleRows(nodes: readonly TopicNode[], isOpen: (node: TopicNode) => boolean): TopicNode[] {
  return nodes.flatMap((node) => (isOpen(node) ? [node, ...visibleRows(node.children, isOpen)] : [node]))
}
