import * as z from 'zod/mini'
import { parameter } from '../ui/list-parameters.ts'

/** The URL of the page: the provider whose identity was to be linked, after the way back from it. */
export const PasswordSearch = z.object({ link: parameter(z.string()) })
