/** The fields of a certificate, line by line. Absent fields are left out. */

import type { AuthorityDetails } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { formatExactTime } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { Expiry } from '../../ui/expiry.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { serialNumberWords } from '../revocations/revocation-words.ts'

export type CertificateFactsProps = Pick<
  AuthorityDetails,
  | 'subject'
  | 'issuer'
  | 'selfSigned'
  | 'serialNumber'
  | 'notBefore'
  | 'notAfter'
  | 'keyAlgorithm'
  | 'signatureAlgorithm'
  | 'x509Version'
  | 'isAuthority'
  | 'pathLength'
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'subjectAlternativeNames'
  | 'nameConstraints'
  | 'revocationPoints'
  | 'informationAccess'
  | 'criticalExtensions'
  | 'subjectKeyIdentifier'
  | 'authorityKeyIdentifier'
  | 'fingerprint'
  | 'fingerprintSha1'
>

export function CertificateFacts({ of }: { of: CertificateFactsProps }) {
  return (
    <Facts>
      <Fact label={t`Subject`} copy={of.subject}>
        {of.subject}
      </Fact>
      <Fact label={t`Issuer`} copy={of.issuer}>
        {of.selfSigned ? t`Self-signed` : of.issuer}
      </Fact>
      <MachineFact label={t`Serial number`} value={serialNumberWords(of.serialNumber)} />
      <Fact label={t`Valid from`}>
        <time dateTime={of.notBefore}>{formatExactTime(of.notBefore)}</time>
      </Fact>
      <Fact label={t`Expires`}>
        <Expiry notBefore={of.notBefore} notAfter={of.notAfter} />
      </Fact>
      <Fact label={t`Key`}>{of.keyAlgorithm}</Fact>
      <Fact label={t`Signature`}>{of.signatureAlgorithm}</Fact>
      <Fact label={t`X.509 version`}>{of.x509Version}</Fact>
      <Extensions of={of} />
      <MachineFact label={t`Key identifier`} value={of.subjectKeyIdentifier} />
      <MachineFact label={t`Issuer’s key identifier`} value={of.authorityKeyIdentifier} />
      <MachineFact label={t`SHA-256 fingerprint`} value={of.fingerprint} />
      <MachineFact label={t`SHA-1 fingerprint`} value={of.fingerprintSha1} />
    </Facts>
  )
}

function Extensions({ of }: { of: CertificateFactsProps }) {
  const { nameConstraints, criticalExtensions } = of
  return (
    <>
      <Fact label={t`Basic constraints`}>{basicConstraintsOf(of)}</Fact>
      <Fact label={t`Key usage`}>{of.keyUsage.join(', ')}</Fact>
      <Fact label={t`Extended key usage`}>{of.extendedKeyUsage.join(', ')}</Fact>
      <Fact label={t`Alternative names`}>{of.subjectAlternativeNames.join(', ')}</Fact>
      <Fact label={t`Only for names`}>{nameConstraints?.permitted.join(', ')}</Fact>
      <Fact label={t`Not for names`}>{nameConstraints?.excluded.join(', ')}</Fact>
      <Fact label={t`CRL URLs`} copy={of.revocationPoints.join('\n')}>
        {of.revocationPoints.join(', ')}
      </Fact>
      <Fact label={t`Issuer URLs`} copy={of.informationAccess.join('\n')}>
        {of.informationAccess.join(', ')}
      </Fact>
      {/* A relying party must understand critical extensions: RFC 5280 §4.2. */}
      <Fact label={t`Critical`}>{criticalExtensions.join(', ')}</Fact>
    </>
  )
}

function basicConstraintsOf({ x509Version, isAuthority, pathLength }: CertificateFactsProps): string | null {
  if (x509Version === 1) return null
  if (!isAuthority) return t`not a CA`
  return pathLength === null ? t`CA, any path length` : t`CA, path length ${pathLength}`
}

function MachineFact({ label, value }: { label: string; value: string | null }) {
  return (
    <Fact label={label} copy={value}>
      {value && <Machine>{value}</Machine>}
    </Fact>
  )
}
