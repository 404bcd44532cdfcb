/** Generates a password: groups of five readable characters, from `crypto.getRandomValues`. */
import type { PasswordPolicy } from '@gatehouse/contract/identity/sign-in'
import { passwordRules } from './password-rule-words.ts'

// Without 0 O 1 l I: read aloud and typed by hand.
const readable = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'
/** 115 bits. */
const fewestGroups = 4
const triesPerLength = 20

/** Grows until the policy is met: a rule that demands many digits needs a longer password. */
export function generatePassword(policy: PasswordPolicy): string {
  for (let attempt = 0; ; attempt++) {
    const groups = fewestGroups + Math.floor(attempt / triesPerLength)
    const password = generateReadable(groups)
    if (passwordRules(policy, password).every(({ isMet }) => isMet)) return password
  }
}

/** Under no rules. */
export function generateReadable(groups = fewestGroups): string {
  return Array.from({ length: groups }, group).join('-')
}

function group(): string {
  // Of 2^32 numbers, no more than 54 make a remainder likelier than another: nothing that could be used.
  return [...crypto.getRandomValues(new Uint32Array(5))].map((random) => readable[random % readable.length]).join('')
}
