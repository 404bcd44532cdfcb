/** A payload as text, JSON or hex dump. It begins with the form that says most. */

import type { Payload } from '@gatehouse/contract/brokers/payload'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import { formatBytes } from '../../messages/format.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { asHex, asJson, asText, toBytes } from './payload-forms.ts'
import classes from './payload-view.module.css'

const forms = ['json', 'text', 'hex'] as const
type Form = (typeof forms)[number]

const labels: Record<Form, string> = { json: t`JSON`, text: t`Text`, hex: t`Hex` }

export function PayloadView({ payload }: { payload: Payload }) {
  const { base64, bytes } = payload
  const readable = useMemo(() => readAll(base64, bytes), [base64, bytes])
  const [chosen, setChosen] = useState<Form>()
  // A newer payload may not be readable in the form that was chosen.
  const wanted = chosen !== undefined && readable[chosen] !== null ? chosen : undefined
  const form = wanted ?? forms.find((each) => readable[each] !== null) ?? 'hex'
  const shown = readable[form] ?? ''
  if (bytes === 0) {
    return (
      <p className={classes['note']}>
        <Trans>The payload is empty.</Trans>
      </p>
    )
  }
  return (
    <section aria-label={t`Payload`}>
      <div className={classes['bar']}>
        <SegmentedControl
          className={classes['forms']}
          size="xs"
          aria-label={t`Show the payload as`}
          data={forms.map((value) => ({ value, label: labels[value], disabled: readable[value] === null }))}
          value={form}
          onChange={setChosen}
        />
        <span className={classes['note']}>{formatBytes(bytes)}</span>
        <CopyButton value={shown} label={t`Copy payload`} />
      </div>
      {/* Reached with the keyboard, because it scrolls. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes['payload']} data-form={form} tabIndex={0}>
        {shown}
      </pre>
      {toBytes(base64).length < bytes && (
        <p className={classes['note']}>
          <Trans>Only the beginning is shown.</Trans>
        </p>
      )}
    </section>
  )
}

function readAll(base64: string, bytes: number): Record<Form, string | null> {
  const known = toBytes(base64)
  const isCut = known.length < bytes
  const text = asText(known, isCut)
  return { json: text === null || isCut ? null : asJson(text), text, hex: asHex(known) }
}
