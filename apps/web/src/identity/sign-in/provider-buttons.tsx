/** One button for each OpenID Connect provider. */
import type { SignInProvider } from '@gatehouse/contract/identity/provider-names'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import classes from './provider-buttons.module.css'
import { startAt, thisPage } from './sign-in-options.ts'

interface ProviderButtonsProps {
  providers: readonly SignInProvider[]
  /** The form for the password is above them. */
  isBelowForm: boolean
}

export function ProviderButtons({ providers, isBelowForm }: ProviderButtonsProps) {
  if (providers.length === 0) return null
  return (
    <>
      {isBelowForm && (
        <div className={classes['or']}>
          <Trans>or</Trans>
        </div>
      )}
      <div className={classes['providers']}>
        {providers.map(({ name, label }) => (
          <Button
            key={name}
            component="a"
            href={startAt(name, 'sign-in', thisPage())}
            variant="default"
            fullWidth
            className={classes['button']}
          >
            {t`Sign in with ${label}`}
          </Button>
        ))}
      </div>
    </>
  )
}
