/** What the codes of a Mosquitto mean. */
import type { ForeignFile, MosquittoDrift, MosquittoRemark } from '@gatehouse/contract/brokers/mosquitto'
import { t } from '@lingui/core/macro'

export const remarkWords: Record<MosquittoRemark['code'], string> = {
  both_required: t`Users who must use a certificate and a password, which Mosquitto cannot require: no rights there`,
  password_only: t`Users who may not sign in with a certificate, whom any trusted CA could name there: no rights there`,
  certificate_only: t`Users who may not sign in with a password, on a broker without a listener for certificates: no rights there`,
  certificate_revoked: t`Users with a revoked certificate that the CRL of its CA does not contain: no rights there`,
  rule_left_out: t`Users without some of their permissions there ($CONTROL, $share, %u or %c)`,
  authority_limited: t`CAs with a username limit, which Mosquitto cannot enforce, and the CAs above them: not trusted there`,
  authority_without_root: t`CAs whose root is not trusted: not trusted there`,
  authority_without_crl: t`CAs without a CRL: Mosquitto refuses all their clients`,
  authority_crl_expired: t`CAs whose CRL has expired: Mosquitto refuses all their clients`,
}

export const driftWords: Record<keyof MosquittoDrift, string> = {
  changed: t`Users with other rights`,
  clients: t`Clients that Gatehouse did not make`,
  roles: t`Roles that Gatehouse did not make`,
  groups: t`Groups that Gatehouse did not make`,
  defaults: t`Default access that was changed`,
}

export const fileWords: Record<ForeignFile['kind'], string> = {
  authority: t`a CA that Mosquitto trusts and Gatehouse does not`,
  link: t`a link`,
  key: t`a private key`,
  folder: t`a folder`,
  other: t`another file`,
}
