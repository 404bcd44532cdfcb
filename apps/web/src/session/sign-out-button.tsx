import { Button } from '@mantine/core'
import { useSignOut } from '../api/session.ts'
import { Refusal } from './refusal.tsx'

/** The way out of a sign-in that is not complete. */
export function SignOutButton() {
  const { mutate, isPending, error } = useSignOut()
  return (
    <>
      <Refusal error={error} waitSeconds={0} />
      <Button variant="default" loading={isPending} onClick={() => mutate()}>
        Sign out
      </Button>
    </>
  )
}
