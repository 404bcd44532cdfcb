/** The CRL of an authority: the installed one, and an upload of a newer one. The confirm shows first what the upload ends. */

import { type RevocationList, revocationLists } from '@gatehouse/contract/certificates/crls'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, FileButton } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { formatExactTime, joinSentences } from '../../messages/format.ts'
import { confirmWith } from '../../ui/confirm.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { download, fileNameFrom } from '../../ui/download.ts'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { endingWords, listWarningsOf, otherKeysWords, revokedCount } from '../revocations/revocation-words.ts'
import classes from './authority-crls.module.css'
import { CrlState, useRemoveList } from './crl-state.tsx'
import { readList } from './given-crl.ts'

interface AuthorityCrlsProps {
  authority: { fingerprint: string; name: string }
}

export function AuthorityCrls({ authority }: AuthorityCrlsProps) {
  const { fingerprint } = authority
  const { can, whyNot } = useSession()
  const { data } = useQuery({
    ...queryFor(revocationLists.view, { params: { fingerprint } }),
    enabled: can(revocationLists.view, { fingerprint }),
  })
  const upload = useUploadList(authority)
  if (!data) return null
  const whyNoUpload = whyNot(revocationLists.create, { fingerprint })
  return (
    <Section title={t`CRL`}>
      <div className={classes['lists']}>
        {data.items.length === 0 && (
          <p>
            <Trans>No CRL uploaded.</Trans>
          </p>
        )}
        {data.items.map((list) => (
          <HeldList key={list.fingerprint} list={list} name={authority.name} refuses={data.whenExpired === 'refuse'} />
        ))}
        {whyNoUpload === undefined && (
          <div className={classes['give']}>
            <span>
              <Trans>Drop a CRL (PEM or DER) anywhere, or</Trans>
            </span>
            <FileButton onChange={(file) => file && void upload(file)}>
              {(button) => (
                <Button size="xs" variant="default" leftSection={<IconFileUpload size={14} aria-hidden />} {...button}>
                  <Trans>Choose a CRL</Trans>
                </Button>
              )}
            </FileButton>
            <DropAnywhere
              invitation={t`Drop the CRL of ${authority.name}`}
              onFiles={([file]) => file && void upload(file)}
            />
          </div>
        )}
      </div>
    </Section>
  )
}

function HeldList({ list, name, refuses }: { list: RevocationList; name: string; refuses: boolean }) {
  const { whyNot } = useSession()
  const remove = useRemoveList()
  const params = { fingerprint: list.fingerprint }
  return (
    <>
      <Facts>
        <Fact label={t`Revokes`}>{revokedCount(list.count)}</Fact>
        <Fact label={t`Number`}>{list.number}</Fact>
        <Fact label={t`Issued`}>
          <time dateTime={list.thisUpdate}>{formatExactTime(list.thisUpdate)}</time>
        </Fact>
        <Fact label={t`Next update`}>
          <CrlState list={list} refuses={refuses} />
        </Fact>
      </Facts>
      {listWarningsOf(list, refuses)
        .filter(({ weight }) => weight !== 'note')
        .map(({ sentence }) => (
          <p key={sentence}>{sentence}</p>
        ))}
      <div className={classes['actions']}>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => void download(revocationLists.download, { params }, fileNameFrom(name, 'crl'))}
        >
          <Trans>Download CRL</Trans>
        </Button>
        {whyNot(revocationLists.remove, params) === undefined && (
          <Button size="compact-sm" variant="subtle" color="red" onClick={() => void remove(list)}>
            <Trans>Delete CRL…</Trans>
          </Button>
        )}
      </div>
    </>
  )
}

/** Looked at by the server first; then asked, then done. A refusal is said and changes nothing. */
function useUploadList({ fingerprint, name }: AuthorityCrlsProps['authority']): (file: File) => Promise<boolean> {
  const { mutateAsync } = useChange(revocationLists.create)
  const params = { fingerprint }
  return (file) =>
    confirmWith(async () => {
      const crl = await readList(file)
      const { existing, replaces, count, otherKeys, ...ended } = await call(revocationLists.inspect, {
        params,
        body: { crl },
      })
      const before = replaces ? t`It replaces the installed CRL, which revokes ${revokedCount(replaces.count)}.` : ''
      return {
        title: t`Install the CRL of ${name}?`,
        message: existing
          ? t`This CRL is already installed.`
          : joinSentences([
              t`It revokes ${revokedCount(count)}.`,
              before,
              otherKeysWords(otherKeys),
              endingWords(ended, t`No live connection ends.`),
            ]),
        action: t`Install`,
        ...(ended.connections === 0 && { harmless: true as const }),
        run: async () => {
          const installed = await mutateAsync({ params, body: { crl } })
          toast({ message: t`The CRL of ${name} revokes ${revokedCount(count)}. ${disconnectedWords(installed)}` })
        },
      }
    })
}
