/** Revokes one certificate: shows which one and what that ends, and asks for the reason. The toast undoes it. */

import {
  type RevocationImpact,
  type RevocationSubject,
  revocations,
} from '@gatehouse/contract/certificates/revocations'
import { t } from '@lingui/core/macro'
import { SegmentedControl, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { BrokerDifferences } from '../../brokers/inventory/broker-differences.tsx'
import { Machine } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { endsAnywhere } from '../../ui/foreseen.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Problem } from '../../ui/problem.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { toast } from '../../ui/toast.tsx'
import { CertificateOrNumber, type RevokeValues } from './certificate-or-number.tsx'
import { useReinstate } from './reinstate.ts'
import { certificateName, impactWords, revocationReasonWords, serialNumberWords } from './revocation-words.ts'
import classes from './revoke-certificate.module.css'

interface RevokeCertificateProps {
  /** Of a live connection, whose certificate is meant. */
  connectionId?: string | undefined
  /** The certificate that is meant, as PEM. */
  certificate?: string | undefined
  onClose: () => void
}

const blank: RevokeValues = {
  nameBy: 'certificate',
  certificate: '',
  authority: '',
  serialNumber: '',
  reason: 'unspecified',
  note: '',
}

const namings = [
  { value: 'certificate', label: t`By certificate` },
  { value: 'number', label: t`By serial number` },
] as const

const revoking = ['revocation'] as const

const reasons = Object.entries(revocationReasonWords).map(([value, label]) => ({ value, label }))

export function RevokeCertificate({ connectionId, certificate, onClose }: RevokeCertificateProps) {
  const reinstate = useReinstate()
  const isChosen = connectionId === undefined && certificate === undefined
  // Fetched once: the connection may end while the dialog is open.
  const shown = useQuery({
    ...impactQuery(certificate === undefined ? { connectionId } : { certificate }),
    enabled: !isChosen,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const known = certificate ?? shown.data?.certificate ?? undefined
  const revoke = useRouteForm(revocations.create, {
    initialValues: blank,
    toInput: (values) => ({
      body: {
        ...(isChosen ? subjectOf(values) : { certificate: known ?? '' }),
        reason: values.reason,
        ...(values.note.trim() && { note: values.note.trim() }),
      },
    }),
    onDone: ({ disconnected, disconnectedByBroker, ...revocation }) =>
      toast({
        message: t`The certificate of ${certificateName(revocation)} is revoked. ${disconnectedWords({ disconnected, disconnectedByBroker })}`,
        undo: () => reinstate(revocation),
      }),
    onClose,
  })
  return (
    <FormDialog
      title={t`Revoke certificate`}
      subtitle={shown.data && <Machine>{certificateName(shown.data)}</Machine>}
      note={t`It is refused from now on, and its connections end.`}
      of={revoke}
      submit={t`Revoke`}
      isDangerous
    >
      {(form) => (
        <>
          {isChosen ? (
            <>
              <SegmentedControl aria-label={t`Identify by`} data={[...namings]} {...form.getInputProps('nameBy')} />
              <CertificateOrNumber form={form} />
              <Meant form={form} />
            </>
          ) : (
            <>
              <Problem error={shown.error} />
              {!shown.error && <Found impact={shown.data} />}
            </>
          )}
          <Select
            label={t`Reason`}
            data={reasons}
            allowDeselect={false}
            comboboxProps={{ shadow: 'md' }}
            {...form.getInputProps('reason')}
          />
          <TextInput label={t`Note`} autoComplete="off" {...form.getInputProps('note')} />
          <BrokerDifferences decided={revoking} />
        </>
      )}
    </FormDialog>
  )
}

/** As far as it is filled in. */
function subjectOf({ nameBy, certificate, authority, serialNumber }: RevokeValues): RevocationSubject {
  return nameBy === 'certificate' ? { certificate } : { authority, serialNumber }
}

function impactQuery(which: RevocationSubject) {
  return queryFor(revocations.impact, { body: which })
}

const typingPauseMs = 300

/** Which certificate that is, and what revoking it ends; asked of the server while one types. */
function Meant({ form: { values } }: { form: UseFormReturnType<RevokeValues> }) {
  const which = subjectOf(values)
  const [settled] = useDebouncedValue(JSON.stringify(which), typingPauseMs)
  const isComplete = Object.values(which).every((value) => value !== '')
  const { data, error } = useQuery({
    ...impactQuery(JSON.parse(settled)),
    enabled: isComplete && settled === JSON.stringify(which),
    staleTime: 0,
    retry: false,
  })
  if (!isComplete) return null
  return (
    <>
      <Problem error={error} />
      {!error && <Found impact={data} />}
    </>
  )
}

/** Takes its place before the answer is there: the buttons below would move under the pointer. */
function Found({ impact }: { impact: RevocationImpact | undefined }) {
  if (!impact) return <div className={classes['found']} aria-busy />
  return (
    <div className={classes['found']}>
      <Facts>
        <Fact label={t`Subject`}>{impact.subject}</Fact>
        <Fact label={t`Signed by`}>{impact.issuer}</Fact>
        <Fact label={t`Serial number`} copy={impact.serialNumber}>
          <Machine>{serialNumberWords(impact.serialNumber)}</Machine>
        </Fact>
      </Facts>
      <output className={classes['ends']} data-ends={endsAnywhere(impact.connectionsByBroker) || undefined}>
        {impactWords(impact)}
      </output>
    </div>
  )
}
