// A file of its own without Kysely: the broker's thread loads it, and loading Kysely takes a third of that thread's start.

/**
 * SQL for the rights of one user, each permission once, in order. The console, the broker and
 * the page of a user's access all use this expression.
 *
 * `cross join` makes SQLite go from the user's roles to their permissions. Without it SQLite reads the permissions of all
 * roles, because they are already in the order that is asked for: 1.9 ms instead of 0.03 ms among a thousand roles.
 *
 * @param user An SQL expression for the user's id.
 */
export function userRights(user: string): string {
  return `select context, resource, operation from user_permissions where user_id = ${user}
    union
    select p.context, p.resource, p.operation from user_roles r cross join role_permissions p
      where r.user_id = ${user} and p.role_id = r.role_id
    order by context, resource, operation`
}
