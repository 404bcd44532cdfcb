/** The topics as a tree. One row can be reached with Tab; arrow keys move between rows, and open and close them. */
import { plural, t } from '@lingui/core/macro'
import { IconChevronRight } from '@tabler/icons-react'
import { type KeyboardEvent, memo, useState } from 'react'
import { formatCompact, formatNumber } from '../../messages/format.ts'
import { type TopicNode, visibleRows } from './topic-state.ts'
import classes from './topics.module.css'

interface TopicTreeProps {
  nodes: readonly TopicNode[]
  selected: string | undefined
  onSelect: (topic: string) => void
}

/** So few are all shown at first. */
const openedAtFirst = 60

export function TopicTree({ nodes, selected, onSelect }: TopicTreeProps) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [current, setCurrent] = useState('')
  const isSmall = nodes.reduce((sum, { topicCount }) => sum + topicCount, 0) <= openedAtFirst
  const isOpen = (node: TopicNode) => node.children.length > 0 && (chosen.get(keyOf(node)) ?? isSmall)
  const rows = visibleRows(nodes, isOpen)
  const reachable = rows.some((node) => keyOf(node) === current) ? current : rows[0] && keyOf(rows[0])

  function setOpen(node: TopicNode, open: boolean): void {
    if (node.children.length > 0) setChosen(new Map(chosen).set(keyOf(node), open))
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>, node: TopicNode, at: number): void {
    const row = event.currentTarget
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(row.nextElementSibling),
      ArrowUp: () => go(row.previousElementSibling),
      Home: () => go(row.parentElement?.firstElementChild),
      End: () => go(row.parentElement?.lastElementChild),
      ArrowRight: () => (isOpen(node) ? go(row.nextElementSibling) : setOpen(node, true)),
      ArrowLeft: () => (isOpen(node) ? setOpen(node, false) : go(row.parentElement?.children[parentOf(rows, at)])),
      Enter: () => choose(node),
      ' ': () => choose(node),
    }
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  function choose(node: TopicNode): void {
    if (node.topic) onSelect(node.topic.topic)
    else setOpen(node, !isOpen(node))
  }

  return (
    <div role="tree" aria-label={t`Topics`} className={classes['tree']}>
      {rows.map((node, at) => (
        <div
          key={keyOf(node)}
          role="treeitem"
          aria-level={node.depth + 1}
          aria-expanded={node.children.length > 0 ? isOpen(node) : undefined}
          aria-selected={node.topic !== undefined && node.topic.topic === selected}
          tabIndex={keyOf(node) === reachable ? 0 : -1}
          className={classes['row']}
          style={{ paddingInlineStart: `${Math.min(node.depth, 12) * 16 + 4}px` }}
          onFocus={() => setCurrent(keyOf(node))}
          onKeyDown={(event) => onKeyDown(event, node, at)}
          onClick={() => choose(node)}
        >
          {/* The row itself has the keys. */}
          {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
          <span
            className={classes['toggle']}
            onClick={(event) => {
              event.stopPropagation()
              setOpen(node, !isOpen(node))
            }}
          >
            {node.children.length > 0 && (
              <IconChevronRight size={14} aria-hidden data-open={isOpen(node) || undefined} />
            )}
          </span>
          <Name node={node} />
          <Figures node={node} isOpen={isOpen(node)} />
        </div>
      ))}
    </div>
  )
}

function go(target: Element | null | undefined): void {
  if (target instanceof HTMLElement) target.focus()
}

function keyOf({ depth, path }: TopicNode): string {
  return `${depth} ${path}`
}

function parentOf(rows: readonly TopicNode[], at: number): number {
  const depth = rows[at]?.depth ?? 0
  for (let above = at - 1; above >= 0; above--) if ((rows[above]?.depth ?? 0) < depth) return above
  return at
}

const Name = memo(({ node: { name, topic, topicCount } }: { node: TopicNode }) => (
  <>
    <span className={classes['name']} title={name}>
      {name === '' ? <i>{t`(empty)`}</i> : name}
    </span>
    {topic === undefined ? (
      <span className={classes['count']}>{plural(topicCount, { one: '# topic', other: '# topics' })}</span>
    ) : (
      <span className={classes['preview']}>{previewWords(topic)}</span>
    )}
    {topic?.retained && <span className={classes['retained']}>{t`retained`}</span>}
  </>
))

function previewWords({ preview, bytes }: { preview: string | null; bytes: number }): string {
  if (bytes === 0) return t`empty`
  return preview ?? t`binary`
}

/** A closed node stands for all below it. */
function Figures({ node, isOpen }: { node: TopicNode; isOpen: boolean }) {
  const { messages, rate } = isOpen ? (node.topic ?? { messages: 0, rate: 0 }) : node
  const perSecond = rateWords(rate)
  return (
    <span className={classes['figures']}>
      {rate > 0 && <span className={classes['rate']}>{t`${perSecond}/s`}</span>}
      <span className={classes['messages']} title={t`Messages since the view was opened`}>
        {messages > 0 && formatCompact(messages)}
      </span>
    </span>
  )
}

function rateWords(rate: number): string {
  return rate < 10 ? formatNumber(Math.round(rate * 10) / 10) : formatCompact(Math.round(rate))
}
