/** Measures a CONNECT with a certificate beside Mosquitto, beside TLS alone, and with many CAs. */
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makePlant } from '../identities.ts'
import { connectAndLeave, type Target, type Wire } from '../load/connections.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow, median } from '../row.ts'
import { admit, type Ours, trust } from '../sides/gatehouse.ts'
import { startMosquitto } from '../sides/mosquitto.ts'
import { startOpensslServer } from '../sides/openssl.ts'

const userCount = 100_000
const atOnce = 8
const unit = 'ms of CPU'
const explained = 'decisions/0041-what-a-certificate-sign-in-costs.md'
const warmUps = 4
/** The two sizes of the trust store cost nearly the same: they have more rounds, without the others in between. */
const roundsOfStores = 3
const sizesOfStore = [1, 100, 1_000]

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const connections = few(500, 20)
  const plant = await makePlant(few(500, 20))
  say(`an installation for each of ${sizesOfStore.join(', ')} authorities …`)
  const stores: { size: number; ours: Ours }[] = []
  for (const size of sizesOfStore.map((full) => few(full, Math.min(full, 10)))) {
    const ours = await installations.start(few(userCount, 100))
    await admit(ours.call, plant.authority.certificatePem, plant.machines)
    if (size > 1) await trust(ours.call, otherAuthorities(size - 1))
    stores.push({ size, ours })
  }
  const mosquitto = await startMosquitto(plant)
  const openssl = await startOpensslServer(plant)
  const wires: Wire[] = []
  const cost = (pid: number, target: Target) => () =>
    cpuMsPer(pid, connections, async () => {
      wires.push(await connectAndLeave(target, plant.machines, { count: connections, atOnce }))
    })
  const oursWith = (at: number) => {
    const { gatehouse, tls } = stores[at]?.ours ?? unreachable()
    return cost(gatehouse.pid, tls)
  }
  const sides = {
    one: oursWith(0),
    hundred: oursWith(1),
    thousand: oursWith(2),
    mosquitto: cost(mosquitto.child.pid, mosquitto.target),
    openssl: cost(openssl.child.pid, openssl.target),
  }
  say('warming up …')
  // Warm up: Node compiles hot code only after some thousand runs, and a broker runs for weeks.
  await inTurn(warmUps, sides)
  const { one, hundred, thousand, ...theirs } = await inTurn(rounds, sides)
  say('one authority and 1,000 in turn …')
  const stored = await inTurn(rounds * few(roundsOfStores, 1), { one: sides.one, thousand: sides.thousand })
  requireSameWire(wires)
  await mosquitto.child.stop()
  await openssl.child.stop()
  return {
    rows: [
      makeRow({ name: 'mTLS CONNECT, beside Mosquitto', unit, target: 0.95, explained }, one, theirs.mosquitto),
      makeRow(
        { name: 'mTLS CONNECT, beside TLS alone (openssl s_server)', unit, target: 1.5, explained },
        one,
        theirs.openssl,
      ),
      makeRow(
        { name: 'mTLS CONNECT with 1,000 authorities, beside one', unit, target: 1.1 },
        stored.thousand,
        stored.one,
      ),
    ],
    growth: [
      {
        name: 'CPU of an mTLS CONNECT',
        file: 'authorities',
        x: 'authorities in the trust store',
        y: unit,
        lines: [
          {
            name: 'Gatehouse',
            points: stores.map(({ size }, at) => ({ x: size, y: median([one, hundred, thousand][at] ?? []) })),
          },
        ],
      },
    ],
  }
}

export const mtls = { name: 'mtls', run: measure }

function otherAuthorities(count: number): string {
  return Array.from({ length: count }, (_, at) => makeAuthority({ subject: `Other CA ${at}` }).certificatePem).join('')
}

/** Throws unless all sides used the same TLS parameters and got the same MQTT bytes. */
function requireSameWire(wires: readonly Wire[]): void {
  const tls = new Set(wires.map(({ protocol, cipher, group }) => `${protocol} ${cipher} ${group}`))
  const sent = new Set(wires.map(({ bytesSent }) => bytesSent).filter((bytes) => bytes > 0))
  if (tls.size !== 1 || sent.size !== 1) throw new Error(`Not the same load: ${[...tls, ...sent].join(', ')}`)
}

function unreachable(): never {
  throw new Error('Every store was started above')
}
