import type { authorities } from '@gatehouse/contract/certificates/authorities'
import { toPem } from '@gatehouse/pki/read/certificate'
import type { Bindings } from '../../platform/http/handle.ts'
import { readChain } from './chain-tree.ts'
import type { AuthoritiesContext } from './context.ts'
import { impactOfAuthority } from './impact.ts'
import { present, presentDetails } from './present.ts'
import { addAuthorities, limitChange, removeAuthority, requireAuthority, updateAuthorityBy } from './service.ts'
import { listAuthorities, listTrusted } from './store.ts'
import { inspectUpload } from './upload.ts'

export function authorityRoutes(context: AuthoritiesContext): Bindings<typeof authorities> {
  const { reader, clock } = context
  return {
    list: async ({ search }) => {
      const page = await listAuthorities(reader, search, clock.now())
      return { ...page, items: await present(context, page.items) }
    },
    inspect: async ({ body }) => {
      const inspected = await inspectUpload(reader, clock, body)
      return { certificates: inspected.map(({ verdict }) => verdict) }
    },
    create: ({ body, ...by }) => addAuthorities(context, { upload: body, ...by }),
    bundle: async () => (await listTrusted(reader)).map((der) => toPem('CERTIFICATE', der)).join(''),
    builtIn: async () => context.builtIn.authority.certificatePem,
    view: async ({ params }) => presentDetails(context, await requireAuthority(reader, params.fingerprint)),
    download: async ({ params }) => {
      const { certificate } = await requireAuthority(reader, params.fingerprint)
      return toPem('CERTIFICATE', certificate.der)
    },
    downloadDer: async ({ params }) => (await requireAuthority(reader, params.fingerprint)).certificate.der,
    chain: async ({ params }) => readChain(reader, await requireAuthority(reader, params.fingerprint)),
    update: ({ params, body, ...by }) => updateAuthorityBy(context, { ...params, changes: body, ...by }),
    remove: ({ params, ...by }) => removeAuthority(context, { ...params, ...by }),
    impact: async ({ params, body, caller }) => {
      const before = await requireAuthority(reader, params.fingerprint)
      const change = 'delete' in body ? body : limitChange(caller, before, body.usernames)
      return impactOfAuthority(context, { ...params, change })
    },
  }
}
