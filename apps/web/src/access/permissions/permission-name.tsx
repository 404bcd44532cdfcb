/** A permission without its operation: which of the two languages it speaks, its resource, and what the catalogue calls it. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { Machine, Tag } from '../../ui/badges.tsx'
import { catalogueName } from './catalogue-names.ts'
import classes from './permission-name.module.css'
import { contextWords } from './permission-words.ts'

export function PermissionName({ of }: { of: Permission }) {
  const name = catalogueName(of)
  return (
    <span className={classes['permission']}>
      <Tag>{contextWords[of.context]}</Tag>
      <Machine>{of.resource}</Machine>
      {name && <span className={classes['name']}>{name}</span>}
    </span>
  )
}
