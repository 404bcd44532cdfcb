/** Sets the password of a user: a one-time password that is shown once, or a typed one. */

import { users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
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
    onDone: ({ password, ...ended }) => {
      toast({ message: t`Password of ${user.username} set. ${disconnectedWords(ended)}` })
      settle(password)
    },
    onClose: () => settle(undefined),
  })
  return (
    <FormDialog
      title={t`Set password`}
      subtitle={<Machine>{user.username}</Machine>}
      width="narrow"
      of={setting}
      submit={t`Set password`}
    >
      {(form) => (
        <>
          <SegmentedControl
            aria-label={t`Password`}
            fullWidth
            data={[
              { value: 'one-time', label: t`Generate` },
              { value: 'typed', label: t`Enter one` },
            ]}
            value={form.values.source}
            onChange={(source) => form.setFieldValue('source', source)}
          />
          {form.values.source === 'typed' ? (
            <NewPasswordField
              label={t`New password`}
              value={form.values.newPassword}
              error={form.errors['newPassword']}
              onChange={(newPassword) => form.setFieldValue('newPassword', newPassword)}
            />
          ) : (
            <div>
              <Trans>Gatehouse generates it and shows it once.</Trans>
            </div>
          )}
          <div className={classes['note']}>
            <Trans>
              Sessions, connections that used the old password, and tokens that scripts created with it end at once.
            </Trans>
          </div>
          <EndTokens userId={user.id} {...form.getInputProps('endTokens', { type: 'checkbox' })} />
          <Checkbox
            label={t`Must be changed at the next sign-in`}
            {...form.getInputProps('mustChange', { type: 'checkbox' })}
          />
          {!user.grantTypes.some(({ method }) => method === 'password') && (
            <div className={classes['warning']}>
              <Trans>Password is not enabled under “Signs in with”, so this password cannot be used yet.</Trans>
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
      title={t`One-time password`}
      subtitle={<Machine>{username}</Machine>}
      onClose={() => settle()}
      footer={
        <DialogFoot note={t`It is stored only as a hash and cannot be shown again.`}>
          <Button onClick={() => settle()}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div className={classes['made']}>
          <output aria-label={t`Password`}>{password}</output>
          <CopyButton value={password} label={t`Copy password`} />
        </div>
      </DialogBody>
    </Dialog>
  )
}
