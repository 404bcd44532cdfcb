import type { Started } from './start.ts'

/**
 * The text printed at the start: the addresses, and at the first start how to sign in. The one-time password is shown
 * only here, once.
 */
export function greet(started: Started): string {
  const { stop: _stop, ...facts } = started
  return process.stdout.isTTY ? forPeople(started) : forPrograms(facts)
}

function forPeople({ url, mqttUrl, mqttsUrl, firstSignIn }: Started): string {
  const lines = ['', `  Gatehouse   ${url}`, `  Broker      ${[mqttUrl, mqttsUrl].filter(Boolean).join('  ') || 'off'}`]
  if (firstSignIn) lines.push('', `  Sign in as  ${firstSignIn.username}`)
  if (firstSignIn?.generatedPassword) {
    lines.push(`Password    ${firstSignIn.generatedPassword}   (one-time password; shown only now)`)
  }
  return [...lines, '', 'Press Ctrl-C to stop.', ''].join('\n')
}

function forPrograms({ firstSignIn, ...addresses }: Omit<Started, 'stop'>): string {
  const ready = JSON.stringify({ msg: 'ready', ...addresses })
  if (!firstSignIn?.generatedPassword) return ready
  const { username, generatedPassword: password } = firstSignIn
  return `${JSON.stringify({ msg: 'first sign-in', username, password })}\n${ready}`
}
