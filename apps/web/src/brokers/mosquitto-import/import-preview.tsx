/** What would be imported: totals, everything that is lost or changes, then users, roles and trust. */
import {
  type FindingCode,
  type MosquittoPreview,
  mosquittoImports,
  type UnderDeny,
} from '@gatehouse/contract/brokers/mosquitto-import'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Checkbox } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { takeFocus } from '../../ui/take-focus.ts'
import { FindingList } from './finding-list.tsx'
import type { GivenFiles } from './given-files.ts'
import { startImport } from './import-run.ts'
import { createdWords } from './import-words.ts'
import { ImportedRoles, ImportedTrust, ImportedUsers } from './imported-things.tsx'
import classes from './mosquitto-import.module.css'

/** Files with the preview of what they would import. */
export interface Previewed extends GivenFiles {
  underDeny: UnderDeny
  preview: MosquittoPreview
}

interface ImportPreviewProps extends Previewed {
  /** The other choice is being previewed. */
  isPending: boolean
  /** Why that failed. */
  error: unknown
  onChoose: (underDeny: UnderDeny) => void
  onGiveUp: () => void
}

export function ImportPreview(props: ImportPreviewProps) {
  const { files, keys, underDeny, preview, isPending, error, onChoose, onGiveUp } = props
  const { whyNot } = useSession()
  const { users, roles, totals, findings, obstacles } = preview
  const starting = useMutation({ mutationFn: () => startImport({ files, underDeny }, preview.digest) })
  const [obstacle] = obstacles
  return (
    <div className={classes['step']}>
      <p ref={takeFocus} tabIndex={-1} className={classes['summary']}>
        <strong>{totalWords(totals)}</strong> <Trans>Nothing imported yet.</Trans>
      </p>
      {keys.length > 0 && (
        <p className={classes['note']}>
          <Trans>Not sent, because they contain a private key: {keys.join(', ')}.</Trans>
        </p>
      )}
      {obstacle && (
        <p role="alert" className={classes['lost']}>
          {obstacleWords(obstacle)}
        </p>
      )}
      {findings.some(({ code }) => underDenied.includes(code)) && (
        <Checkbox
          label={t`Allow topics as a whole of which only a part is denied`}
          checked={(underDeny === 'grant') !== isPending}
          disabled={isPending}
          onChange={(event) => onChoose(event.currentTarget.checked ? 'grant' : 'withhold')}
        />
      )}
      <FindingList findings={findings} />
      <ImportedUsers users={users} total={totals.users} />
      <ImportedRoles roles={roles} />
      <ImportedTrust {...preview} />
      <Problem error={starting.error ?? error} />
      <div className={classes['buttons']}>
        <Button variant="default" onClick={onGiveUp}>
          <Trans>Choose other files</Trans>
        </Button>
        <GuardedButton
          whyNot={whyNot(mosquittoImports.create) ?? (obstacle && obstacleWords(obstacle))}
          loading={starting.isPending || isPending}
          onClick={() => starting.mutate()}
        >
          <Trans>Import</Trans>
        </GuardedButton>
      </div>
    </div>
  )
}

const underDenied: readonly FindingCode[] = ['deny_under_allow', 'deny_ignored']

function totalWords({ existingUsers, ...totals }: MosquittoPreview['totals']): string {
  const parts = createdWords(totals)
  return existingUsers === 0
    ? t`Ready: ${parts}.`
    : t`Ready: ${parts}. ${plural(existingUsers, { one: '# user exists already and stays as it is.', other: '# users exist already and stay as they are.' })}`
}

function obstacleWords({ code, permission }: MosquittoPreview['obstacles'][number]): string {
  if (code === 'nothing_to_import') return t`There is nothing to import.`
  if (code === 'limit_required') return t`Only administrators may trust a CA for all users.`
  return t`You cannot give permissions that you do not hold: ${permission?.resource ?? ''}.`
}
