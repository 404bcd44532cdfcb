/** Passwords that directories check. `identity/directory` implements it. */
import type { ProviderAccount } from '../providers/connector.ts'

export type DirectoryAnswer =
  | { outcome: 'right'; account: ProviderAccount }
  | { outcome: 'wrong' }
  /** A directory that may know the person does not answer. `isRefused`: another one refused the password. */
  | { outcome: 'unavailable'; isRefused: boolean }
  /** No directory is concerned. */
  | { outcome: 'not-asked' }

export interface DirectoryQuestion {
  username: string
  password: string
  /** Where the user of this name comes from; null for an unknown name. Directories are never asked about local users. */
  origin: string | null
  /** An MQTT client may use the password only where the directory's settings say so, and makes no user. */
  use: 'console' | 'mqtt'
}

export interface DirectoryPasswords {
  ask(question: DirectoryQuestion): Promise<DirectoryAnswer>
  /** How to refuse without telling local users from users of a directory and from unknown ones. */
  refusal(use: DirectoryQuestion['use']): Promise<RefusalManner>
}

export interface RefusalManner {
  /** How long a refusal takes at least. 0 where no directory is asked for this use. */
  lastsMs: number
  /** Did an enabled directory not answer when it was asked, not long ago? Its users get `directory_unavailable` then. */
  isAnyDown: boolean
}
