/** Users, rights and trust from the files of a Mosquitto broker: given, previewed, then imported as a whole. */
import { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { type Given, readFiles } from './given-files.ts'
import { ImportPreview, type Previewed } from './import-preview.tsx'
import { ImportProgress } from './import-progress.tsx'
import { type ImportChoice, useImportId } from './import-run.ts'
import { UploadStep } from './upload-step.tsx'

export async function load(): Promise<void> {
  // Everything is read when there are files.
}

export function MosquittoImportPage() {
  const { whyNot } = useSession()
  const id = useImportId()
  const [previewed, setPreviewed] = useState<Previewed | null>(null)
  const previewing = useMutation({
    mutationFn: async ({ keys, files, underDeny }: ImportChoice & { keys: string[] }): Promise<Previewed> => {
      const body = { files, underDeny }
      return { ...body, keys, preview: await call(mosquittoImports.preview, { body }) }
    },
    onSuccess: setPreviewed,
  })
  const reading = useMutation({
    mutationFn: async (given: Given[]) =>
      previewing.mutateAsync({ ...(await readFiles(given)), underDeny: 'withhold' }),
  })
  const giveUp = () => setPreviewed(null)
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ mosquittoImportHelp }) => mosquittoImportHelp)}
        title={t`Import from Mosquitto`}
        above={
          <Link to="/users/import">
            <Trans>Import users</Trans>
          </Link>
        }
        description={t`From the files of a Mosquitto broker. You see what is in them before anything is imported.`}
      />
      {id !== null ? (
        <ImportProgress id={id} onAgain={giveUp} />
      ) : previewed ? (
        <ImportPreview
          {...previewed}
          isPending={previewing.isPending}
          error={previewing.error}
          onChoose={(underDeny) => previewing.mutate({ ...previewed, underDeny })}
          onGiveUp={giveUp}
        />
      ) : (
        <UploadStep reading={reading} whyNot={whyNot(mosquittoImports.create)} />
      )}
    </>
  )
}
