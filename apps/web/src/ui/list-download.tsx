/** The list as a file, with its filters: a link, so that the browser downloads the file itself and can cancel it. */

import type { ExportFormat } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'

const labels: Record<ExportFormat, string> = { csv: t`CSV, for a spreadsheet`, jsonl: t`JSON, one entry per line` }

interface ListDownloadProps {
  formats: readonly ExportFormat[]
  addressOf: (format: ExportFormat) => string
}

export function ListDownload({ formats, addressOf }: ListDownloadProps) {
  return (
    <Menu position="bottom-end" width={248}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          <Trans>Download</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} component="a" href={addressOf(format)} download>
            {labels[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
