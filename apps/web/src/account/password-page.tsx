/** Own account → Password. */

import { tokens } from '@gatehouse/contract/identity/tokens'
import { t } from '@lingui/core/macro'
import { Checkbox } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor } from '../api/queries.ts'
import type { Loading } from '../api/session.ts'
import classes from '../identity/passwords/credentials.module.css'
import { PasswordForm } from '../identity/passwords/password-form.tsx'
import { passwordPolicyQuery } from '../identity/passwords/password-policy.ts'
import { endTokensLabel } from '../identity/tokens/token-words.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { toast } from '../ui/toast.tsx'
import { AccountNavigation } from './account-pages.tsx'

const ownTokensQuery = queryFor(tokens.list, { search: { limit: 1 } })

export async function load({ context }: Loading): Promise<void> {
  await Promise.all([
    context.client.ensureQueryData(passwordPolicyQuery),
    context.client.fetchQuery({ ...ownTokensQuery, staleTime: 0 }),
  ])
}

export function PasswordPage() {
  const { data: own } = useSuspenseQuery(ownTokensQuery)
  const [edition, setEdition] = useState(0)
  const [endTokens, setEndTokens] = useState(true)

  function done(): void {
    toast({ message: t`Password changed. Your other sessions have ended.` })
    setEdition(edition + 1)
  }

  return (
    <>
      <AccountNavigation />
      <PageHeader
        help={() => import('./help.ts').then(({ passwordHelp }) => passwordHelp)}
        title={t`Password`}
        description={t`For signing in to the console. Changing it ends your other sessions.`}
      />
      <div className={classes['page']}>
        <PasswordForm key={edition} submit={t`Change password`} endTokens={endTokens} onDone={done}>
          {own.madeInConsole > 0 && (
            <Checkbox
              label={endTokensLabel(own.madeInConsole)}
              checked={endTokens}
              onChange={(event) => setEndTokens(event.currentTarget.checked)}
            />
          )}
        </PasswordForm>
      </div>
    </>
  )
}
