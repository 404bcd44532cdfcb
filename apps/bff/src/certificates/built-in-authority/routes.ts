import type { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { Answer } from '@gatehouse/contract/route'
import { readBundle, toPem } from '@gatehouse/pki/read/certificate'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { presentOne } from '../authorities/present.ts'
import { findAuthority, findBuiltIn } from '../authorities/store.ts'
import { type BuiltInContext, replaceBuiltIn } from './replace.ts'
import { findOverlap } from './store.ts'

export function builtInAuthorityRoutes(context: BuiltInContext): Bindings<typeof builtInAuthority> {
  const { builtIn, reader } = context
  return {
    overlapBundle: async () => {
      const overlap = await findOverlap(reader)
      const previous = overlap && (await findAuthority(reader, overlap.previous))
      if (!previous) throw new Problem('not_found')
      return builtIn.authority.certificatePem + toPem('CERTIFICATE', previous.certificate.der)
    },
    view: () => view(context),
    replace: async ({ body, caller, request }) => {
      const ended = await replaceBuiltIn(context, { given: body, caller, request })
      return { ...(await view(context)), ...ended }
    },
  }
}

async function view(context: BuiltInContext): Promise<Answer<typeof builtInAuthority.view>> {
  const { builtIn, reader } = context
  const authority = await findBuiltIn(reader)
  const [server] = await readBundle(builtIn.server.pems.certificatePem)
  if (!authority || !server) throw new Problem('unavailable')
  return {
    authority: await presentOne(context, authority),
    server: {
      isGiven: builtIn.server.isGiven,
      names: server.subjectAlternativeNames,
      issuer: server.issuer,
      notBefore: server.notBefore,
      notAfter: server.notAfter,
      fingerprint: server.fingerprint,
    },
    overlap: await viewOverlap(context),
  }
}

async function viewOverlap(context: BuiltInContext) {
  const overlap = await findOverlap(context.reader)
  const previous = overlap && (await findAuthority(context.reader, overlap.previous))
  if (!previous) return null
  const [cross] = overlap.cross === null ? [] : await readBundle(overlap.cross)
  return { authority: await presentOne(context, previous), serverUntil: cross?.notAfter ?? null }
}
