/** The nonce of this page's content security policy, for the style elements that Mantine makes. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

// Read by get-nonce, with which dialogs insert a second style element of their own.
Object.assign(globalThis, { __webpack_nonce__: nonce })
