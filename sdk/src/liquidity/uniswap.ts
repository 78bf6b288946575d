/**
 * Uniswap's own SDK. Its ES modules import folders, which Node does not resolve, so its CommonJS build is loaded; the
 * one place that knows.
 */
import { createRequire } from 'node:module'
import type * as CoreModule from '@uniswap/sdk-core'
import type * as V3Module from '@uniswap/v3-sdk'

const require = createRequire(import.meta.url)

export const { Percent, Token } = require('@uniswap/sdk-core') as typeof CoreModule
export const { nearestUsableTick, Pool, Position, TickMath } = require('@uniswap/v3-sdk') as typeof V3Module

export type Pool = V3Module.Pool
export type Position = V3Module.Position
