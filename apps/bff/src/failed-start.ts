import { BadSettings } from './platform/base/bad-settings.ts'

/** What the program prints when it cannot start: one line, or one for each bad setting; a stack only for a fault of its own. */
export function explainFailedStart(error: unknown): string {
  if (error instanceof BadSettings) return error.lines.join('\n')
  if (!(error instanceof Error)) return String(error)
  // A port, address or folder is not available. The message names it, and a stack adds nothing. The text is checked
  // too, because the broker's thread passes on only the message.
  const isRefused = 'syscall' in error || /^(listen|getaddrinfo) E[A-Z]+/.test(error.message)
  if (!isRefused) return error.stack ?? error.message
  return error.message.includes('EADDRINUSE') ? `${error.message}: another program uses this port` : error.message
}
