/**
 * "Confirm it is you": the one place where the password, the code where the second factor is on, or a sign-in at the provider is
 * asked for again. See `api/proof.ts`.
 */

import { session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, type SyntheticEvent, useEffect, useId, useState } from 'react'
import { call, isRefusal } from '../../api/client.ts'
import { sessionQuery } from '../../api/session.ts'
import { whenOtherTabTells } from '../../api/session-channel.ts'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { Refusal, useWait } from '../../ui/refusal.tsx'
import { PasswordField } from '../passwords/password-field.tsx'
import { FactorDialog } from '../second-factors/factor-dialog.tsx'
import { donePage, type NamedProvider, startAt } from './sign-in-options.ts'

export function ProofDialog({ settle }: ProofProps) {
  const { data: held } = useSuspenseQuery(sessionQuery)
  if (held?.mfaEnabled) return <CodeProof settle={settle} />
  if (held?.provider) return <ProviderProof provider={held.provider} settle={settle} />
  return <PasswordProof username={held?.user?.username} settle={settle} />
}

interface ProofProps {
  settle: (isProved: boolean) => void
}

const title = t`Confirm it is you`

function CodeProof({ settle }: ProofProps) {
  return (
    <FactorDialog
      title={title}
      action={t`Confirm`}
      prove={(proof) => call(session.prove, { body: proof as { code: string } })}
      onDone={() => settle(true)}
      onClose={() => settle(false)}
    >
      {(fields) => (
        <>
          <div>
            <Trans>Enter a code to continue. You will not be asked again for ten minutes.</Trans>
          </div>
          {fields}
          <div>
            <Trans>No code at hand? Sign out, and sign in with a backup code instead.</Trans>
          </div>
        </>
      )}
    </FactorDialog>
  )
}

interface ProofFrameProps extends ProofProps {
  /** The button that confirms. */
  confirm: ReactNode
  children: ReactNode
}

function ProofFrame({ settle, confirm, children }: ProofFrameProps) {
  return (
    <Dialog
      title={title}
      onClose={() => settle(false)}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={() => settle(false)}>
            <Trans>Cancel</Trans>
          </Button>
          {confirm}
        </DialogFoot>
      }
    >
      {children}
    </Dialog>
  )
}

/** In a tab of its own, so that nothing is lost that was typed here. */
function ProviderProof({ provider: { name, label }, settle }: ProofProps & { provider: NamedProvider }) {
  // Synchronises with the other tab, which tells when the provider has confirmed.
  useEffect(() => whenOtherTabTells(({ event }) => event === 'signed-in' && settle(true)), [settle])
  return (
    <ProofFrame
      settle={settle}
      confirm={
        <Button component="a" href={startAt(name, 'step-up', donePage)} target="_blank" data-autofocus>
          {t`Confirm with ${label}`}
        </Button>
      }
    >
      <DialogBody>
        <Trans>
          Sign in with {label} once more to continue. It opens in a new tab, and what you entered here is kept. You will
          not be asked again for ten minutes.
        </Trans>
      </DialogBody>
    </ProofFrame>
  )
}

function PasswordProof({ username, settle }: ProofProps & { username: string | undefined }) {
  const id = useId()
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => call(session.prove, { body: { password } }),
    onSuccess: () => settle(true),
    onError: (refusal) => {
      // The second factor was turned on in another session: the new session answer switches this dialog to the code.
      if (isRefusal(refusal, 'code_required')) void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
  })
  const waitSeconds = useWait(error)

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    mutate()
  }

  return (
    <ProofFrame
      settle={settle}
      confirm={
        <Button type="submit" form={id} loading={isPending} disabled={password === '' || waitSeconds > 0}>
          <Trans>Confirm</Trans>
        </Button>
      }
    >
      <form id={id} onSubmit={send}>
        <DialogBody>
          <div>
            <Trans>Enter your password to continue. You will not be asked again for ten minutes.</Trans>
          </div>
          {username && <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />}
          <PasswordField
            data-autofocus
            label={t`Password`}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Refusal error={error} waitSeconds={waitSeconds} />
        </DialogBody>
      </form>
    </ProofFrame>
  )
}
