/** Quotes for POSIX shells, so that a name is never executed. */

/** One word of a command line, whatever is in it; quoted only where it has to be. */
export function shellWord(text: string): string {
  // A tilde, an equals sign and a leading dash mean something in some places only: quoted too.
  if (/^[\w./:@%+][\w./:@%+-]*$/.test(text)) return text
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** The lines that write this text into a file. `word` ends it, and must be no line of the text. */
export function writeFileLines(file: string, text: string): string[] {
  const lines = text.trimEnd().split('\n')
  const word = lines.includes('EOF') ? 'END-OF-FILE' : 'EOF'
  return [`cat > ${shellWord(file)} <<'${word}'`, ...lines, word]
}
