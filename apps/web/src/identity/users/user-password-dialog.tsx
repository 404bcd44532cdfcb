/** Sets the password of a user: a one-time password that is shown once, or a typed one. */
import { users } from '@gatehouse/contract/identity/users'
import { Button, Checkbox, SegmentedControl } from '@mantine/core'
import { Machine } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { toast } from '../../ui/toast.tsx'
import { NewPasswordField } from '../passwords/new-password-field.tsx'
import { EndTokens } from './end-tokens.tsx'
import type { NewPassword, PasswordSubject } from './user-actions.ts'
import classes from './users.module.css'

interface PasswordValues {
  source: 'one-time' | 'typed'
  newPassword: string
  mustChange: boolean
  endTokens: boolean
}

export function SetPassword({ question: user, settle }: ModalProps<PasswordSubject, string | null | undefined>) {
  // A machine cannot change its password.
  const blank: PasswordValues = {
    source: 'one-time',
    newPassword: '',
    mustChange: user.kind === 'person',
    endTokens: true,
  }
  const setting = useRouteForm(users.setPassword, {
    initialValues: blank,
    toInput: ({ source, newPassword, mustChange, endTokens }) => ({
      params: { id: user.id },
      body: { mustChange, endTokens, ...(source === 'typed' && { newPassword }) },
    }),
    onDone: ({ password, disconnected }) => {
      toast({ message: `Password of ${user.username} set. ${disconnectedWords(disconnected)}` })
      settle(password)
    },
    onClose: () => settle(undefined),
  })
  return (
    <FormDialog
      title="Set password"
      subtitle={<Machine>{user.username}</Machine>}
      width="narrow"
      of={setting}
      submit="Set password"
    >
      {(form) => (
        <>
          <SegmentedControl
            aria-label="Which password"
            fullWidth
            data={[
              { value: 'one-time', label: 'Generate one' },
              { value: 'typed', label: 'Type one' },
            ]}
            value={form.values.source}
            onChange={(source) => form.setFieldValue('source', source)}
          />
          {form.values.source === 'typed' ? (
            <NewPasswordField
              label="New password"
              value={form.values.newPassword}
              error={form.errors['newPassword']}
              onChange={(newPassword) => form.setFieldValue('newPassword', newPassword)}
            />
          ) : (
            <div>Gatehouse makes it, and shows it once.</div>
          )}
          <div className={classes['note']}>
            Sessions, connections that came in with the old password, and tokens that scripts made with it end at once.
          </div>
          <EndTokens userId={user.id} {...form.getInputProps('endTokens', { type: 'checkbox' })} />
          <Checkbox
            label="Must be changed at the next sign-in"
            {...form.getInputProps('mustChange', { type: 'checkbox' })}
          />
          {!user.grantTypes.some(({ method }) => method === 'password') && (
            <div className={classes['warning']}>
              Password is off under “Signs in with”: nobody gets in with it until it is on.
            </div>
          )}
        </>
      )}
    </FormDialog>
  )
}

export function MadePassword({ question: { username, password }, settle }: ModalProps<NewPassword, void>) {
  return (
    <Dialog
      title="One-time password"
      subtitle={<Machine>{username}</Machine>}
      onClose={() => settle()}
      footer={
        <DialogFoot note="It is not stored, and cannot be shown again.">
          <Button onClick={() => settle()}>Done</Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div className={classes['made']}>
          <output aria-label="Password">{password}</output>
          <CopyButton value={password} label="Copy password" />
        </div>
      </DialogBody>
    </Dialog>
  )
}
