/** The password and the second factor of a user, with what an administrator can do about them. In Edit User and on the page. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import type { UserDetails } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSession } from '../../api/session.ts'
import { Fact } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { askForPassword, useResetFactor, whyNotPassword } from './user-actions.ts'
import { SecondFactor } from './user-cells.tsx'
import { isLocal } from './user-origin.tsx'
import classes from './users.module.css'

interface CredentialFactsProps {
  user: UserDetails
  /** After a change, which gave the user a new version. */
  onChanged: () => Promise<void>
}

export function CredentialFacts({ user, onChanged }: CredentialFactsProps) {
  const reason = whyNotPassword(user, useSession())

  async function setPassword(): Promise<void> {
    if (await askForPassword(user)) await onChanged()
  }

  return (
    <>
      <Fact label={t`Password`}>
        <span className={classes['passwordFact']}>
          {passwordWords(user)}
          {reason ? (
            <span className={classes['note']}>{reason}</span>
          ) : (
            <Button size="compact-sm" variant="subtle" onClick={() => void setPassword()}>
              <Trans>Set password…</Trans>
            </Button>
          )}
        </span>
      </Fact>
      {(user.kind === 'person' || user.mfa.enabled) && (
        <Fact label={t`MFA`}>
          <span className={classes['passwordFact']}>
            <SecondFactor user={user} />
            {user.mfa.enabled && <ResetFactor user={user} onChanged={onChanged} />}
          </span>
        </Fact>
      )}
    </>
  )
}

function ResetFactor({ user, onChanged }: CredentialFactsProps) {
  const { user: self, whyNot } = useSession()
  const resetFactor = useResetFactor()
  const isOwn = self.id === user.id

  async function reset(): Promise<void> {
    if (await resetFactor(user)) await onChanged()
  }

  return (
    <GuardedButton
      size="compact-sm"
      variant="subtle"
      whyNot={isOwn ? t`Your own. Use the menu under your name.` : whyNot(mfa.reset, { id: user.id })}
      onClick={() => void reset()}
    >
      <Trans>Disable multi-factor authentication…</Trans>
    </GuardedButton>
  )
}

function passwordWords(user: UserDetails): string {
  const { hasPassword, isPasswordImported, mustChangePassword } = user
  if (!isLocal(user)) return ''
  if (!hasPassword) return t`None.`
  if (isPasswordImported) return t`Imported. It works over MQTT only, until it is used there for the first time.`
  return mustChangePassword ? t`Set. Must be changed at the next sign-in.` : t`Set.`
}
