/** What is due before a sign-in is complete. */
import type { Stage } from '@gatehouse/contract/route'

export const dueWords: Record<Stage, { title: string; sentence: string }> = {
  'mfa-required': {
    title: 'A code is due',
    sentence:
      'Your account has a second factor, and this version of the console cannot ask for its code yet. Ask an administrator to turn it off, then sign in again.',
  },
  'mfa-enrolment-required': {
    title: 'A second factor is due',
    sentence:
      'Your account demands a second factor, and this version of the console cannot set one up yet. Ask an administrator to lift the demand, then sign in again.',
  },
  'password-change-required': {
    title: 'A new password is due',
    sentence: 'Choose your own password before you go on.',
  },
  full: { title: 'You are signed in', sentence: 'Nothing is due.' },
}
