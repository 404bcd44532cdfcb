/** What is in the file, before anything is made: what is wrong with which line, and the first of those that are right. */

import type { UserCreate } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Machine } from '../../ui/badges.tsx'
import { ScrollingTable } from '../../ui/scrolling-table.tsx'
import { takeFocus } from '../../ui/take-focus.ts'
import { usersCounted } from './import-words.ts'
import { ProblemLines, SaveLeftOut } from './problem-lines.tsx'
import type { ImportedTable } from './read-users.ts'
import classes from './user-transfer.module.css'

interface ImportPreviewProps {
  read: { source: string; table: ImportedTable }
  onBegin: (read: ImportPreviewProps['read']) => void
  onGiveUp: () => void
}

const shownFirst = 5

export function ImportPreview({ read, onBegin, onGiveUp }: ImportPreviewProps) {
  const { source, table } = read
  const sound = table.rows.flatMap(({ line, user, roleNames }) => (user ? [{ line, user, roleNames }] : []))
  const wrong = table.rows.filter(({ user }) => user === null)
  return (
    <div className={classes['giving']}>
      <p ref={takeFocus} tabIndex={-1} className={classes['summary']}>
        <Trans>
          <strong>{source}</strong>: {usersCounted(sound.length)} ready
        </Trans>
        {wrong.length > 0 && <>, {plural(wrong.length, { one: '# error', other: '# errors' })}</>}.{' '}
        <Trans>Nothing imported yet.</Trans>
      </p>
      {table.ignored.length > 0 && (
        <p className={classes['note']}>
          <Trans>Ignored columns: {table.ignored.join(', ')}.</Trans>
        </p>
      )}
      <ProblemLines label={t`Lines with errors`} rows={wrong} />
      {sound.length > 0 && (
        <ScrollingTable label={t`Users to import`}>
          <table className={classes['table']}>
            <caption>
              {sound.length > shownFirst ? t`The first ${shownFirst} users to import` : t`Users to import`}
            </caption>
            <thead>
              <tr>
                {[t`Line`, t`Username`, t`Display name`, t`Signs in with`, t`Roles`, t`Publish prefix`, t`Tags`].map(
                  (head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {sound.slice(0, shownFirst).map((row) => (
                <FirstRow key={row.line} {...row} />
              ))}
            </tbody>
          </table>
        </ScrollingTable>
      )}
      <div className={classes['buttons']}>
        <Button variant="default" onClick={onGiveUp}>
          <Trans>Choose another file</Trans>
        </Button>
        {wrong.length > 0 && <SaveLeftOut header={table.header} rows={wrong} source={source} />}
        <Button disabled={sound.length === 0} onClick={() => onBegin(read)}>
          <Trans>Import {usersCounted(sound.length)}</Trans>
        </Button>
      </div>
    </div>
  )
}

interface FirstRowProps {
  line: number
  user: UserCreate
  roleNames: readonly string[]
}

function FirstRow({ line, user, roleNames }: FirstRowProps) {
  const { username, displayName, password, mqttPublishPrefix, tags = [] } = user
  const grants = user.grantTypes ?? (password ? [{ method: 'password' as const, isRequired: false }] : [])
  return (
    <tr>
      <td>{line}</td>
      <td>
        <Machine>{username}</Machine>
      </td>
      <td>{displayName ?? '–'}</td>
      <td>
        {grants.map(({ method, isRequired }) => (isRequired ? `${method} (required)` : method)).join(', ') || '–'}
      </td>
      <td>{roleNames.join(', ') || '–'}</td>
      <td>{mqttPublishPrefix ? <Machine>{mqttPublishPrefix}</Machine> : '–'}</td>
      <td>{tags.join(', ') || '–'}</td>
    </tr>
  )
}
