/** A process that runs the fake Cedalo broker, for the browser tests. It sends its port, and after each message what it has. */
import { startFakeCedalo } from './fake-cedalo.ts'

const fake = await startFakeCedalo()

/** `words`: the broker refuses each deletion with them. Null: it does not. */
process.on('message', ({ words }: { words: string | null }) => {
  fake.refuses = ({ command }) => (command === 'deleteCACertificate' ? words : null)
  process.send?.({ files: [...fake.capaths].map(([listener, files]) => [listener, files.size]) })
})
process.on('disconnect', () => process.exit())
process.send?.({ port: fake.port })
