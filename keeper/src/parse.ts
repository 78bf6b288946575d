/** The few shapes that everything read from outside (database, environment, job queue) is made of. */
import { isAddress, type Address, type Hex } from 'viem'
import { z } from 'zod'

export const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/i)
  .transform((value) => value as Hex)

export const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'is no address')
  .transform((value) => value as Address)

/** A whole number that databases hand out as text. */
export const integer = z.coerce.number().int().nonnegative()
