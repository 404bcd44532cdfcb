/** A password that nobody has to think of: groups of five readable characters, from the browser's own random source. */
import type { PasswordPolicy } from '@gatehouse/contract/identity/sign-in'
import { passwordRules } from './password-rule-words.ts'

// Without 0 O 1 l I: read aloud and typed by hand.
const readable = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'
/** 115 bits. */
const fewestGroups = 4
const triesPerLength = 20

/** Longer until the rules are met: a rule that asks for many digits is not met by every one. */
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
