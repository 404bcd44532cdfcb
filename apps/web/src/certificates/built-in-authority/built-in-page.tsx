/** The built-in authority: what it signs, its file for clients, and how to replace it. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type BuiltInAuthority, builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { pathOf } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconDownload, IconRefresh } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { useChange } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { toAuthorities, toAuthority } from '../../links.ts'
import { formatDate } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { confirm } from '../../ui/confirm.tsx'
import { Expiry } from '../../ui/expiry.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import classes from './built-in.module.css'
import { consequencesOf, replacedWords } from './built-in-words.ts'
import { builtInQuery } from './search.ts'

const BuiltInReplace = lazy(() =>
  import('./built-in-replace-dialog.tsx').then(({ BuiltInReplace: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client } }: Loading): Promise<void> {
  await client.fetchQuery({ ...builtInQuery, staleTime: 0 })
}

const page = getRouteApi('/authorities/built-in')

export function BuiltInPage() {
  const { replace } = page.useSearch()
  const { data } = useSuspenseQuery(builtInQuery)
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const renew = useRenewal()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ builtInHelp }) => builtInHelp)}
        title={t`Built-in CA`}
        above={
          <Link {...toAuthorities()}>
            <Trans>Authorities</Trans>
          </Link>
        }
        description={t`It signs this server’s certificate and the client certificates that are issued here.`}
        actions={
          <>
            <GuardedButton
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              whyNot={whyNot(builtInAuthority.replace)}
              onClick={() => void renew(data)}
            >
              <Trans>Generate a new one…</Trans>
            </GuardedButton>
            <GuardedButton whyNot={whyNot(builtInAuthority.replace)} onClick={() => go(withSearch({ replace: '' }))}>
              <Trans>Use your own CA…</Trans>
            </GuardedButton>
          </>
        }
      />
      {data.overlap && <Overlap overlap={data.overlap} />}
      <div className={classes['columns']}>
        <TheAuthority authority={data.authority} />
        <TheServer server={data.server} />
      </div>
      {replace !== undefined && (
        <LateDialog onClose={() => go(withSearch({ replace: undefined }))}>
          <BuiltInReplace present={data} />
        </LateDialog>
      )}
    </>
  )
}

function useRenewal() {
  const change = useChange(builtInAuthority.replace)
  return (present: BuiltInAuthority) =>
    confirm({
      title: t`Generate a new built-in CA?`,
      message: (
        <ul className={classes['consequences']}>
          {consequencesOf(present, { isRoot: true }).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ),
      action: t`Generate`,
      run: async () => {
        const body = { renew: true, replaces: present.authority.fingerprint } as const
        toast({ message: replacedWords(await change.mutateAsync({ body })) })
      },
    })
}

/** While the old and the new authority are both trusted: what is left to do. */
function Overlap({ overlap: { authority, serverUntil } }: { overlap: NonNullable<BuiltInAuthority['overlap']> }) {
  const { can } = useSession()
  return (
    <section className={classes['overlap']} aria-label={t`Previous CA`}>
      <h2>
        <Trans>{authority.name} is still trusted</Trans>
      </h2>
      <p>
        {serverUntil === null
          ? t`Clients that have only this one refuse this server. Give them the new file.`
          : t`Clients that have only this one trust this server until ${formatDate(serverUntil)}. Give them the new file by then.`}{' '}
        <Trans>Client certificates that it signed are still admitted.</Trans>{' '}
        {can(authorities.list) ? (
          <Trans>
            When all have been replaced, <Link {...toAuthority(authority.fingerprint)}>delete it</Link>.
          </Trans>
        ) : (
          t`When all have been replaced, it should be deleted.`
        )}
      </p>
      <Button
        component="a"
        size="xs"
        variant="default"
        leftSection={<IconDownload size={14} aria-hidden />}
        href={pathOf(builtInAuthority.overlapBundle)}
        download="authorities.crt"
      >
        <Trans>Both as one CA file</Trans>
      </Button>
    </section>
  )
}

function TheAuthority({ authority }: Pick<BuiltInAuthority, 'authority'>) {
  return (
    <section aria-label={t`CA`}>
      <h2>
        <Trans>CA</Trans>
      </h2>
      <Facts>
        <Fact label={t`Name`}>
          <Link {...toAuthority(authority.fingerprint)}>{authority.name}</Link>
        </Fact>
        <Fact label={t`Subject`} copy={authority.subject}>
          {authority.subject}
        </Fact>
        <Fact label={t`Expires`}>
          <Expiry notBefore={authority.notBefore} notAfter={authority.notAfter} />
        </Fact>
        <Fact label={t`Key`}>{authority.keyAlgorithm}</Fact>
        <Fact label={t`SHA-256 fingerprint`} copy={authority.fingerprint}>
          <Machine>{authority.fingerprint}</Machine>
        </Fact>
        <Fact label={t`For clients`}>
          <Trans>
            <a href={pathOf(authorities.builtIn)} download="authority.crt">
              authority.crt
            </a>
            , given as <code>--cafile</code>
          </Trans>
        </Fact>
      </Facts>
    </section>
  )
}

function TheServer({ server }: Pick<BuiltInAuthority, 'server'>) {
  return (
    <section aria-label={t`Server certificate`}>
      <h2>
        <Trans>Server certificate</Trans>
      </h2>
      <Facts>
        <Fact label={t`Signed by`}>{server.isGiven ? t`${server.issuer} (your own, from files)` : server.issuer}</Fact>
        <Fact label={t`Names`}>{server.names.map((name) => name.replace(/^(DNS|IP):/, '')).join(', ')}</Fact>
        <Fact label={t`Expires`}>
          <Expiry notBefore={server.notBefore} notAfter={server.notAfter} />
        </Fact>
        <Fact label={t`Renewed`}>
          {server.isGiven ? t`when its files change` : t`automatically, 30 days before it expires`}
        </Fact>
        <Fact label={t`SHA-256 fingerprint`} copy={server.fingerprint}>
          <Machine>{server.fingerprint}</Machine>
        </Fact>
      </Facts>
    </section>
  )
}
