/** The stage `mfa-required`: the second step of signing in. A page of its own to load, for those who have a second factor. */

import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { beginSession } from '../../api/session.ts'
import { CodeForm } from './code-form.tsx'
import { Frame, SignOutButton } from './frame.tsx'

const prove = (body: FactorProof) => call(session.secondFactor, { body })

export function CodePage() {
  const client = useQueryClient()
  return (
    <Frame
      title={t`Enter your code`}
      description={t`Your password was right. Your account is also protected by multi-factor authentication.`}
    >
      <CodeForm prove={prove} onDone={(next) => beginSession(client, next)} />
      <SignOutButton>
        <Trans>Start over</Trans>
      </SignOutButton>
    </Frame>
  )
}
