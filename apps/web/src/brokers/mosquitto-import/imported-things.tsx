/** The users, roles, CA certificates and CRLs of a preview. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { MosquittoPreview } from '@gatehouse/contract/brokers/mosquitto-import'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { operationWords } from '../../access/permissions/permission-words.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { ScrollingTable } from '../../ui/scrolling-table.tsx'
import classes from './mosquitto-import.module.css'

const shownAtFirst = 10

interface TableProps<T> {
  label: string
  heads: readonly string[]
  rows: readonly T[]
  /** Number of all, if the answer lists only the first ones. */
  total?: number
  cells: (row: T) => readonly [key: string, ...cells: ReactNode[]]
}

function Table<T>({ label, heads, rows, total = rows.length, cells }: TableProps<T>) {
  const [shown, setShown] = useState(shownAtFirst)
  if (rows.length === 0) return null
  return (
    <ScrollingTable label={label}>
      <table className={classes['table']}>
        <caption>
          {label} ({formatNumber(total)})
        </caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row) => {
            const [key, ...contents] = cells(row)
            return (
              <tr key={key}>
                {contents.map((content, at) => (
                  <td key={heads[at]}>{content}</td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      {rows.length > shown && (
        <Button variant="subtle" size="xs" onClick={() => setShown(shown + 200)}>
          <Trans>Show more of the other {formatNumber(rows.length - shown)}</Trans>
        </Button>
      )}
    </ScrollingTable>
  )
}

export function ImportedUsers({ users, total }: { users: MosquittoPreview['users']; total: number }) {
  return (
    <Table
      label={t`Users`}
      heads={[t`Username`, t`Signs in with`, t`Roles`, t`Direct permissions`, t`Tags`]}
      rows={users}
      total={total}
      cells={(user) => [
        user.username,
        <Machine key="name">{user.username}</Machine>,
        signInWords(user),
        user.roles.join(', ') || '–',
        <Permissions key="permissions" permissions={user.permissions} />,
        user.tags.join(', ') || '–',
      ]}
    />
  )
}

export function ImportedRoles({ roles }: { roles: MosquittoPreview['roles'] }) {
  return (
    <Table
      label={t`Roles`}
      heads={[t`Name`, t`Permissions`, t`Users`]}
      rows={roles}
      cells={({ name, permissions, users, exists }) => [
        name,
        exists ? t`${name} (exists)` : name,
        <Permissions key="permissions" permissions={permissions} />,
        formatNumber(users),
      ]}
    />
  )
}

export function ImportedTrust({ authorities, crls }: Pick<MosquittoPreview, 'authorities' | 'crls'>) {
  return (
    <>
      <Table
        label={t`CA certificates`}
        heads={[t`Name`, t`File`]}
        rows={authorities}
        cells={({ fingerprint, subject, file }) => [fingerprint, subject, <Machine key="file">{file}</Machine>]}
      />
      <Table
        label={t`CRLs`}
        heads={[t`Issuer`, t`Revoked certificates`, t`File`]}
        rows={crls}
        cells={({ issuer, entries, file }) => [
          `${issuer} ${file}`,
          issuer,
          formatNumber(entries),
          <Machine key="file">{file}</Machine>,
        ]}
      />
    </>
  )
}

function signInWords({ hasPassword, hasCertificateGrant, disabled }: MosquittoPreview['users'][number]): string {
  if (disabled) return t`Disabled`
  if (hasPassword) return hasCertificateGrant ? t`Old password or certificate` : t`Old password`
  return hasCertificateGrant ? t`Certificate` : '–'
}

const mostNamed = 3

function Permissions({ permissions }: { permissions: readonly Permission[] }) {
  if (permissions.length === 0) return '–'
  const others = permissions.length - mostNamed
  return (
    <>
      {permissions.slice(0, mostNamed).map((permission) => (
        <div key={permission.resource}>
          <Machine>{permission.resource}</Machine> {operationWords(permission)}
        </div>
      ))}
      {others > 0 && <div>{plural(others, { one: 'and # other', other: 'and # others' })}</div>}
    </>
  )
}
