/**
 * The colour scheme that the reader chose, in `localStorage` as Mantine keeps it, and in a cookie: the server writes it into the page
 * (`apps/bff/src/platform/http/color-scheme.ts`), so that the first paint has it.
 */
import { localStorageColorSchemeManager, type MantineColorScheme } from '@mantine/core'

const cookieName = 'gatehouse-color-scheme'
const cookieMaxAgeS = 34_560_000 // 400 days, the longest that browsers keep a cookie

const inStorage = localStorageColorSchemeManager()

export const colorSchemeManager = {
  ...inStorage,
  set(chosen: MantineColorScheme): void {
    inStorage.set(chosen)
    // oxlint-disable-next-line unicorn/no-document-cookie -- the Cookie Store API is not in every supported browser
    document.cookie = `${cookieName}=${chosen}; Path=/; Max-Age=${cookieMaxAgeS}; SameSite=Lax`
  },
}
