/** The text of a `crlfile`: all CRLs, one after the other. */
import { toPemInSlices } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { type RevocationList, readRevocationList } from '@gatehouse/pki/read/revocation-list'

const maxCrlBytes = 10 * 1024 * 1024

/**
 * Reads each CRL and writes it again from its bytes, under the label that OpenSSL reads: after a SIGHUP with a file that it cannot
 * read Mosquitto does not check revocations at all. Rejects with `PkiError`.
 */
export async function writeCrlText(crls: readonly string[]): Promise<string> {
  let text = ''
  for (const pem of crls) {
    const { der } = await readRevocationList(pem, maxCrlBytes)
    text += await toPemInSlices('X509 CRL', der)
  }
  return text
}

/** True if a CRL of the new text revokes other certificates than that of the same issuer in the old text. A renewal does not. */
export async function revokesOthers(before: string, after: string): Promise<boolean> {
  const known = new Map((await readAll(before)).map((list) => [list.issuerName, list]))
  return (await readAll(after)).some((list) => {
    const old = known.get(list.issuerName)
    return old !== undefined && Buffer.compare(old.fields.entries, list.fields.entries) !== 0
  })
}

async function readAll(text: string): Promise<RevocationList[]> {
  const lists: RevocationList[] = []
  for (const block of text.match(/-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g) ?? []) {
    try {
      lists.push(await readRevocationList(block, maxCrlBytes))
    } catch (error) {
      // Not readable for Mosquitto either.
      if (!(error instanceof PkiError)) throw error
    }
  }
  return lists
}
