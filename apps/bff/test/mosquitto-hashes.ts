/** Lines of a `password_file` as `mosquitto_passwd` writes them, without a process for each. */
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto'

/** `$7$` with the iterations of Mosquitto 2.0. */
export function pbkdf2Hash(password: string, iterations = 101): string {
  const salt = randomBytes(12)
  const key = pbkdf2Sync(password, salt, iterations, 64, 'sha512')
  return `$7$${iterations}$${salt.toString('base64')}$${key.toString('base64')}`
}

/** `$6$`, as Mosquitto 1.6 wrote it. */
export function sha512Hash(password: string): string {
  const salt = randomBytes(12)
  const digest = createHash('sha512').update(password).update(salt).digest('base64')
  return `$6$${salt.toString('base64')}$${digest}`
}

export function hashLine(username: string, password: string): string {
  return `${username}:${pbkdf2Hash(password)}`
}
