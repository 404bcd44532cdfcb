/** The secrets, values and commands for a Mosquitto in Kubernetes, and a note of what was applied. */

import {
  type GeneratedHandOver,
  HandOverSettings,
  type HandOverTarget,
  kubernetes,
} from '@gatehouse/contract/brokers/kubernetes'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Alert, Button, Tabs } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { SnippetText } from '../../certificates/client-setup/snippets.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { toast } from '../../ui/toast.tsx'
import classes from './hand-over.module.css'
import { HandOverFields } from './hand-over-fields.tsx'
import { behindWords, lackWords, leftOutWords, textLabels, textTabs, warningWords } from './hand-over-words.ts'

const loadHelp: LoadHelp = () => import('./help.ts').then(({ handOverHelp }) => handOverHelp)

export function HandOverDialog({ question: target, settle }: ModalProps<HandOverTarget, void>) {
  const [edited, setEdited] = useState<HandOverSettings | null>(null)
  const [settings] = useDebouncedValue(edited, 300)
  const { data, error, isPlaceholderData } = useQuery({
    ...queryFor(kubernetes.generate, { body: { target, ...(settings && { settings }) } }),
    enabled: settings === null || HandOverSettings.safeParse(settings).success,
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  })
  return (
    <Dialog
      title={t`Kubernetes`}
      {...(data && { subtitle: data.name })}
      width="wide"
      onClose={() => settle()}
      footer={
        <DialogFoot note={data && <State of={data} />}>
          <Button variant="default" onClick={() => settle()}>
            <Trans>Close</Trans>
          </Button>
          {data && <Applied of={data} isReady={edited === settings && !isPlaceholderData && !error} />}
        </DialogFoot>
      }
    >
      <DialogBody>
        <Problem error={error} />
        {data && (
          <>
            <p className={classes['lead']}>
              <Trans>
                For the Helm charts of Cedalo. No private key is part of these texts: the commands read it from a file.
              </Trans>{' '}
              <HelpLink about={t`Kubernetes`} load={loadHelp} />
            </p>
            <HandOverFields settings={edited ?? data.settings} onChange={setEdited} />
            <Remarks of={data} />
            <Texts of={data} />
          </>
        )}
      </DialogBody>
    </Dialog>
  )
}

function State({ of: { state } }: { of: GeneratedHandOver }) {
  if (!state) return <Trans>Nothing was marked as applied yet.</Trans>
  return (
    <span>
      <Trans>
        Applied <RelativeTime at={state.appliedAt} />, {behindWords(state)}.
      </Trans>{' '}
      {lackWords(state)}
    </span>
  )
}

/** Only a person knows whether the commands ran in the cluster. */
function Applied({
  of: { target, name, settings, contentHash },
  isReady,
}: {
  of: GeneratedHandOver
  isReady: boolean
}) {
  const { whyNot } = useSession()
  const record = useChange(kubernetes.record)
  return (
    <>
      <Problem error={record.error} />
      <GuardedButton
        loading={record.isPending}
        disabled={!isReady}
        whyNot={whyNot(kubernetes.record)}
        onClick={() =>
          record.mutate(
            { body: { target, settings, contentHash } },
            { onSuccess: () => toast({ message: t`Noted: the secrets of ${name} are applied.` }) },
          )
        }
      >
        <Trans>Mark as applied</Trans>
      </GuardedButton>
    </>
  )
}

function Remarks({ of: { warnings, authorities, leftOut } }: { of: GeneratedHandOver }) {
  return (
    <>
      {warnings.map((warning) => (
        <Alert key={warning} color="yellow">
          {warningWords[warning]}
        </Alert>
      ))}
      <p className={classes['lead']}>
        {plural(authorities.length, { one: '# CA is in the secret.', other: '# CAs are in the secret.' })}{' '}
        <Trans>Revoked certificates stay accepted there: the charts have no CRL.</Trans>
      </p>
      {leftOut.length > 0 && (
        <ul className={classes['leftOut']} aria-label={t`CAs that are left out`}>
          {leftOut.map(({ fingerprint, name, reason }) => (
            <li key={fingerprint}>
              <Trans>
                <b>{name}</b> is left out: {leftOutWords[reason]}.
              </Trans>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Texts({ of: { texts, state } }: { of: GeneratedHandOver }) {
  if (texts.length === 0) return null
  return (
    <Tabs defaultValue={state ? 'rotate' : 'first'} keepMounted={false}>
      <Tabs.List>
        {textTabs.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {textTabs.map(({ value, kinds }) => (
        <Tabs.Panel key={value} value={value} className={classes['texts'] ?? ''}>
          {kinds.flatMap((kind) =>
            texts
              .filter((each) => each.kind === kind)
              .map(({ text, fileName }) => (
                <SnippetText key={kind} snippet={{ label: textLabels[kind], text }} fileName={fileName} />
              )),
          )}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
