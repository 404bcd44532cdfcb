/** Differences, as in a patch: what is there no longer, and what is new. */
import type { FieldDifference } from './difference.ts'
import classes from './differences.module.css'

const marks = { added: '+', removed: '−', same: '' } as const
const tags = { added: 'ins', removed: 'del', same: 'span' } as const

export function Differences({ of }: { of: readonly FieldDifference[] }) {
  return (
    <dl className={classes['differences']}>
      {of.map(({ field, lines, isChanged }) => (
        <div key={field} data-changed={isChanged || undefined}>
          <dt>{field}</dt>
          <dd>
            {lines.length === 0 && '–'}
            {lines.map(({ text, kind }) => {
              const Tag = tags[kind]
              return (
                <Tag key={kind + text} className={classes['line']} data-mark={marks[kind]}>
                  {text}
                </Tag>
              )
            })}
          </dd>
        </div>
      ))}
    </dl>
  )
}
