/**
 * Imported before anything else: at the construction of its first schema zod tries whether it may compile code, and the
 * page's content security policy reports that as a violation.
 */
import * as z from 'zod/mini'

z.config({ jitless: true })
