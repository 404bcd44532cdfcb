/**
 * Uploads authorities in two steps: the server inspects the given certificates, and then the person trusts them. All are trusted
 * or none, so certificates with a problem have to be left out first.
 */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Answer } from '@gatehouse/contract/route'
import { plural, t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { Alert, Button, Textarea } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { isRefusal } from '../../api/client.ts'
import { formatNumber } from '../../messages/format.ts'
import { ChooseFiles, pastedText } from '../../ui/choose-files.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Problem } from '../../ui/problem.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { takeFocus } from '../../ui/take-focus.ts'
import { toast } from '../../ui/toast.tsx'
import { useIsOpen } from '../../ui/use-is-open.ts'
import { type Inspected, type Inspection, readFiles, readTyped, withoutBad } from '../files/given-certificates.ts'
import classes from './authorities.module.css'
import { AuthorityFields, type AuthorityValues } from './authority-fields.tsx'
import { adviceOnGiven, blockedWords, leftOutWords, trustedWords } from './authority-words.ts'
import { InspectedCertificates } from './inspected-certificates.tsx'
import { type Progress, uploadInSlices } from './upload-in-slices.ts'

const blank: AuthorityValues = { name: '', usernames: [] }

export function AuthorityUpload({ inspection }: { inspection: Inspection }) {
  const go = useNavigateTo()
  const [progress, setProgress] = useState<Progress | null>(null)
  // Who leaves trusts nothing more.
  const isOpen = useIsOpen()
  const inspected = inspection.data
  const blocked = inspected && whyBlocked(inspected)
  const upload = useRouteForm(authorities.create, {
    initialValues: blank,
    toInput: ({ name, usernames }) => ({
      body: {
        certificates: inspected?.given.text ?? '',
        usernames,
        leaveOut: inspected?.given.leaveOut ?? [],
        ...(name.trim() && { name: name.trim() }),
      },
    }),
    send: (input) => uploadInSlices(input, { report: setProgress, isWanted: isOpen }),
    onDone: (answer: Answer<typeof authorities.create>) =>
      toast({ message: trustedWords(answer, inspected?.certificates.length) }),
    onClose: () => go(withSearch({ upload: undefined })),
  })
  const fresh = inspected?.certificates.filter(({ existing, leftOut }) => !existing && !leftOut).length ?? 0
  const isRest = inspected?.certificates.some(({ leftOut }) => leftOut) ?? false
  return (
    <FormDialog
      title={t`Upload CA`}
      of={upload}
      // The form can be sent after the inspection, if no certificate blocks it.
      submit={inspected && !blocked ? trustLabel(fresh, isRest) : null}
      note={footNote()}
    >
      {(form) =>
        inspected ? (
          <>
            <ReviewStep inspection={inspection} inspected={inspected} />
            {!blocked && (
              <AuthorityFields
                form={form}
                aboutName={plural(inspected.certificates.length, {
                  one: 'Defaults to the certificate’s name.',
                  other: 'A prefix for each name. Defaults to the names of the certificates.',
                })}
              />
            )}
          </>
        ) : (
          <UploadStep inspection={inspection} />
        )
      }
    </FormDialog>
  )

  function footNote(): ReactNode {
    if (!inspected) return t`You review the certificates before trusting them.`
    return blocked ?? (progress && <UploadProgress progress={progress} hasFailed={upload.error !== null} />)
  }
}

function whyBlocked({ certificates }: Inspected): string | undefined {
  if (certificates.some(({ problems, leftOut }) => problems.length > 0 && !leftOut)) return t`Nothing was added.`
  return certificates.every(({ existing, leftOut }) => existing || leftOut)
    ? t`All certificates in it are already trusted.`
    : undefined
}

/** "Trust 3 authorities", "Trust the other 137". */
function trustLabel(fresh: number, isRest: boolean): string {
  if (isRest) return t`Trust the other ${formatNumber(fresh)}`
  return plural(fresh, { one: 'Trust # CA', other: 'Trust # CAs' })
}

const typingPauseMs = 400

/** The first step: choose files, paste text, or drop something on the page. */
function UploadStep({ inspection }: { inspection: Inspection }) {
  const [typed, setTyped] = useState('')
  const look = useDebouncedCallback((text: string) => {
    inspection.mutate(() => readTyped(text), {
      // Whatever it was that should not be here is not left standing on the screen.
      onError: (error) => (isRefusal(error, 'private_key') || isRefusal(error, 'key_store')) && setTyped(''),
    })
  }, typingPauseMs)
  return (
    <>
      <ChooseFiles
        invitation={t`Drop PEM, DER or PKCS#7 files anywhere, or`}
        isPending={inspection.isPending}
        onFiles={(files) => inspection.mutate(() => readFiles(files))}
      />
      <Problem error={inspection.error} advice={adviceOnGiven(inspection.error)} />
      <Textarea
        label={t`Or paste text`}
        placeholder="-----BEGIN CERTIFICATE-----"
        data-autofocus
        ref={takeFocus}
        rows={8}
        {...pastedText}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          if (event.currentTarget.value.trim()) look(event.currentTarget.value)
        }}
      />
    </>
  )
}

/** The second step: the inspected certificates, and a button that leaves out those with a problem. */
function ReviewStep({ inspection, inspected }: { inspection: Inspection; inspected: Inspected }) {
  const { given, certificates } = inspected
  const bad = certificates.filter(({ problems, leftOut }) => problems.length > 0 && !leftOut).length
  const leftOut = certificates.filter((each) => each.leftOut).length
  const rest = withoutBad(inspected)
  return (
    <>
      <div className={classes['given']}>
        <span ref={takeFocus} tabIndex={-1}>
          <Trans>
            <Plural value={certificates.length} one="# certificate" other="# certificates" /> in{' '}
            <strong>{given.source}</strong>
          </Trans>
        </span>
        <Button size="compact-sm" variant="subtle" onClick={() => inspection.reset()}>
          <Trans>Choose another file</Trans>
        </Button>
      </div>
      {bad > 0 && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertTriangle size={16} aria-hidden />}
          classNames={{ root: classes['blocked'] ?? '' }}
        >
          {blockedWords({ bad, all: certificates.length, isSeparable: rest !== null })}
          {rest && (
            <div>
              <Button size="xs" variant="default" mt={8} onClick={() => inspection.mutate(() => rest)}>
                {plural(bad, { one: 'Leave it out', other: 'Leave these # out' })}
              </Button>
            </div>
          )}
        </Alert>
      )}
      {leftOut > 0 && <p className={classes['leftOut']}>{leftOutWords(leftOut)}</p>}
      <InspectedCertificates certificates={certificates} />
    </>
  )
}

function UploadProgress({ progress: { done, of }, hasFailed }: { progress: Progress; hasFailed: boolean }) {
  return (
    <ProgressBar done={done} of={of}>
      <Trans>
        {formatNumber(done)} of {formatNumber(of)} are trusted.
      </Trans>
      {hasFailed && done > 0 && <> {t`CAs trusted so far are kept. Upload again to continue.`}</>}
    </ProgressBar>
  )
}
