import { pageSays } from './page-says.ts'

/** The nonce of this page's content security policy, for the style elements that Mantine makes. */
export const nonce = pageSays('csp-nonce') ?? ''

// Read by get-nonce, with which dialogs insert a second style element of their own.
Object.assign(globalThis, { __webpack_nonce__: nonce })
