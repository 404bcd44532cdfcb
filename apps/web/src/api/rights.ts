/** What any change of users or roles may alter: who may do what. For `invalidates`. */
import { permissions } from '@gatehouse/contract/access/permissions'

export const rights = [permissions.list, permissions.holders, permissions.accessOf, permissions.check] as const
