import type { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { findBuiltIn } from '../authorities/store.ts'
import { findSeenPem } from '../seen/store.ts'
import { type ClientCertificatesContext, issueToUser } from './issue.ts'
import { findClientCertificate, findIssuedPem, listClientCertificates } from './store.ts'

export function clientCertificateRoutes(context: ClientCertificatesContext): Bindings<typeof clientCertificates> {
  const { reader, clock } = context
  return {
    list: ({ search }) => listClientCertificates(reader, search, clock.now()),
    policy: async () => {
      const authority = await findBuiltIn(reader)
      if (!authority) throw new Problem('not_found')
      const { certificate, name, withdrawnAt, usernames } = authority
      return {
        maxDays: (await readPolicies(reader)).clientCertificates.maxDays,
        authority: {
          fingerprint: certificate.fingerprint,
          notAfter: certificate.notAfter,
          name,
          withdrawnAt,
          usernames,
        },
      }
    },
    create: (call) => issueToUser(context, call),
    view: async ({ params }) => {
      const found = await findClientCertificate(reader, params.fingerprint)
      if (!found) throw new Problem('not_found')
      return found
    },
    download: async ({ params }) => {
      const pem = (await findIssuedPem(reader, params.fingerprint)) ?? (await findSeenPem(reader, params.fingerprint))
      if (pem === null) throw new Problem('not_found')
      return pem
    },
  }
}
