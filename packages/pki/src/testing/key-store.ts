// Java key stores for tests, in the format of keytool. The apps must not import it.

function numberOf(value: number): Buffer {
  return Buffer.from(value.toString(16).padStart(8, '0'), 'hex')
}

/** Writes a store in the format of keytool. Entries: 1 is a private key, 2 a certificate, 3 a secret key. */
export function javaStore(certificate: Uint8Array, entries: readonly number[], magic = 'feedfeed'): Buffer {
  const words = (text: string) => Buffer.concat([numberOf(text.length).subarray(2), Buffer.from(text)])
  const trusted = Buffer.concat([words('X.509'), numberOf(certificate.length), certificate])
  const secret = Buffer.concat([numberOf(3), Buffer.from('key')])
  const parts = entries.map((tag) =>
    Buffer.concat([numberOf(tag), words('alias'), Buffer.alloc(8), tag === 2 ? trusted : secret]),
  )
  return Buffer.concat([Buffer.from(magic, 'hex'), numberOf(2), numberOf(entries.length), ...parts, Buffer.alloc(20)])
}
