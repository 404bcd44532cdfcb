/**
 * The page that follows a sign-in at a provider. A redirect would not do: the browser regards it as part of the navigation from the
 * other site, and would not send the `SameSite=Strict` cookie that this answer sets. The page starts a navigation of our own.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'

/** `refusal`: for the console, in the fragment, which is in no log. */
export function continuePage(to: string, refusal: ErrorCode | null): string {
  const target = escapeHtml(refusal === null ? to : `${to}#sso=${refusal}`)
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Gatehouse</title><meta http-equiv="refresh" content="0;url=${target}"></head>
<body><a href="${target}">Gatehouse</a></body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
