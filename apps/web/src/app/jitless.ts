/**
 * Must be imported first: when zod makes its first schema, it tries to compile code, and the page's content security policy
 * reports that as a violation.
 */
import * as z from 'zod/mini'

z.config({ jitless: true })
