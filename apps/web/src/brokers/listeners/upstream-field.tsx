/** Which upstream a listener for HTTP serves. */

import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { upstreamsQuery } from '../upstreams/search.ts'
import type { ListenerValues } from './listener-values.ts'

interface UpstreamFieldProps {
  form: UseFormReturnType<ListenerValues>
  isReadOnly: boolean
}

export function UpstreamField({ form, isReadOnly }: UpstreamFieldProps) {
  const { can } = useSession()
  const { data } = useQuery({ ...upstreamsQuery, enabled: can(upstreams.list) })
  return (
    <Select
      label={t`Upstream`}
      description={t`It gets every request under the same path. Without one, the first part of the path names the upstream.`}
      placeholder={t`Named by the path`}
      clearable
      data={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      readOnly={isReadOnly}
      {...form.getInputProps('upstream')}
    />
  )
}
