/** `npm run admin -- <command>`: for a person with access to the machine. */
import { runCommand } from './admin-program.ts'

// Files that this process creates are readable by its user only.
process.umask(0o077)

const { code, out, err } = await runCommand(process.argv.slice(2))
process.stdout.write(out)
process.stderr.write(err)
process.exitCode = code
