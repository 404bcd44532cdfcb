/** "Confirm it is you": the one place where the password is asked for again. See `api/proof.ts`. */

import { session } from '@gatehouse/contract/session'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type SyntheticEvent, useId, useState } from 'react'
import { call } from '../api/client.ts'
import { proofSlot } from '../api/proof.ts'
import { useSession } from '../api/session.ts'
import { Dialog, DialogBody, DialogFoot } from '../feedback/dialog.tsx'
import { Problem } from '../feedback/problem.tsx'
import { PasswordField } from '../form/password-field.tsx'

export function ProofDialog() {
  const open = proofSlot.useOpen()
  return open && <Proof settle={open.settle} />
}

function Proof({ settle }: { settle: (isProved: boolean) => void }) {
  const { user } = useSession()
  const id = useId()
  const [password, setPassword] = useState('')
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => call(session.prove, { body: { password } }),
    onSuccess: () => settle(true),
  })

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    mutate()
  }

  return (
    <Dialog
      title="Confirm it is you"
      onClose={() => settle(false)}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={() => settle(false)}>
            Cancel
          </Button>
          <Button type="submit" form={id} loading={isPending} disabled={password === ''}>
            Confirm
          </Button>
        </DialogFoot>
      }
    >
      <form id={id} onSubmit={send}>
        <DialogBody>
          <div>This needs your password once more. It then holds for ten minutes.</div>
          <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
          <PasswordField
            data-autofocus
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Problem error={error} />
        </DialogBody>
      </form>
    </Dialog>
  )
}
