/** Deletes a provider after a question. */

import { type IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

/** Resolves with whether it was deleted. */
export function useRemoveProvider(): (provider: IdentityProvider) => Promise<boolean> {
  const { mutateAsync } = useChange(identityProviders.remove)
  return ({ id, label, version }) =>
    confirm({
      title: t`Delete the identity provider ${label}?`,
      message: t`Nobody can sign in with it any more, and its linked identities are unlinked. Delete the users who come from it first. To keep them, disable the identity provider instead.`,
      action: t`Delete`,
      run: async () => {
        await mutateAsync({ params: { id }, ifMatch: version })
        toast({ message: t`${label} deleted.` })
      },
    })
}
