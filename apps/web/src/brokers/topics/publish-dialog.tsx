/** Publishes a message from the browser. */

import { isTopic } from '@gatehouse/contract/access/topic'
import { topics } from '@gatehouse/contract/brokers/topics'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Checkbox, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { type SyntheticEvent, useState } from 'react'
import { useChange } from '../../api/queries.ts'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { describeField } from '../../ui/field-words.ts'
import { Problem } from '../../ui/problem.tsx'
import { toast } from '../../ui/toast.tsx'
import payloadClasses from '../payload/payload-view.module.css'
import { hexToBase64 } from './hex.ts'

const qualities = ['0', '1', '2'] as const

export function PublishDialog({ topic: given, onClose }: { topic: string; onClose: () => void }) {
  const [topic, setTopic] = useState(given)
  const [payload, setPayload] = useState('')
  const [form, setForm] = useState<'text' | 'hex'>('text')
  const [qos, setQos] = useState<(typeof qualities)[number]>('0')
  const [retain, setRetain] = useState(false)
  const { mutateAsync, error, isPending } = useChange(topics.publish)
  const base64 = form === 'hex' ? hexToBase64(payload) : ''
  const topicError = topic === '' || isTopic(topic) ? undefined : describeField('topic')
  const payloadError = base64 === null ? t`Two hexadecimal digits for each byte.` : undefined

  async function publish(event: SyntheticEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    if (base64 === null) return
    const content = form === 'hex' ? { payload: base64, encoding: 'base64' as const } : { payload }
    try {
      const answer = await mutateAsync({ body: { topic, ...content, qos: Number(qos) as 0 | 1 | 2, retain } })
      const { topic: published, hasSubscribers } = answer
      if (retain && payload !== '' && !answer.retained)
        toast({ message: t`Published to ${published}, but not retained: there is no room.` })
      else if (hasSubscribers) toast({ message: t`Published to ${published}.` })
      else toast({ message: t`Published to ${published}. No client subscribes to it now.` })
      onClose()
    } catch {
      // Shown by `error`.
    }
  }

  return (
    <Dialog
      title={t`Publish a message`}
      width="wide"
      onClose={onClose}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            type="submit"
            form="publish"
            loading={isPending}
            disabled={topic === '' || topicError !== undefined || base64 === null}
          >
            <Trans>Publish</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <Problem error={error} />
        <form id="publish" onSubmit={(event) => void publish(event)}>
          <TextInput
            label={t`Topic`}
            description={t`If you have a publish prefix, it is put before the topic.`}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={topic}
            error={topicError}
            onChange={(event) => setTopic(event.currentTarget.value)}
          />
          <Textarea
            mt={16}
            label={t`Payload`}
            autosize
            minRows={4}
            maxRows={12}
            spellCheck={false}
            value={payload}
            error={payloadError}
            onChange={(event) => setPayload(event.currentTarget.value)}
          />
          <SegmentedControl
            className={payloadClasses['forms']}
            mt={8}
            size="xs"
            aria-label={t`Payload format`}
            data={[
              { value: 'text', label: t`Text` },
              { value: 'hex', label: t`Hex` },
            ]}
            value={form}
            onChange={setForm}
          />
          <div>
            <SegmentedControl
              className={payloadClasses['forms']}
              mt={16}
              size="xs"
              aria-label={t`QoS`}
              data={qualities.map((value) => ({ value, label: t`QoS ${value}` }))}
              value={qos}
              onChange={setQos}
            />
          </div>
          <Checkbox
            mt={16}
            label={t`Retain`}
            description={t`The broker keeps the message for new subscribers.`}
            checked={retain}
            onChange={(event) => setRetain(event.currentTarget.checked)}
          />
        </form>
      </DialogBody>
    </Dialog>
  )
}
