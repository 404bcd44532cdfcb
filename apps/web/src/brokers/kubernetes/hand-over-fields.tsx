/** The names in the cluster, and the rules of the listener there. */
import { HandOverSettings } from '@gatehouse/contract/brokers/kubernetes'
import { t } from '@lingui/core/macro'
import { Select, Switch, TextInput } from '@mantine/core'
import classes from './hand-over.module.css'
import { platformWords, topologyWords } from './hand-over-words.ts'

interface HandOverFieldsProps {
  settings: HandOverSettings
  onChange: (settings: HandOverSettings) => void
}

export function HandOverFields({ settings, onChange }: HandOverFieldsProps) {
  const wrong = HandOverSettings.safeParse(settings).error?.issues.map(({ path: [field] }) => field) ?? []
  const text = (field: 'namespace' | 'release' | 'serverSecret' | 'clientCaSecret', label: string) => (
    <TextInput
      label={label}
      value={settings[field]}
      autoComplete="off"
      error={wrong.includes(field) && t`Lower-case letters, digits and hyphens, as Kubernetes names things.`}
      onChange={(event) => onChange({ ...settings, [field]: event.currentTarget.value })}
    />
  )
  return (
    <div className={classes['fields']}>
      <Select
        label={t`Platform`}
        data={toOptions(platformWords)}
        value={settings.platform}
        allowDeselect={false}
        onChange={(platform) => platform && onChange({ ...settings, platform })}
      />
      <Select
        label={t`Broker nodes`}
        data={toOptions(topologyWords)}
        value={settings.topology}
        allowDeselect={false}
        onChange={(topology) => topology && onChange({ ...settings, topology })}
      />
      {text('namespace', t`Namespace`)}
      {text('release', t`Helm release`)}
      {text('clientCaSecret', t`Secret of the client CAs`)}
      {text('serverSecret', t`Secret of the server certificate`)}
      <Switch
        label={t`Certificate required`}
        checked={settings.requireCertificate}
        onChange={(event) => onChange({ ...settings, requireCertificate: event.currentTarget.checked })}
      />
      <Switch
        label={t`Common Name is the username`}
        checked={settings.useIdentityAsUsername}
        onChange={(event) => onChange({ ...settings, useIdentityAsUsername: event.currentTarget.checked })}
      />
    </div>
  )
}

function toOptions<K extends string>(words: Record<K, string>): { value: K; label: string }[] {
  return (Object.entries(words) as [K, string][]).map(([value, label]) => ({ value, label }))
}
