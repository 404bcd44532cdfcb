/** The findings by what they mean: one table for each kind, with file and line. */
import type { FindingCode, ImportFinding } from '@gatehouse/contract/brokers/mosquitto-import'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { ScrollingTable } from '../../ui/scrolling-table.tsx'
import { findingWords, weightWords } from './finding-words.ts'
import classes from './mosquitto-import.module.css'

const weights = ['lost', 'changed', 'note'] as const

export function FindingList({ findings }: { findings: readonly ImportFinding[] }) {
  return weights.map((weight) => {
    const ofWeight = findings.filter((finding) => finding.weight === weight)
    if (ofWeight.length === 0) return null
    return (
      <section key={weight} className={classes['findings']} aria-labelledby={`findings-${weight}`}>
        <h2 id={`findings-${weight}`} className={classes[weight]}>
          {weightWords[weight]} ({formatNumber(ofWeight.length)})
        </h2>
        {[...Map.groupBy(ofWeight, ({ code }) => code)].map(([code, ofCode]) => (
          <FindingTable key={code} code={code} findings={ofCode} />
        ))}
      </section>
    )
  })
}

const shownAtFirst = 5

function FindingTable({ code, findings }: { code: FindingCode; findings: readonly ImportFinding[] }) {
  const [shown, setShown] = useState(shownAtFirst)
  const alike = [...Map.groupBy(findings, ({ file, text }) => `${file} ${text}`)]
  const rest = alike.length - shown
  return (
    <ScrollingTable label={findingWords[code]}>
      <table className={classes['table']}>
        <caption>{findingWords[code]}</caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>File and line</Trans>
            </th>
            <th scope="col">
              <Trans>Text</Trans>
            </th>
            <th scope="col">
              <Trans>Users</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {alike.slice(0, shown).map(([key, same]) => (
            <tr key={key}>
              <td>{linesOf(same)}</td>
              <td>{same[0]?.text ? <Machine>{same[0].text}</Machine> : '–'}</td>
              <td>{usersOf(same)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <Button variant="subtle" size="xs" onClick={() => setShown(shown + 200)}>
          <Trans>Show more of the other {formatNumber(rest)}</Trans>
        </Button>
      )}
    </ScrollingTable>
  )
}

const mostNamed = 5

/** The same text may stand in the block of each user. */
function linesOf(findings: readonly ImportFinding[]): string {
  const [first] = findings
  if (!first || first.line === null) return first?.file ?? ''
  const lines = `${first.file}:${findings
    .slice(0, mostNamed)
    .map(({ line }) => line)
    .join(', ')}`
  const others = findings.length - mostNamed
  return others > 0 ? t`${lines} and ${plural(others, { one: '# other', other: '# others' })}` : lines
}

function usersOf(findings: readonly ImportFinding[]): string {
  const users = findings.reduce((sum, finding) => sum + finding.users, 0)
  if (users === 0) return '–'
  const named = [...new Set(findings.flatMap(({ firstUsers }) => firstUsers))].slice(0, mostNamed)
  const names = named.join(', ')
  const others = users - named.length
  return others > 0 ? t`${names} and ${plural(others, { one: '# other', other: '# others' })}` : names
}
