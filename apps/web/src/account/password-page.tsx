/** Own account → Password. */

import { tokens } from '@gatehouse/contract/identity/tokens'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Checkbox } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { queryFor } from '../api/queries.ts'
import { type Loading, useSession } from '../api/session.ts'
import classes from '../identity/passwords/credentials.module.css'
import { PasswordForm } from '../identity/passwords/password-form.tsx'
import { passwordPolicyQuery } from '../identity/passwords/password-policy.ts'
import { endTokensLabel } from '../identity/tokens/token-words.ts'
import { PageHeader } from '../ui/page-header.tsx'
import { toast } from '../ui/toast.tsx'
import { AccountNavigation } from './account-pages.tsx'
import { LinkedIdentities, ownIdentitiesQuery } from './linked-identities.tsx'

const ownTokensQuery = queryFor(tokens.list, { search: { limit: 1 } })

export async function load({ context }: Loading): Promise<void> {
  await Promise.all([
    context.client.fetchQuery({ ...ownIdentitiesQuery, staleTime: 0 }),
    context.client.ensureQueryData(passwordPolicyQuery),
    context.client.fetchQuery({ ...ownTokensQuery, staleTime: 0 }),
  ])
}

const page = getRouteApi('/account/password')

export function PasswordPage() {
  const { link } = page.useSearch()
  const { user } = useSession()
  const isLocal = user.identityProvider === 'local'
  return (
    <>
      <AccountNavigation />
      <PageHeader
        help={() => import('./help.ts').then(({ passwordHelp }) => passwordHelp)}
        title={t`Password`}
        description={
          isLocal
            ? t`For signing in to the console. Changing it ends your other sessions.`
            : t`For signing in to the console. It is kept by your identity provider.`
        }
      />
      {isLocal ? <OwnPassword /> : <PasswordElsewhere />}
      <LinkedIdentities returnsFrom={link} />
    </>
  )
}

function OwnPassword() {
  const { data: own } = useSuspenseQuery(ownTokensQuery)
  const [edition, setEdition] = useState(0)
  const [endTokens, setEndTokens] = useState(true)

  function done(): void {
    toast({ message: t`Password changed. Your other sessions have ended.` })
    setEdition(edition + 1)
  }

  return (
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
  )
}

/** Users of a provider have no password here. */
function PasswordElsewhere() {
  const { items } = useSuspenseQuery(ownIdentitiesQuery).data
  const origin = items.find(({ isOrigin }) => isOrigin)?.provider
  const name = origin?.label ?? t`your identity provider`
  return (
    <>
      <p>
        <Trans>
          You sign in with <b>{name}</b>. Change your password there: Gatehouse has no copy of it and cannot change it.
        </Trans>
      </p>
      {origin?.passwordUrl && (
        <p>
          <a href={origin.passwordUrl} target="_blank" rel="noreferrer">
            <Trans>Change the password</Trans>
          </a>
        </p>
      )}
    </>
  )
}
