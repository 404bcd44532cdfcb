/** Texts to be copied, by where they are used; the names of the cluster are remembered. */
import { t } from '@lingui/core/macro'
import { Tabs, TextInput } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { CopyButton } from '../../ui/copy-button.tsx'
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
            <Text key={snippet.label} snippet={snippet} />
          ))}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

function Text({ snippet: { label, text } }: { snippet: Snippet }) {
  return (
    <div>
      <div className={classes['head']}>
        <span>{label}</span>
        <CopyButton value={text} label={t`Copy: ${label}`} />
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
