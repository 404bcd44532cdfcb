/** The texts about upstreams. */

import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'

export const kindWords: Record<Upstream['kind'], string> = {
  generic: t`Any HTTP server`,
  mender: t`Mender server`,
}

export const authenticationWords: Record<Upstream['authentication'], string> = {
  none: t`None`,
  basic: t`Username and password`,
  bearer: t`Token`,
}
