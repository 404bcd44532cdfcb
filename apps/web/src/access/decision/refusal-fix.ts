/** Links a refusal, or a certificate that would be refused, to the page where its cause can be changed. */

import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { broker, type RefusalReason } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import type { LinkProps } from '@tanstack/react-router'
import {
  toAdmissionRules,
  toAuditUntil,
  toAuthoritiesByExpiry,
  toAuthority,
  toAuthorityUpload,
  toConnections,
  toDeniedDevices,
  toNewDevice,
  toRevocations,
  toUserEdit,
} from '../../links.ts'

export interface Fix {
  label: string
  link: LinkProps
  /** The route that the user must be allowed to call for the link to help. */
  needs: Route
}

/** The facts of a refusal. */
export interface Refused {
  reason: RefusalReason | null
  username: string | null
  userId: string | null
  clientId?: string | null
  /** What the revocation names. */
  revocation?: { issuerKey: string; serialNumber: string } | null | undefined
  /** Fingerprint of the authority that signed the certificate; null if none did. */
  authority: string | null
  /** Time of the refusal; null for a certificate that is only checked. */
  at: string | null
}

type Place =
  | 'revocations'
  | 'user'
  | 'new user'
  | 'upload'
  | 'authority'
  | 'authorities'
  | 'connections'
  | 'holder'
  | 'history'
  | 'rules'
  | 'denied'

/** The causes of all other reasons are at the device or at the issuer of its certificate. */
const places: Partial<Record<RefusalReason, Place>> = {
  empty_trust_store: 'upload',
  unknown_authority: 'upload',
  authority_expired: 'authority',
  bad_signature: 'authorities',
  not_a_ca: 'authorities',
  authority_limit: 'authority',
  authority_unconfirmed: 'authority',
  wrong_credentials: 'user',
  throttled: 'user',
  unknown_user: 'new user',
  device_denied: 'denied',
  spelling_taken: 'rules',
  admission_roles: 'rules',
  admission_author: 'rules',
  admission_limit: 'rules',
  disabled: 'user',
  no_certificate_grant: 'user',
  no_password_grant: 'user',
  required_grant_missing: 'user',
  client_id_taken: 'holder',
  too_many_connections: 'connections',
  subscribe_refused: 'user',
  publish_refused: 'user',
  will_refused: 'user',
  request_refused: 'user',
  revoked: 'revocations',
  crl_expired: 'revocations',
  withdrawn: 'history',
  closed_by_admin: 'history',
  taken_over: 'holder',
}

export function fixFor(refused: Refused): Fix | null {
  const place = refused.reason === null ? undefined : places[refused.reason]
  return place ? fixes[place](refused) : null
}

const fixes: Record<Place, (refused: Refused) => Fix | null> = {
  user: ({ userId, username }) =>
    userId === null
      ? null
      : { label: username === null ? t`Edit user` : t`Edit ${username}`, link: toUserEdit(userId), needs: users.view },
  'new user': ({ username }) =>
    username === null ? null : { label: t`Add ${username}`, link: toNewDevice(username), needs: users.create },
  upload: () => ({ label: t`Upload CA`, link: toAuthorityUpload(), needs: authorities.create }),
  authority: (refused) =>
    refused.authority === null
      ? fixes.authorities(refused)
      : { label: t`Open the CA`, link: toAuthority(refused.authority), needs: authorities.view },
  authorities: () => ({
    label: t`Authorities`,
    link: toAuthoritiesByExpiry(),
    needs: authorities.list,
  }),
  revocations: ({ revocation }) => ({
    label: revocation ? t`The revocation` : t`Revocations`,
    link: toRevocations(revocation ?? {}),
    needs: revocations.list,
  }),
  rules: () => ({ label: t`Admission rules`, link: toAdmissionRules(), needs: admissionRules.list }),
  denied: ({ username }) => ({
    label: t`Denied names`,
    link: toDeniedDevices(username ?? undefined),
    needs: deniedDevices.list,
  }),
  connections: () => ({ label: t`Connections`, link: toConnections(), needs: broker.connections }),
  holder: ({ clientId }) =>
    clientId ? { label: t`Who holds it`, link: toConnections(clientId), needs: broker.connections } : null,
  // The cause may be a change of the user, a role or an authority: the audit until that time shows it first.
  history: ({ at }) =>
    at === null
      ? null
      : {
          label: t`What changed`,
          link: toAuditUntil(new Date(Date.parse(at) + 1_000).toISOString()),
          needs: audit.list,
        },
}
