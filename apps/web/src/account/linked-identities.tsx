/** Own account → Password: the identities at providers with which one can sign in too. */
import { identities, type LinkableProvider, type LinkedIdentity } from '@gatehouse/contract/identity/identities'
import { t } from '@lingui/core/macro'
import { Button, Menu } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, useEffect, useState } from 'react'
import { askForProof } from '../api/proof.ts'
import { queryFor, useChange } from '../api/queries.ts'
import { IdentityTable } from '../identity/providers/identity-table.tsx'
import { RefusedByProvider } from '../identity/sign-in/refused-by-provider.tsx'
import { refusalInUrl, startAt } from '../identity/sign-in/sign-in-options.ts'
import { confirm } from '../ui/confirm.tsx'
import { defineModal } from '../ui/modals.tsx'
import { useNavigateTo, withSearch } from '../ui/search-links.ts'
import { Section } from '../ui/section.tsx'
import { toast } from '../ui/toast.tsx'
import classes from './account-pages.module.css'
import type { Directory } from './link-directory-dialog.tsx'

const LinkDirectory = lazy(() =>
  import('./link-directory-dialog.tsx').then(({ LinkDirectory: dialog }) => ({ default: dialog })),
)
const linkDirectory = defineModal<Directory, void>(LinkDirectory, { whenClosed: undefined, closesWithPage: true })

export const ownIdentitiesQuery = queryFor(identities.list, {})

interface LinkedIdentitiesProps {
  /** The provider that the person comes back from. */
  returnsFrom: string | undefined
}

export function LinkedIdentities({ returnsFrom }: LinkedIdentitiesProps) {
  const { items, linkable } = useSuspenseQuery(ownIdentitiesQuery).data
  const unlink = useUnlink()
  useReturn(returnsFrom, items)
  if (items.length === 0 && linkable.length === 0) return null
  return (
    <div className={classes['below']}>
      <Section
        title={t`Linked identities`}
        actions={linkable.length > 0 && <LinkMenu linkable={linkable} />}
        empty={items.length === 0 && t`None. Link one to sign in with it too.`}
      >
        <IdentityTable label={t`Linked identities`} items={items} onUnlink={(identity) => void unlink(identity)} />
      </Section>
      <RefusedByProvider />
    </div>
  )
}

/** A link cannot ask for a proof before it leaves the page. So the server sends it back, and it starts again after the proof. */
function useReturn(provider: string | undefined, linked: readonly LinkedIdentity[]): void {
  const go = useNavigateTo()
  const [refusal] = useState(refusalInUrl)
  const isLinked = linked.some(({ provider: { name } }) => name === provider)
  // Synchronises with the URL that the provider's page led to.
  useEffect(() => {
    if (provider === undefined) return
    if (refusal === null && isLinked) toast({ message: t`Linked. You can sign in with it now.` })
    if (refusal !== 'proof_required') return go(withSearch({ link: undefined }), { replace: true })
    void askForProof().then((isProved) =>
      isProved ? location.assign(linkAt(provider)) : go(withSearch({ link: undefined })),
    )
  }, [provider, refusal, isLinked, go])
}

/** A directory is linked by its password, another provider by a sign-in there. */
function LinkMenu({ linkable }: { linkable: readonly LinkableProvider[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default">{t`Link…`}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {linkable.map(({ id, kind, name, label }) =>
          kind === 'oidc' ? (
            <Menu.Item key={id} component="a" href={linkAt(name)}>
              {label}
            </Menu.Item>
          ) : (
            <Menu.Item key={id} onClick={() => void linkDirectory.open({ id, label })}>
              {label}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** The page after it knows by `link` what was wanted. */
function linkAt(provider: string): string {
  return startAt(provider, 'link', `/account/password?${new URLSearchParams({ link: provider })}`)
}

function useUnlink() {
  const { mutateAsync } = useChange(identities.unlink)
  return ({ id, provider }: LinkedIdentity): Promise<boolean> =>
    confirm({
      title: t`Unlink ${provider.label}?`,
      message: t`You can no longer sign in with it. Sessions that began with it end.`,
      action: t`Unlink`,
      run: async () => {
        await mutateAsync({ params: { id } })
        toast({ message: t`${provider.label} is no longer linked.` })
      },
    })
}
