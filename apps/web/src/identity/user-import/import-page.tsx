/** Users from a file: given, looked at, then made batch by batch. Nothing is made before its lines have been seen. */

import { roles } from '@gatehouse/contract/access/roles'
import { userColumns } from '@gatehouse/contract/identity/user-csv'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { refreshAfter } from '../../api/invalidation.ts'
import { type CurrentSession, useSession } from '../../api/session.ts'
import { ChooseFiles, pastedText } from '../../ui/choose-files.tsx'
import { saveText } from '../../ui/download.ts'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Problem } from '../../ui/problem.tsx'
import { ImportPreview } from './import-preview.tsx'
import { ImportProgress } from './import-progress.tsx'
import { startRun, useRun } from './import-run.ts'
import { readTable, readText } from './read-table.ts'
import { type ImportedTable, type KnownRoles, readUsers, UnreadableTable } from './read-users.ts'
import classes from './user-transfer.module.css'

interface Given {
  source: string
  text: () => Promise<string>
}

interface ReadFile {
  source: string
  table: ImportedTable
}

export async function load(): Promise<void> {
  // Everything is read when there is a file.
}

export function ImportPage() {
  const current = useSession()
  const run = useRun()
  const client = useQueryClient()
  const reading = useMutation({
    mutationFn: async ({ source, text }: Given): Promise<ReadFile> => {
      const known = await knownRoles(current)
      return { source, table: await readUsers(await readTable(await text()), known) }
    },
  })
  const whyNot = current.whyNot(userTransfer.batch)
  const giveFiles = ([file]: readonly File[]) =>
    file && reading.mutate({ source: file.name, text: () => readText(file) })

  function begin({ source, table }: ReadFile): void {
    reading.reset()
    startRun(source, table, () => {
      void refreshAfter(client, userTransfer.batch)
    })
  }

  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ importHelp }) => importHelp)}
        title={t`Import users`}
        above={
          <Link to="/users">
            <Trans>Users</Trans>
          </Link>
        }
        description={t`From a CSV file. You see what is in it before anything is imported.`}
      />
      {run ? (
        <ImportProgress run={run} />
      ) : reading.data ? (
        <ImportPreview read={reading.data} onBegin={begin} onGiveUp={() => reading.reset()} />
      ) : (
        <>
          <UploadStep reading={reading} whyNot={whyNot} onFiles={giveFiles} />
          {!whyNot && <DropAnywhere invitation={t`Drop to preview. Nothing is imported yet.`} onFiles={giveFiles} />}
        </>
      )}
    </>
  )
}

interface UploadStepProps {
  reading: { mutate: (given: Given) => void; isPending: boolean; error: unknown }
  whyNot: string | undefined
  onFiles: (files: readonly File[]) => void
}

function UploadStep({ reading, whyNot, onFiles }: UploadStepProps) {
  const [typed, setTyped] = useState('')
  const { error, isPending } = reading
  if (whyNot) return <p>{whyNot}</p>
  return (
    <div className={classes['giving']}>
      <ChooseFiles
        invitation={t`Drop a CSV file anywhere, or`}
        oneOf=".csv,.tsv,.txt,text/csv"
        isPending={isPending}
        onFiles={onFiles}
      />
      {error instanceof UnreadableTable ? (
        <p role="alert" className={classes['unreadable']}>
          {error.message}
        </p>
      ) : (
        <Problem error={error} />
      )}
      <Textarea
        label={t`Or paste text`}
        placeholder={example}
        rows={8}
        {...pastedText}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={classes['buttons']}>
        <Button
          disabled={typed.trim() === ''}
          loading={isPending}
          onClick={() => reading.mutate({ source: t`Pasted text`, text: () => Promise.resolve(typed) })}
        >
          <Trans>Preview</Trans>
        </Button>
      </div>
      <p className={classes['note']}>
        <Link to="/users/import/mosquitto">
          <Trans>Import from the files of a Mosquitto broker instead</Trans>
        </Link>
      </p>
      <Format />
    </div>
  )
}

const example = `${userColumns.join(',')},password
maria.lindqvist,Maria Lindqvist,person,password,line-3-operator,,,a first passphrase
line-3-press,,machine,certificate (required),line-3-sensors,line-3/press/,hall-3|pilot,
`

function Format() {
  return (
    <section className={classes['format']} aria-labelledby="format">
      <h2 id="format">
        <Trans>File format</Trans>
      </h2>
      <p>
        <Trans>
          The first line contains the column names. Only <code>username</code> is required. Empty cells use the
          defaults. Separate several roles, grant types or tags in one cell with <code>|</code>. Roles are given by
          name. Commas, semicolons and tabs are supported as separators. People must change a password from the file at
          their first sign-in to the console. On MQTT it works at once.
        </Trans>
      </p>
      <Button variant="default" size="xs" onClick={() => saveText(example, 'users-example.csv')}>
        <Trans>Download example</Trans>
      </Button>
    </section>
  )
}

/** All of them, by name, and those that the person may not give. */
async function knownRoles({ can, holds }: CurrentSession): Promise<KnownRoles> {
  const byName = new Map<string, { id: string }>()
  const tooMuch = new Set<string>()
  let cursor: string | undefined
  do {
    if (!can(roles.list)) break
    const page = await call(roles.list, { search: { limit: 200, cursor } })
    for (const role of page.items) {
      byName.set(role.name, role)
      if (!role.permissions.every(holds)) tooMuch.add(role.name)
    }
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return { byName, tooMuch }
}
