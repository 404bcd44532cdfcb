/** The list as a file, filters and all: a link, so that the browser downloads the file itself and can cancel it. */

import { addressOf } from '@gatehouse/contract/client'
import { audit } from '@gatehouse/contract/operations/audit'
import type { ExportFormat, Search } from '@gatehouse/contract/route'
import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'

const formats: Record<ExportFormat, string> = { csv: 'CSV, for a spreadsheet', jsonl: 'JSON, one entry on each line' }

export function AuditDownload({ filters }: { filters: Search<typeof audit.list> }) {
  return (
    <Menu position="bottom-end" width={248}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {audit.list.exports.map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={addressOf(audit.list, { search: { ...filters, format } })}
            download
          >
            {formats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
