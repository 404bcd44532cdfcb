/** The certificates domain: its context and its routes. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { certificates } from '@gatehouse/contract/certificates/check'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Broker } from './brokers/embedded/start-broker.ts'
import type { BrokerSet } from './brokers/inventory/broker-set.ts'
import { impactOnTrust } from './brokers/inventory/impact.ts'
import { authorityRoutes } from './certificates/authorities/routes.ts'
import type { BuiltInAuthority } from './certificates/built-in-authority/built-in-authority.ts'
import type { BuiltInContext } from './certificates/built-in-authority/replace.ts'
import { builtInAuthorityRoutes } from './certificates/built-in-authority/routes.ts'
import { type CheckContext, certificateRoutes } from './certificates/check/routes.ts'
import { revocationListRoutes } from './certificates/crls/routes.ts'
import type { RevocationListsContext } from './certificates/crls/service.ts'
import type { ClientCertificatesContext } from './certificates/issued/issue.ts'
import { clientCertificateRoutes } from './certificates/issued/routes.ts'
import type { RevocationsContext } from './certificates/revocations/context.ts'
import { revocationRoutes } from './certificates/revocations/routes.ts'
import type { Platform } from './open-platform.ts'
import type { Bind } from './platform/http/handle.ts'

export type CertificatesContext = BuiltInContext &
  RevocationsContext &
  RevocationListsContext &
  ClientCertificatesContext &
  CheckContext

export function createCertificates(
  { db, reader, clock }: Platform,
  { broker, enforcers, builtIn }: { broker: Broker; enforcers: BrokerSet; builtIn: BuiltInAuthority },
): CertificatesContext {
  return {
    db,
    reader,
    clock,
    builtIn,
    enforcers: {
      waitFor: (sequences) => enforcers.waitFor(sequences),
      impactOnAuthority: (authority, change) =>
        impactOnTrust(enforcers, {
          embedded: broker.impactOnAuthority(authority, change),
          change: { authority, change },
        }),
      impactOnRevocation: ({ username, ...revoke }) =>
        impactOnTrust(enforcers, { embedded: broker.impactOnRevocation(revoke), change: { revoke }, username }),
      impactOnList: (list) => impactOnTrust(enforcers, { embedded: broker.impactOnList(list), change: { list } }),
      pathsAfter: (fingerprint, asked) => broker.pathsAfter(fingerprint, asked),
      connectionsByAuthority: () => broker.connectionsByAuthority(),
      presentedBy: (connectionId) => broker.presentedBy(connectionId),
    },
    signingAuthority: () => builtIn.authority,
    checkCertificate: (presented, listener) => broker.checkCertificate(presented, listener),
  }
}

export function bindCertificates(bind: Bind, context: CertificatesContext): void {
  bind(builtInAuthority, builtInAuthorityRoutes(context))
  bind(authorities, authorityRoutes(context))
  bind(certificates, certificateRoutes(context))
  bind(revocations, revocationRoutes(context))
  bind(revocationLists, revocationListRoutes(context))
  bind(clientCertificates, clientCertificateRoutes(context))
}
