// Rule: a private key leaves the page only encrypted with a password, in a format that current tools open and without
// outdated ciphers. Runs in the browser, where the key is made; WebCrypto only.
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

/** The contents of one file; all DER. */
export interface Pkcs12Contents {
  /** PKCS#8. */
  privateKey: Uint8Array<ArrayBuffer>
  /** The certificate of the key first, then the others of its chain. */
  certificates: readonly Uint8Array<ArrayBuffer>[]
  /** Printable ASCII. The format encodes other characters in two ways (RFC 7292 §B.1), and tools disagree. */
  password: string
  /** The name that key stores show. */
  friendlyName: string
}

/**
 * The number that a browser computes in about a second. Also used for the MAC: otherwise guessing the password by the
 * MAC would be cheaper.
 */
const iterations = 100_000
// The type requires an `iv`; pkijs generates one for each use.
const encryption = { name: 'AES-CBC', length: 256, iv: new Uint8Array(16) } as const
const hash = 'SHA-256'

const oids = {
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
}

/**
 * Returns a PKCS#12 file (RFC 7292) with PBES2, AES-256 and HMAC-SHA-256. Throws `RangeError` for a password that is
 * not printable ASCII.
 */
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

/** The key and its certificate get the same attributes, by which readers match them. */
async function makeAttributes({ certificates: [own], friendlyName }: Pkcs12Contents): Promise<Attribute[]> {
  if (!own) throw new RangeError('A key without a certificate.')
  const id = await crypto.subtle.digest('SHA-256', own)
  return [
    new Attribute({ type: oids.friendlyName, values: [new BmpString({ value: friendlyName })] }),
    new Attribute({ type: oids.localKeyId, values: [new OctetString({ valueHex: id })] }),
  ]
}
