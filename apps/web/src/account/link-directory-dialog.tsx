import { identities } from '@gatehouse/contract/identity/identities'
import { t } from '@lingui/core/macro'
import { TextInput } from '@mantine/core'
import { useSession } from '../api/session.ts'
import { PasswordField } from '../identity/passwords/password-field.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'
import type { ModalProps } from '../ui/modals.tsx'
import { useRouteForm } from '../ui/route-form.ts'
import { toast } from '../ui/toast.tsx'

export interface Directory {
  id: string
  label: string
}

/** Links the own account in a directory, proved by the password there. */
export function LinkDirectory({ question: { id, label }, settle }: ModalProps<Directory, void>) {
  const { user } = useSession()
  const link = useRouteForm(identities.link, {
    initialValues: { username: user.username, password: '' },
    toInput: ({ username, password }) => ({ body: { providerId: id, username: username.trim(), password } }),
    onDone: () => toast({ message: t`${label} linked. You can sign in with its password.` }),
    onClose: () => settle(),
  })
  return (
    <FormDialog title={t`Link identity`} subtitle={label} width="narrow" of={link} submit={t`Link`}>
      {(form) => (
        <>
          <TextInput
            label={t`Username there`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...form.getInputProps('username')}
          />
          <PasswordField
            label={t`Password there`}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps('password')}
          />
        </>
      )}
    </FormDialog>
  )
}
