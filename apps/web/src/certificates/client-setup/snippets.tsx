/** Texts to be copied, by where they are used; the names of the cluster are remembered. */
import { t } from '@lingui/core/macro'
import { ActionIcon, Tabs, TextInput } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconDownload } from '@tabler/icons-react'
import { CopyButton } from '../../ui/copy-button.tsx'
import { saveText } from '../../ui/download.ts'
import { Hint } from '../../ui/hint.tsx'
import type { Cluster, Snippets as Given, Snippet } from './client-configs.ts'
import classes from './snippets.module.css'

const places = [
  { value: 'mosquitto', label: t`Mosquitto` },
  { value: 'kubernetes', label: t`Kubernetes` },
  { value: 'helm', label: t`Helm` },
] as const

const usual: Cluster = { namespace: 'default', release: 'connectware-agent' }

export function Snippets({ of }: { of: (cluster: Cluster) => Given }) {
  const [cluster, setCluster] = useLocalStorage({ key: 'gatehouse-cluster', defaultValue: usual })
  const snippets = of(cluster)
  return (
    <Tabs defaultValue="mosquitto" keepMounted={false}>
      <Tabs.List>
        {places.map(({ value, label }) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {places.map(({ value }) => (
        <Tabs.Panel key={value} value={value} className={classes['panel'] ?? ''}>
          {value !== 'mosquitto' && (
            <div className={classes['names']}>
              <TextInput
                label={t`Namespace`}
                value={cluster.namespace}
                onChange={(event) => setCluster({ ...cluster, namespace: event.currentTarget.value })}
              />
              <TextInput
                label={t`Chart release`}
                value={cluster.release}
                onChange={(event) => setCluster({ ...cluster, release: event.currentTarget.value })}
              />
            </div>
          )}
          {snippets[value].map((snippet) => (
            <SnippetText key={snippet.label} snippet={snippet} />
          ))}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

/** `fileName`: it can be saved too. */
export function SnippetText({ snippet: { label, text }, fileName }: { snippet: Snippet; fileName?: string }) {
  return (
    <div>
      <div className={classes['head']}>
        <span>{label}</span>
        <span className={classes['actions']}>
          {fileName !== undefined && (
            <Hint label={t`Save as ${fileName}`}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t`Save: ${label}`}
                onClick={() => saveText(text, fileName)}
              >
                <IconDownload size={14} aria-hidden />
              </ActionIcon>
            </Hint>
          )}
          <CopyButton value={text} label={t`Copy: ${label}`} />
        </span>
      </div>
      <section
        className={classes['text']}
        aria-label={label}
        data-lines={text.trim().includes('\n') || undefined}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard has to reach what scrolls
        tabIndex={0}
      >
        {text}
      </section>
    </div>
  )
}
