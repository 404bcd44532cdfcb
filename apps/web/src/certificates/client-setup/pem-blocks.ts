/** Only the PEM blocks: the text around them is untrusted. */
export function onlyPem(text: string): string {
  const blocks = text.match(/-----BEGIN [A-Z0-9 ]+-----[A-Za-z0-9+/=\s]*-----END [A-Z0-9 ]+-----/g) ?? []
  return blocks.map((each) => each.replace(/\s*\n\s*/g, '\n')).join('\n')
}
