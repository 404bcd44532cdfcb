// Reads the Public Key Interoperability Test Suite of NIST from Debian's python3-cryptography-vectors: one signed mail
// per test, with the leaf that signed it, the certificates above it and their CRLs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InstalledCrl } from '../judge/revocations.ts'
import { openBlock } from '../read/bundle.ts'
import { sameBytes } from '../read/certificate-fields.ts'
import { type Element, expectTag, readChildren, readOnly, tags } from '../read/der.ts'
import { parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { judgeRevocationList, openRevocationList } from '../read/revocation-list.ts'

/** Where the Debian package installs it. */
export const pkitsFolder = '/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data'

/** One test of the suite. */
export interface PkitsTest {
  /** `ValidSignaturesTest1`. */
  name: string
  /** DER, the leaf first. */
  presented: Uint8Array[]
  /** DER. */
  lists: Uint8Array[]
}

/** The trust anchor of all tests, DER. */
export function readPkitsAnchor(): Uint8Array {
  return readFileSync(join(pkitsFolder, 'certs/TrustAnchorRootCertificate.crt'))
}

/** Reads all tests of the suite. Throws if the Debian package is not installed. */
export function readPkitsTests(): PkitsTest[] {
  return readdirSync(join(pkitsFolder, 'smime')).map((file) => ({
    name: file.replace(/^Signed(.*)\.eml$/, '$1'),
    ...openMail(readFileSync(join(pkitsFolder, 'smime', file), 'latin1')),
  }))
}

function openMail(mail: string): Omit<PkitsTest, 'name'> {
  const signature = /filename="smime\.p7s"\s+([A-Za-z\d+/=\s]+)/.exec(mail)?.[1] ?? ''
  const der = Buffer.from(signature, 'base64')
  // RFC 5652 §5.1: SignedData { version, digestAlgorithms, encapContentInfo, certificates [0], crls [1], signerInfos }
  const [, content] = readChildren(readOnly(der, tags.sequence))
  const [signedData] = readChildren(expectTag(content, 0xa0))
  const parts = readChildren(expectTag(signedData, tags.sequence))
  const lists = parts.find(({ tag }) => tag === 0xa1)
  const isLeaf = signedBy(parts.at(-1))
  const certificates = openBlock(der)
  return {
    presented: [...certificates.filter(isLeaf), ...certificates.filter((each) => !isLeaf(each))],
    lists: lists ? readChildren(lists).map(({ raw }) => raw) : [],
  }
}

/**
 * Returns a test for the certificate with the issuer and serial number of the only signer. Reads just these two fields,
 * because some certificates are malformed.
 */
function signedBy(signerInfos: Element | undefined): (certificate: Uint8Array) => boolean {
  const [signer] = readChildren(expectTag(signerInfos, tags.set))
  const [, name] = readChildren(expectTag(signer, tags.sequence))
  const wanted = readChildren(expectTag(name, tags.sequence)).map(({ raw }) => raw)
  return (certificate) => {
    const [tbs] = readChildren(readOnly(certificate, tags.sequence))
    const [, serialNumber, , issuer] = readChildren(expectTag(tbs, tags.sequence))
    return [issuer, serialNumber].every((part, i) => part && wanted[i] && sameBytes(part.raw, wanted[i]))
  }
}

/**
 * Returns the CRLs as they would be stored after an upload for each of these authorities. Leaves out those that an
 * upload refuses.
 */
export async function holdLists(
  lists: readonly Uint8Array[],
  authorities: readonly Uint8Array[],
  at: Date,
): Promise<InstalledCrl[]> {
  const held: InstalledCrl[] = []
  for (const der of lists) {
    const list = await openRevocationList(der).catch(() => null)
    if (!list) continue
    for (const authority of authorities) {
      const signer = parseCertificateOrNull(authority)
      if (!signer || (await judgeRevocationList(list, authority, at)) !== null) continue
      const { keyFingerprint: issuerKey, subjectKey: issuerName } = signer
      held.push({ issuerKey, issuerName, nextUpdate: list.nextUpdate, revoked: list.revoked, signer })
    }
  }
  return held
}
