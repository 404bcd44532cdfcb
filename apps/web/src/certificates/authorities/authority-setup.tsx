/** An authority for another broker or for a cluster, with those above it: a Mosquitto wants the chain up to its root. */

import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { fileNameFrom } from '../../ui/download.ts'
import { authoritySnippets } from '../client-setup/client-configs.ts'
import { Snippets } from '../client-setup/snippets.tsx'

type Subject = Pick<Authority, 'fingerprint' | 'name'>

export function AuthoritySetup({ authority, onClose }: { authority: Subject; onClose: () => void }) {
  const { data } = useSuspenseQuery(chainQuery(authority))
  return (
    <Dialog
      title={t`Client setup`}
      subtitle={authority.name}
      width="wide"
      onClose={onClose}
      footer={
        <DialogFoot
          note={
            data.unknownIssuer === null
              ? t`A system with this file trusts the certificates that this CA signs.`
              : t`Mosquitto also needs ${data.unknownIssuer}, which signed this CA and is not stored here.`
          }
        >
          <Button onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <Snippets of={(cluster) => authoritySnippets({ chain: data.chain, cluster })} />
      </DialogBody>
    </Dialog>
  )
}

/** Itself, then who signed it, and so on up. */
function chainQuery({ fingerprint }: Subject) {
  return queryOptions({
    queryKey: [t`this CA and its issuers`, fingerprint],
    queryFn: async () => {
      const { nodes, unknownIssuer } = await call(authorities.chain, { params: { fingerprint } })
      const upwards = nodes.filter(({ level }) => level <= 0).toReversed()
      const chain = await Promise.all(
        upwards.map(async (node) => ({
          // Two may have one name.
          stem: fileNameFrom(node.name, node.fingerprint.slice(0, 8)),
          pem: await call(authorities.download, { params: { fingerprint: node.fingerprint } }),
        })),
      )
      return { chain, unknownIssuer }
    },
    staleTime: 0,
  })
}
