/** How many members of a group are settled at a time. Pure. */
import type { Address } from 'viem'
import { GAS_MARGIN, TRANSACTION_GAS } from '../transactions/submit.ts'

/**
 * What a settlement takes whoever is in it: conversion over two pools, rates, tip, a message to another chain; and the
 * 311,000 that its last transfer must find left.
 */
const SETTLEMENT_GAS = 1_000_000n
/** What each member adds: measured, 70,000 with one recipient in a plain token, 42,000 to another chain. */
const MEMBER_GAS = 100_000n

/**
 * Members settled in one transaction at most: 124. Some take more (16 recipients half a million, blocked ones several
 * times that), so a settlement that turns out not to fit is halved until it does.
 */
export const MAX_MEMBERS = Number(((TRANSACTION_GAS * 100n) / GAS_MARGIN - SETTLEMENT_GAS) / MEMBER_GAS)

/** The members, in the same order, in as few parts as hold at most so many each. */
export function splitMembers(merchants: readonly Address[], atMost: number): Address[][] {
  const parts = Math.ceil(merchants.length / atMost)
  return Array.from({ length: parts }, (_, part) => merchants.slice(part * atMost, (part + 1) * atMost))
}
