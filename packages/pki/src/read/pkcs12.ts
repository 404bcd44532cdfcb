// Rule: a key leaves the page only under a password, in a form that today's tools open and yesterday's weak ciphers have no part in.
// Runs in the browser, where the key is made; WebCrypto only.
import { BmpString, OctetString } from 'asn1js'
import {
  Attribute,
  AuthenticatedSafe,
  CertBag,
  Certificate,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs'

/** What goes into one file; all DER. */
export interface Pkcs12Contents {
  /** PKCS#8. */
  privateKey: Uint8Array<ArrayBuffer>
  /** That of the key first, then those that belong to it. */
  certificates: readonly Uint8Array<ArrayBuffer>[]
  /** Printable ASCII: other characters are turned into bytes in two ways within the format (RFC 7292 §B.1), and tools disagree. */
  password: string
  /** What key stores show. */
  friendlyName: string
}

/** As many as a browser does in about a second; also for the MAC, or it would be the cheaper one to guess by. */
const iterations = 100_000
// The type wants an `iv`; pkijs draws one for each.
const encryption = { name: 'AES-CBC', length: 256, iv: new Uint8Array(16) } as const
const hash = 'SHA-256'

const oids = {
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
}

/** A PKCS#12 file (RFC 7292): PBES2 with AES-256, HMAC with SHA-256. Throws `RangeError` for a password that is not printable ASCII. */
export async function makePkcs12(contents: Pkcs12Contents): Promise<Uint8Array<ArrayBuffer>> {
  if (!/^[\x20-\x7e]+$/.test(contents.password)) throw new RangeError('The password must be printable ASCII.')
  const password = new TextEncoder().encode(contents.password).buffer
  const attributes = await makeAttributes(contents)
  const keyBag = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(contents.privateKey) })
  await keyBag.makeInternalValues({
    password,
    contentEncryptionAlgorithm: encryption,
    hmacHashAlgorithm: hash,
    iterationCount: iterations,
  })
  const key = [new SafeBag({ bagId: oids.keyBag, bagValue: keyBag, bagAttributes: attributes })]
  const certificates = contents.certificates.map((der, at) => toCertificateBag(der, at === 0 ? attributes : []))
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 0, value: new SafeContents({ safeBags: key }) },
        { privacyMode: 1, value: new SafeContents({ safeBags: certificates }) },
      ],
    },
  })
  await safe.makeInternalValues({
    safeContents: [
      {},
      { password, contentEncryptionAlgorithm: encryption, hmacHashAlgorithm: hash, iterationCount: iterations },
    ],
  })
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } })
  await pfx.makeInternalValues({ password, iterations, pbkdf2HashAlgorithm: hash, hmacHashAlgorithm: hash })
  return new Uint8Array(pfx.toSchema().toBER())
}

function toCertificateBag(der: Uint8Array<ArrayBuffer>, bagAttributes: Attribute[]): SafeBag {
  const bagValue = new CertBag({ parsedValue: Certificate.fromBER(der) })
  return new SafeBag({ bagId: oids.certificateBag, bagValue, ...(bagAttributes.length > 0 && { bagAttributes }) })
}

/** The same on a key and on its certificate: by this a reader knows that they belong together. */
async function makeAttributes({ certificates: [own], friendlyName }: Pkcs12Contents): Promise<Attribute[]> {
  if (!own) throw new RangeError('A key without a certificate.')
  const id = await crypto.subtle.digest('SHA-256', own)
  return [
    new Attribute({ type: oids.friendlyName, values: [new BmpString({ value: friendlyName })] }),
    new Attribute({ type: oids.localKeyId, values: [new OctetString({ valueHex: id })] }),
  ]
}
