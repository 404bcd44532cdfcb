/** What happened over time, where a line says more than a number. */

import type { Activity, ActivityRange } from '@gatehouse/contract/operations/overview'
import { t } from '@lingui/core/macro'
import { SegmentedControl } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { Chart, type Series } from './chart.tsx'
import classes from './overview.module.css'
import { activityQuery } from './search.ts'

const ranges: readonly { value: ActivityRange; label: string }[] = [
  { value: 'day', label: t`24 hours` },
  { value: 'week', label: t`7 days` },
  { value: 'month', label: t`30 days` },
]

export function ActivityCharts({ range }: { range: ActivityRange }) {
  const { data } = useSuspenseQuery(activityQuery({ range }))
  const go = useNavigateTo()
  // Drawn anew only for other counts.
  const charts = useMemo(() => chartsOf(data), [data])
  const steps = { fromMs: Date.parse(data.from), stepMs: data.stepSeconds * 1_000 }
  return (
    <Section
      title={t`Over time`}
      actions={
        <SegmentedControl
          className={classes['range']}
          size="xs"
          aria-label={t`Time range`}
          data={[...ranges]}
          value={range}
          onChange={(value) => go(withSearch({ range: value === 'day' ? undefined : value }), { replace: true })}
        />
      }
    >
      <div className={classes['charts']}>
        {charts.map(({ title, series }) => (
          <Chart key={title} title={title} series={series} {...steps} />
        ))}
      </div>
    </Section>
  )
}

interface Titled {
  title: string
  series: Series[]
}

function chartsOf({ broker, connections, console: doors }: Activity): Titled[] {
  const charts: (Titled | null)[] = [
    connections && {
      title: t`Live connections`,
      series: [{ label: t`Maximum`, tone: 'plain', counts: connections, inAll: 'most' }],
    },
    broker && { title: t`MQTT sign-ins`, series: admittedAndRefused(broker) },
    doors && { title: t`Console sign-ins`, series: admittedAndRefused(doors) },
  ]
  return charts.filter((chart) => chart !== null)
}

function admittedAndRefused({ admitted, refused }: NonNullable<Activity['broker']>): Series[] {
  return [
    { label: t`Admitted`, tone: 'plain', counts: admitted, inAll: 'sum' },
    { label: t`Refused`, tone: 'refused', counts: refused, inAll: 'sum' },
  ]
}
