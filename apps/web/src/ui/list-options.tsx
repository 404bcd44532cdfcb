/** The button beside the filters of a list for its columns, its density and saved filters. A list that is no table has the last only. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Popover } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import type { Column } from './column.ts'
import type { ListView } from './list-view.ts'

/** Loaded when it is opened. */
const Panel = lazy(() => import('./list-options-panel.tsx').then(({ ListOptionsPanel: panel }) => ({ default: panel })))

export interface ListOptionsProps {
  view: ListView
  /** Of a table. The first one is always shown. */
  columns?: readonly Pick<Column<never>, 'id' | 'header'>[] | undefined
}

export function ListOptions(props: ListOptionsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={288} trapFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
        >
          <Trans>View</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`View`}>
        <Suspense>
          <Panel {...props} onDone={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
