/** The given certificates with their problems and warnings, those with problems first. */

import type { InspectedCertificate } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { formatDate, formatNumber } from '../../messages/format.ts'
import { Machine, type Status, StatusBadge } from '../../ui/badges.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import classes from './authorities.module.css'
import { type JudgedRemark, remarksOn } from './authority-words.ts'

/** A thousand at once would make the dialog slow. */
const shownAtFirst = 50

export function InspectedCertificates({ certificates }: { certificates: readonly InspectedCertificate[] }) {
  const [isWhole, setWhole] = useState(false)
  const ordered = certificates.toSorted((a, b) => Number(b.problems.length > 0) - Number(a.problems.length > 0))
  const shown = isWhole ? ordered : ordered.slice(0, shownAtFirst)
  return (
    <>
      <ul className={classes['certificates']} aria-label={t`Uploaded certificates`}>
        {shown.map((certificate) => (
          <Certificate key={certificate.fingerprint} certificate={certificate} />
        ))}
      </ul>
      {shown.length < ordered.length && (
        <Button variant="subtle" className={classes['more']} onClick={() => setWhole(true)}>
          <Trans>Show {formatNumber(ordered.length - shown.length)} more</Trans>
        </Button>
      )}
    </>
  )
}

function Certificate({ certificate }: { certificate: InspectedCertificate }) {
  const { commonName, organization, subject, issuer, selfSigned, notAfter, keyAlgorithm, fingerprint } = certificate
  return (
    <li className={classes['certificate']} data-left-out={certificate.leftOut || undefined}>
      <div className={classes['called']}>{commonName ?? organization ?? subject}</div>
      <dl className={classes['brief']}>
        <dt>
          <Trans>Subject</Trans>
        </dt>
        <dd>{subject}</dd>
        <dt>
          <Trans>Issuer</Trans>
        </dt>
        <dd>{selfSigned ? t`Self-signed` : issuer}</dd>
        <dt>
          <Trans>Expires</Trans>
        </dt>
        <dd>
          <time dateTime={notAfter}>{formatDate(notAfter)}</time>
        </dd>
        <dt>
          <Trans>Key</Trans>
        </dt>
        <dd>{keyAlgorithm}</dd>
        <dt>
          <Trans>SHA-256</Trans>
        </dt>
        <dd className={classes['copied']}>
          <Machine>{fingerprint}</Machine>
          <CopyButton value={fingerprint} label={t`Copy fingerprint`} />
        </dd>
      </dl>
      <Remarks remarks={remarksOn(certificate)} />
    </li>
  )
}

const statusOf: Record<JudgedRemark['weight'], Status> = { problem: 'refused', warning: 'expiring', note: 'off' }

export function Remarks({ remarks }: { remarks: readonly JudgedRemark[] }) {
  if (remarks.length === 0) return null
  return (
    <ul className={classes['remarks']}>
      {remarks.map(({ label, sentence, weight }) => (
        <li key={label}>
          <StatusBadge status={statusOf[weight]}>{label}</StatusBadge> {sentence}
        </li>
      ))}
    </ul>
  )
}
