/** Lines that are not made, and why. */
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { ScrollingTable } from '../../ui/scrolling-table.tsx'
import { linesCounted } from './import-words.ts'
import { saveLeftOut } from './left-out.ts'
import type { ImportedRow } from './read-users.ts'
import classes from './user-transfer.module.css'

/** A thousand at once would make the page slow. */
const shownAtFirst = 50

export function ProblemLines({ label, rows }: { label: string; rows: readonly ImportedRow[] }) {
  const [shown, setShown] = useState(shownAtFirst)
  if (rows.length === 0) return null
  return (
    <ScrollingTable label={label}>
      <table className={classes['table']}>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Line</Trans>
            </th>
            <th scope="col">
              <Trans>Username</Trans>
            </th>
            <th scope="col">
              <Trans>Problem</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(({ line, username, problems }) => (
            <tr key={line}>
              <td>{formatNumber(line)}</td>
              <td>
                <Machine>{username}</Machine>
              </td>
              <td className={classes['problem']}>{problems.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <Button variant="subtle" size="xs" onClick={() => setShown(shown + 500)}>
          <Trans>Show more of the other {formatNumber(rows.length - shown)}</Trans>
        </Button>
      )}
    </ScrollingTable>
  )
}

interface SaveLeftOutProps {
  header: readonly string[]
  rows: readonly ImportedRow[]
  source: string
}

export function SaveLeftOut({ header, rows, source }: SaveLeftOutProps) {
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => void saveLeftOut(header, rows, source)}
    >
      <Trans>Download skipped rows ({linesCounted(rows.length)})</Trans>
    </Button>
  )
}
