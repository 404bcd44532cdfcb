import { createClient } from '@gatehouse/contract/client'
import { expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { startApp } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { startOpenIdProvider } from '../../../test/openid-provider.ts'
import { addProvider } from '../../../test/sso-world.ts'

it('sends the browser back to the public URL, whatever host it asked for, with a cookie bound to HTTPS', async () => {
  const publicUrl = 'https://console.example'
  const port = await freePort()
  const app = await startApp({ GATEHOUSE_PUBLIC_URL: publicUrl, GATEHOUSE_HTTP_PORT: String(port) })
  const provider = await startOpenIdProvider()
  const door = openBackDoor(app)
  await provider.register(publicUrl, 'sso')
  const baseUrl = `http://127.0.0.1:${port}`
  const headers = { Authorization: `Bearer ${await door.openToken('admin')}` }
  await addProvider(createClient({ baseUrl, headers }), provider, { name: 'sso' })

  const answer = await fetch(`${baseUrl}/api/auth/oidc/sso/start`, { redirect: 'manual' })
  const { searchParams } = new URL(answer.headers.get('location') ?? '')
  expect(searchParams.get('redirect_uri')).toBe(`${publicUrl}/api/auth/oidc/sso/callback`)
  expect(searchParams.get('code_challenge_method')).toBe('S256')
  const [cookie = ''] = answer.headers.getSetCookie()
  expect(cookie).toMatch(/^__Host-gatehouse-sso-[\w-]{12}=[\w-]+;/)
  for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Max-Age=600']) {
    expect(cookie).toContain(attribute)
  }
  expect(answer.headers.get('cache-control')).toBe('no-store')

  await door.close()
  await provider.stop()
  await app.stop()
})
