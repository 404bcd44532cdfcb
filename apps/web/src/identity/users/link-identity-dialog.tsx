/** Links an identity at a provider to a user, who can then sign in with it. */
import { identities } from '@gatehouse/contract/identity/identities'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Select, TextInput } from '@mantine/core'
import { Machine } from '../../ui/badges.tsx'
import { machineInput } from '../../ui/field-group.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { toast } from '../../ui/toast.tsx'
import { useProviders } from './user-origin.tsx'

export function LinkIdentity({ question: { id, username }, settle }: ModalProps<Pick<User, 'id' | 'username'>, void>) {
  const providers = useProviders() ?? []
  const isDirectory = (providerId: string) => providers.find((one) => one.id === providerId)?.kind === 'ldap'
  const link = useRouteForm(identities.linkOf, {
    initialValues: { providerId: providers[0]?.id ?? '', username, subject: '' },
    toInput: ({ providerId, username: there, subject }) => ({
      params: { id },
      body: isDirectory(providerId) ? { providerId, username: there.trim() } : { providerId, subject: subject.trim() },
    }),
    onDone: ({ provider }) => toast({ message: t`${provider.label} linked to ${username}.` }),
    onClose: () => settle(),
  })
  return (
    <FormDialog
      title={t`Link identity`}
      subtitle={<Machine>{username}</Machine>}
      width="narrow"
      note={t`The user can then sign in with it.`}
      of={link}
      submit={t`Link`}
    >
      {(form) => (
        <>
          <Select
            label={t`Provider`}
            data={providers.map(({ id: value, label }) => ({ value, label }))}
            allowDeselect={false}
            data-autofocus
            {...form.getInputProps('providerId')}
          />
          {isDirectory(form.values.providerId) ? (
            <TextInput
              label={t`Username there`}
              description={t`Gatehouse asks the directory for it. Later it uses the identifier of the entry, not its name.`}
              autoComplete="off"
              spellCheck={false}
              classNames={machineInput}
              {...form.getInputProps('username')}
            />
          ) : (
            <TextInput
              label={t`Subject`}
              description={t`The value of the claim sub, not a name or an e-mail address. The person can also link the identity under Password.`}
              autoComplete="off"
              spellCheck={false}
              classNames={machineInput}
              {...form.getInputProps('subject')}
            />
          )}
        </>
      )}
    </FormDialog>
  )
}
