/** The stage `mfa-required`: the second step of signing in. A page of its own to load, for those who have a second factor. */

import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { setNotices } from '../../api/notices.ts'
import { beginSession } from '../../api/session.ts'
import classes from '../passwords/credentials.module.css'
import { useFactorEntry } from '../second-factors/factor-entry.ts'
import { FactorFields } from '../second-factors/factor-fields.tsx'
import { Frame, SignOutButton } from './frame.tsx'

export function CodePage() {
  const client = useQueryClient()
  const entry = useFactorEntry({
    prove: (body: FactorProof) => call(session.secondFactor, { body }),
    onDone: ({ backupCodesLeft, ...next }: Session) => {
      beginSession(client, next)
      if (backupCodesLeft !== undefined) setNotices({ backupCodesLeft })
    },
  })
  return (
    <Frame
      title={t`Enter your code`}
      description={t`Your password was right. Your account is also protected by multi-factor authentication.`}
    >
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
      <SignOutButton>
        <Trans>Start over</Trans>
      </SignOutButton>
    </Frame>
  )
}
