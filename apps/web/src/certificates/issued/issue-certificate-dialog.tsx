/** Issues a certificate for a user: the browser makes the key and keeps it, or the person gives a request. */

import { type ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { Answer } from '@gatehouse/contract/route'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import type { ClientKeyKind } from '@gatehouse/pki/make/client-request'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl, Select } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { formatDate } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { useNow } from '../../ui/clock.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { WholeNumber } from '../../ui/whole-number.tsx'
import { type Holder, justIssued } from './certificate-dialogs.ts'
import { GivenRequest } from './given-request.tsx'
import { type Issued, issueWithNewKey } from './issuing.ts'

interface IssueValues {
  keySource: 'browser' | 'request'
  kind: ClientKeyKind
  csr: string
  days: number | ''
}

const dayMs = 24 * 60 * 60_000
const usualDays = 365

const keySources = [
  { value: 'browser', label: t`Generate a key here` },
  { value: 'request', label: t`I have a request` },
] as const

const policyQuery = queryFor(clientCertificates.policy, {})
/** The supported key kinds do not change while the browser runs. */
const kindsQuery = queryOptions({
  queryKey: ['client-key-kinds'],
  queryFn: async () => (await import('@gatehouse/pki/make/client-request')).findClientKeyKinds(),
  staleTime: Number.POSITIVE_INFINITY,
})

type Policy = Answer<typeof clientCertificates.policy>

export function IssueCertificate({ question, settle }: ModalProps<{ user: Holder; renews?: ClientCertificate }, void>) {
  const { user, renews } = question
  const { data: policy } = useSuspenseQuery(policyQuery)
  const { data: kinds } = useSuspenseQuery(kindsQuery)
  const { whyNot } = useSession()
  const now = useNow()
  const [usual] = kinds
  const same = kinds.find((kind) => kind === renews?.keyAlgorithm)
  const initialValues: IssueValues = {
    keySource: usual ? 'browser' : 'request',
    kind: same ?? usual ?? 'ECDSA P-256',
    csr: '',
    days: Math.min(usualDays, policy.maxDays),
  }
  const issue = useRouteForm<IssueValues, typeof clientCertificates.create, Issued>(clientCertificates.create, {
    initialValues,
    toInput: ({ csr, days }) => ({
      body: { csr: csr.trim(), userId: user.id, days: Number(days), ...(renews && { renews: renews.fingerprint }) },
    }),
    filledBySend: ({ keySource }) => (keySource === 'browser' ? ['csr'] : []),
    send: async (input, { keySource, kind }) =>
      keySource === 'browser'
        ? issueWithNewKey(kind, user.username, input)
        : { ...(await call(clientCertificates.create, input)), privateKey: null },
    readOnly: whyNot(clientCertificates.create) ?? whyNoneFrom(policy, user.username, now),
    onDone: ({ certificate, privateKey }) => void justIssued.open({ user, certificate, privateKey }),
    onClose: () => settle(),
  })
  return (
    <FormDialog
      title={renews ? t`Renew certificate` : t`Issue certificate`}
      subtitle={
        <Machine>
          <Trans>CN={user.username}</Trans>
        </Machine>
      }
      note={endWords(issue.form.values.days, policy, now)}
      of={issue}
      submit={renews ? t`Renew` : t`Issue`}
    >
      {(form) => (
        <>
          {renews && (
            <div>
              <Trans>
                The certificate that expires on {formatDate(renews.notAfter)} stays valid until then, or until you
                revoke it. Switch the device to the new one before.
              </Trans>
            </div>
          )}
          {usual ? (
            <SegmentedControl
              aria-label={t`Key`}
              fullWidth
              data={[...keySources]}
              {...form.getInputProps('keySource')}
            />
          ) : (
            <div>
              <Trans>
                This browser generates keys only on https pages. Generate one on the device and upload a request.
              </Trans>
            </div>
          )}
          {form.values.keySource === 'browser' ? <KeyKind form={form} kinds={kinds} /> : <GivenRequest form={form} />}
          <WholeNumber
            label={t`Valid for (days)`}
            description={t`At most ${policy.maxDays}, by policy.`}
            min={1}
            max={policy.maxDays}
            {...form.getInputProps('days')}
          />
        </>
      )}
    </FormDialog>
  )
}

interface KeyKindProps {
  form: UseFormReturnType<IssueValues>
  kinds: readonly ClientKeyKind[]
}

function KeyKind({ form, kinds }: KeyKindProps) {
  return (
    <Select
      label={t`Key`}
      description={t`Generated in this browser and never sent. You save it once, together with the certificate.`}
      data={kinds.map((kind, at) => ({ value: kind, label: at === 0 ? t`${kind} (usual)` : kind }))}
      allowDeselect={false}
      comboboxProps={{ shadow: 'md' }}
      {...form.getInputProps('kind')}
    />
  )
}

/** Why the server would refuse every request, shown before the form is filled in. */
function whyNoneFrom({ authority }: Policy, username: string, now: number): string | undefined {
  if (authority.withdrawnAt !== null) return t`The built-in CA is not trusted for clients.`
  if (Date.parse(authority.notAfter) <= now) return t`The built-in CA has expired.`
  const { usernames } = authority
  const isLimited = usernames.length > 0 && !usernames.some((glob) => usernameMatches(glob, username))
  return isLimited ? t`The built-in CA does not allow this username.` : undefined
}

function endWords(days: number | '', { authority }: Policy, now: number): string | null {
  if (days === '' || !(days >= 1)) return null
  const end = now + days * dayMs
  const authorityEnd = Date.parse(authority.notAfter)
  return authorityEnd < end
    ? t`Until ${formatDate(authority.notAfter)}, when its CA expires.`
    : t`Until ${formatDate(end)}.`
}
