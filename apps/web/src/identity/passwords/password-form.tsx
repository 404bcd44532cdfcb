/** Changing the own password: the rules are ticked while typing; the server decides. */

import { ApiProblem } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import type { Body } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, type SyntheticEvent, useState } from 'react'
import { call } from '../../api/client.ts'
import { refreshAfter } from '../../api/invalidation.ts'
import { sessionQuery, updateSession } from '../../api/session.ts'
import { describeField } from '../../ui/field-words.ts'
import { Refusal, useWait } from '../../ui/refusal.tsx'
import classes from './credentials.module.css'
import { PasswordField } from './password-field.tsx'
import { passwordPolicyQuery } from './password-policy.ts'
import { passwordRules } from './password-rule-words.ts'
import { PasswordRules } from './password-rules.tsx'

interface PasswordFormProps {
  submit: string
  /** Whether tokens that were made in the console end too. */
  endTokens: boolean
  /** Stands above the button. */
  children?: ReactNode
  /** Besides going on to the next stage, which happens by itself. */
  onDone?: () => void
}

export function PasswordForm({ submit, endTokens, onDone, children }: PasswordFormProps) {
  const { data: policy } = useSuspenseQuery(passwordPolicyQuery)
  const { data: held } = useSuspenseQuery(sessionQuery)
  const { mutate, isPending, error } = useChangePassword(onDone)
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [isConfirmLeft, setConfirmLeft] = useState(false)
  const waitSeconds = useWait(error)
  const rules = passwordRules({ ...policy, min: held?.mfaEnabled ? policy.minWithFactor : policy.min }, next)
  const differs = again !== next
  const fields = error instanceof ApiProblem ? error.fields : {}
  const isShownAtField = 'currentPassword' in fields || 'newPassword' in fields

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    setConfirmLeft(true)
    if (!differs) mutate({ currentPassword: current, newPassword: next, endTokens })
  }

  return (
    <form onSubmit={send} className={classes['fields']}>
      <PasswordField
        label={t`Current password`}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={current}
        error={fields['currentPassword'] && describeField(fields['currentPassword'])}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordField
        label={t`New password`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={next}
        error={fields['newPassword'] && describeField(fields['newPassword'])}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <PasswordRules rules={rules} checksCommon={policy.blocklist} />
      <PasswordField
        label={t`Confirm new password`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={again}
        error={isConfirmLeft && differs && t`The passwords do not match.`}
        onBlur={() => setConfirmLeft(again !== '')}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      {children}
      <Refusal error={isShownAtField ? null : error} waitSeconds={waitSeconds} />
      <Button type="submit" loading={isPending} disabled={waitSeconds > 0 || rules.some((rule) => !rule.isMet)}>
        {submit}
      </Button>
    </form>
  )
}

function useChangePassword(onDone: (() => void) | undefined) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Body<typeof session.changePassword>) => call(session.changePassword, { body }),
    onSuccess: (answer) => {
      onDone?.()
      void refreshAfter(client, session.changePassword)
      updateSession(client, answer)
    },
  })
}
