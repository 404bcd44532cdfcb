/** What a listener consists of, on the screen. */

import type { ListenerProblem, StoredListener } from '@gatehouse/contract/brokers/listeners'
import { t } from '@lingui/core/macro'
import { Select, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { descriptionFirst, FieldGroup, FieldRow, machineInput } from '../../ui/field-group.tsx'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import { valueAt } from '../../ui/merge.ts'
import { WholeNumber } from '../../ui/whole-number.tsx'
import { ClientFields } from './client-fields.tsx'
import { Problems } from './listener-problems.tsx'
import type { ListenerValues } from './listener-values.ts'
import { proxyWords, purposeWords } from './listener-words.ts'
import classes from './listeners.module.css'
import { Overridden } from './overridden.tsx'
import { TlsFields } from './tls-fields.tsx'
import { UpstreamField } from './upstream-field.tsx'

export interface ListenerFieldsProps {
  form: UseFormReturnType<ListenerValues>
  problems: readonly ListenerProblem[]
  /** The one that is edited. */
  listener?: StoredListener
  isReadOnly?: boolean
}

export function ListenerFields(props: ListenerFieldsProps) {
  return (
    <>
      <PlaceFields {...props} />
      <TlsFields {...props} />
      {props.form.values.tls && <ClientFields {...props} />}
      <BetweenFields {...props} />
    </>
  )
}

function PlaceFields({ form, problems, listener, isReadOnly = false }: ListenerFieldsProps) {
  return (
    <FieldGroup title={t`Address`}>
      <FieldRow>
        <TextInput
          label={t`Name`}
          description={t`Connections and Decisions show it.`}
          data-autofocus
          readOnly={isReadOnly}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <Select
          label={t`Protocol`}
          description={t`WebSocket is for browsers, HTTP for devices behind the edge.`}
          data={Object.entries(purposeWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('purpose')}
        />
        <TextInput
          label={t`Address`}
          description={t`0.0.0.0 or :: for all addresses of this machine.`}
          readOnly={isReadOnly}
          autoComplete="off"
          spellCheck={false}
          classNames={machineInput}
          {...form.getInputProps('address')}
        />
        <WholeNumber
          label={t`Port`}
          description={t`0 for any free port.`}
          inputWrapperOrder={descriptionFirst}
          readOnly={isReadOnly}
          {...form.getInputProps('port')}
        />
      </FieldRow>
      {form.values.purpose === 'websocket' && (
        <TagsInput
          label={t`Allowed origins`}
          description={t`Web pages that may connect, such as https://plant.example. Devices send no origin and may always connect.`}
          splitChars={[',', ' ', ';']}
          readOnly={isReadOnly}
          classNames={entries}
          {...form.getInputProps('allowedOrigins')}
          error={form.errors['allowedOrigins'] ?? wrongEntry(form, 'allowedOrigins', t`not an origin`)}
        />
      )}
      {form.values.purpose === 'device-http' && <UpstreamField form={form} isReadOnly={isReadOnly} />}
      <Overridden listener={listener} fields={['address', 'port', 'open']} />
      <Problems of={problems} fields={['name', 'address', 'port']} />
    </FieldGroup>
  )
}

/** Of a list of machine-readable entries. */
const entries = {
  input: classes['list'] ?? '',
  pill: classes['machine'] ?? '',
  inputField: `${classes['machine']} ${classes['typing']}`,
}

const loadProxyHelp: LoadHelp = () => import('./help.ts').then(({ proxyHelp }) => proxyHelp)

/** Proxies in front, and the bound. */
function BetweenFields({ form, problems, isReadOnly = false }: ListenerFieldsProps) {
  return (
    <FieldGroup title={t`Proxies and limits`}>
      <FieldRow>
        <Select
          label={t`PROXY protocol`}
          description={
            <>
              {t`A load balancer sends the client’s address.`}{' '}
              <HelpLink about={t`PROXY protocol`} load={loadProxyHelp} />
            </>
          }
          data={Object.entries(proxyWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('proxyProtocol.versions')}
        />
        <WholeNumber
          label={t`Maximum connections`}
          description={t`Empty: only the limit of the broker.`}
          inputWrapperOrder={descriptionFirst}
          readOnly={isReadOnly}
          {...form.getInputProps('maxConnections')}
        />
      </FieldRow>
      {form.values.proxyProtocol.versions !== 'off' && (
        <TagsInput
          label={t`Addresses of the proxies`}
          description={t`Connections from other addresses are refused. Addresses or networks, such as 10.0.0.0/8.`}
          splitChars={[',', ' ', ';']}
          readOnly={isReadOnly}
          classNames={entries}
          {...form.getInputProps('proxyProtocol.from')}
          error={
            form.errors['proxyProtocol.from'] ??
            wrongEntry(form, 'proxyProtocol.from', t`neither an address nor a network`)
          }
        />
      )}
      <Problems of={problems} fields={['proxyProtocol', 'maxConnections']} />
    </FieldGroup>
  )
}

/** The schema names the wrong entry by its index. */
function wrongEntry(
  { errors, getValues }: UseFormReturnType<ListenerValues>,
  list: 'allowedOrigins' | 'proxyProtocol.from',
  why: string,
): string | undefined {
  const path = Object.keys(errors).find((each) => each.startsWith(`${list}.`))
  if (!path) return undefined
  const entry = valueAt(getValues(), list)
  const wrong = Array.isArray(entry) ? String(entry[Number(path.slice(list.length + 1))] ?? '') : ''
  return `“${wrong}”: ${why}`
}
