/** The pair within the values of the chart connectware-agent, for who keeps no secret in the cluster. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { callQuietly } from '../../api/client.ts'
import { fileNameFrom, saveText } from '../../ui/download.ts'
import { Problem } from '../../ui/problem.tsx'
import { endpointOf } from '../client-setup/certificate-commands.ts'
import { helmValues } from '../client-setup/helm-values.ts'
import classes from './just-issued.module.css'
import type { PairProps } from './pkcs12-file.tsx'

export function HelmValuesFile({ username, certificate, privateKey }: PairProps) {
  const making = useMutation({
    mutationFn: async () => {
      const [{ armour }, caChain, live] = await Promise.all([
        import('@gatehouse/pki/make/client-request'),
        callQuietly(authorities.builtIn, {}),
        // Who may not see the listeners gets the name of this page.
        callQuietly(broker.view, {}).catch(() => undefined),
      ])
      const { host } = endpointOf(live, location.hostname)
      const keyPair = { certificate, key: armour('PRIVATE KEY', privateKey) }
      const values = helmValues({ username, host, caChain, keyPair })
      saveText(values, fileNameFrom(`${username}-values`, 'yaml'))
    },
    gcTime: 0,
  })
  return (
    <section className={classes['way']} aria-label={t`As Helm values`}>
      <h3>
        <Trans>As Helm values</Trans>
      </h3>
      <div className={classes['note']}>
        <Trans>
          For the chart connectware-agent. Contains the private key; don’t commit it. Prefer a Kubernetes secret, see
          Client setup.
        </Trans>
      </div>
      <Problem error={making.error} />
      <div className={classes['buttons']}>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={making.isPending}
          onClick={() => making.mutate()}
        >
          <Trans>Helm values</Trans>
        </Button>
      </div>
    </section>
  )
}
