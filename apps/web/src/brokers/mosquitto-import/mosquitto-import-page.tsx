/** Users, rights and trust from the files of a Mosquitto broker: given, previewed, then imported as a whole. */
import { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { type Given, readFiles } from './given-files.ts'
import { ImportPreview } from './import-preview.tsx'
import { ImportProgress } from './import-progress.tsx'
import { useImportId } from './import-run.ts'
import { UploadStep } from './upload-step.tsx'

export async function load(): Promise<void> {
  // Everything is read when there are files.
}

export function MosquittoImportPage() {
  const { whyNot } = useSession()
  const id = useImportId()
  const reading = useMutation({
    mutationFn: async (given: Given[]) => {
      const read = await readFiles(given)
      return { ...read, preview: await call(mosquittoImports.preview, { body: { files: read.files } }) }
    },
  })
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
        <ImportProgress id={id} onAgain={() => reading.reset()} />
      ) : reading.data ? (
        <ImportPreview {...reading.data} onGiveUp={() => reading.reset()} />
      ) : (
        <UploadStep reading={reading} whyNot={whyNot(mosquittoImports.create)} />
      )}
    </>
  )
}
