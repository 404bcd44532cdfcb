/**
 * Whether `username` matches `glob`, in which `*` stands for any characters, also none, and everything else for itself. Case
 * counts. At most about `glob.length` times `username.length` steps, never exponential: no regular expression is made.
 */
export function usernameMatches(glob: string, username: string): boolean {
  const [head = '', ...pieces] = glob.split('*')
  const tail = pieces.pop()
  if (tail === undefined) return glob === username
  if (username.length < head.length + tail.length) return false
  if (!username.startsWith(head) || !username.endsWith(tail)) return false
  const middle = username.slice(head.length, username.length - tail.length)
  // The leftmost place for each piece leaves the most room for the next: no going back.
  let from = 0
  for (const piece of pieces) {
    const found = middle.indexOf(piece, from)
    if (found < 0) return false
    from = found + piece.length
  }
  return true
}
