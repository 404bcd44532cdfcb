/** The second step of a sign-in: a code of the authenticator app, or a backup code. */
import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import type { Session } from '@gatehouse/contract/identity/sign-in'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { setNotices } from '../../api/notices.ts'
import classes from '../passwords/credentials.module.css'
import { useFactorEntry } from '../second-factors/factor-entry.ts'
import { FactorFields } from '../second-factors/factor-fields.tsx'

interface CodeFormProps {
  prove: (body: FactorProof) => Promise<Session>
  onDone: (session: Session) => void
}

export function CodeForm({ prove, onDone }: CodeFormProps) {
  const entry = useFactorEntry({
    prove,
    onDone: ({ backupCodesLeft, ...session }: Session) => {
      onDone(session)
      if (backupCodesLeft !== undefined) setNotices({ backupCodesLeft })
    },
  })
  return (
    <form
      className={classes['fields']}
      onSubmit={(event) => {
        event.preventDefault()
        entry.send(entry.typed)
      }}
    >
      <FactorFields entry={entry} takesBackupCode />
      <Button type="submit" fullWidth loading={entry.isPending} disabled={!entry.mayBeSent && !entry.isPending}>
        <Trans>Sign in</Trans>
      </Button>
    </form>
  )
}
