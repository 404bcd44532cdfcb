/** The OpenID provider in a process, for the browser tests. A message chooses the client or the next person; each is answered. */
import { type Person, startOpenIdProvider } from './openid-provider.ts'

type Message = { client: { appUrl: string; name: string } } | { person: Person | null } | 'rotate'

const provider = await startOpenIdProvider()

process.on('message', (message: Message) => {
  void answer(message).then(() => process.send?.('done'))
})
process.on('disconnect', () => process.exit())
const { issuer, clientId, clientSecret } = provider
process.send?.({ issuer, clientId, clientSecret })

async function answer(message: Message): Promise<void> {
  if (message === 'rotate') await provider.rotateKeys()
  else if ('client' in message) await provider.register(message.client.appUrl, message.client.name)
  else provider.person = message.person
}
