import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test.each<[(string | number | null)[], string]>([
  [['a', 1, null, ''], 'a,1,,'],
  [['a,b', 'say "no"', 'two\nlines'], '"a,b","say ""no""","two\nlines"'],
  [['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', '＝1'], `'=1+1,'+1,'-1,'@a,'\t=1,"'\r=1",'＝1`],
  [["'=1", "''@a", "'t Hooft", "'"], "''=1,'''@a,'t Hooft,'"],
  [['a=1', ' =1', '{"a":1}'], 'a=1, =1,"{""a"":1}"'],
  [[-1], '-1'],
])('%j', (cells, line) => expect(csvLine(cells)).toBe(`${line}\r\n`))
