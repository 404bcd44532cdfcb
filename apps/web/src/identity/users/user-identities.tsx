/** The identities at providers with which a user can sign in, besides the local password. */
import { identities, type LinkedIdentity } from '@gatehouse/contract/identity/identities'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { lazy } from 'react'
import { useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { confirm } from '../../ui/confirm.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { defineModal } from '../../ui/modals.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { IdentityTable } from '../providers/identity-table.tsx'
import { identitiesOf } from './search.ts'
import { useProviders } from './user-origin.tsx'

const LinkIdentity = lazy(() =>
  import('./link-identity-dialog.tsx').then(({ LinkIdentity: dialog }) => ({ default: dialog })),
)
const linkIdentity = defineModal<Pick<User, 'id' | 'username'>, void>(LinkIdentity, {
  whenClosed: undefined,
  closesWithPage: true,
})

export function UserIdentities({ user }: { user: Pick<User, 'id' | 'username'> }) {
  const { id, username } = user
  const { user: self, can, whyNot } = useSession()
  const providers = useProviders() ?? []
  const { data } = useQuery({ ...identitiesOf(id), enabled: can(identities.listOf, { id }) })
  const unlink = useUnlink(user)
  if (!data || (data.items.length === 0 && providers.length === 0)) return null
  const own =
    id === self.id ? t`This is your own account. Link it under Password, in the menu under your name.` : undefined
  return (
    <Section
      title={t`Linked identities`}
      actions={
        providers.length > 0 && (
          <GuardedButton
            size="xs"
            variant="default"
            whyNot={own ?? whyNot(identities.linkOf, { id })}
            onClick={() => void linkIdentity.open(user)}
          >
            <Trans>Link…</Trans>
          </GuardedButton>
        )
      }
      empty={data.items.length === 0 && t`None. The user signs in with the local password.`}
    >
      <IdentityTable
        label={t`Linked identities of ${username}`}
        items={data.items}
        whyNotUnlink={(identity) => own ?? whyNot(identities.unlinkOf, { id, identityId: identity.id })}
        onUnlink={(identity) => void unlink(identity)}
      />
    </Section>
  )
}

function useUnlink({ id, username }: Pick<User, 'id' | 'username'>) {
  const { mutateAsync } = useChange(identities.unlinkOf)
  return ({ id: identityId, provider }: LinkedIdentity): Promise<boolean> =>
    confirm({
      title: t`Unlink ${provider.label} from ${username}?`,
      message: t`The user can no longer sign in with it. Sessions that began with it end.`,
      action: t`Unlink`,
      run: async () => {
        await mutateAsync({ params: { id, identityId } })
        toast({ message: t`${provider.label} is no longer linked to ${username}.` })
      },
    })
}
