import type { GroupView, MessageView, PaymentView } from '@mati/sdk'
import { encodeHeader } from '@mati/sdk/layerzero'
import { concat, numberToHex, padHex, type Address, type Hex } from 'viem'

/** A payment as the index shows it: in USD by WETH, to be captured by anyone from second 1,000 to 2,000. */
export function paymentView(changes: Partial<PaymentView> = {}): PaymentView {
  const payment: PaymentView = {
    id: padHex('0x01'),
    chainId: 1,
    status: 'authorized',
    payer: address(1),
    merchant: address(2),
    token: address(3),
    currency: address(840),
    maxAmount: 100n,
    due: 50n,
    refundTo: address(1),
    invoice: padHex('0x05'),
    autoCapture: true,
    authorizeBy: 900,
    captureAfter: 1_000,
    captureBy: 2_000,
    arbiter: address(0),
    resolveBy: 0,
    frozenUntil: 0,
    terms: {},
    held: 100n,
    captured: 0n,
    capturedDue: 0n,
    fee: 0n,
    returned: 0n,
    refunded: 0n,
    refundedDue: 0n,
    rate: null,
    fallback: false,
    payouts: [],
    spentOnRefunds: [],
    timeline: [],
    ...changes,
  }
  return {
    ...payment,
    terms: {
      payer: payment.payer,
      merchant: payment.merchant,
      token: payment.token,
      maxAmount: String(payment.maxAmount),
      currency: payment.currency,
      due: String(payment.due),
      fallbackAmount: '0',
      minFeeBps: 10,
      maxFeeBps: 20,
      feeReceiver: address(4),
      authorizeBy: payment.authorizeBy,
      captureAfter: payment.captureAfter,
      captureBy: payment.captureBy,
      autoCapture: payment.autoCapture,
      arbiter: payment.arbiter,
      resolveBy: payment.resolveBy,
      defaultMerchantBps: payment.arbiter === address(0) ? 0 : 5_000,
      refundTo: payment.refundTo,
      invoice: payment.invoice,
    },
  }
}

export function groupView(members: GroupView['members'], changes: Partial<GroupView> = {}): GroupView {
  return { chainId: 1, token: address(3), asset: address(5), eid: 40_001, tier: 0, members, ...changes }
}

/** A message on its way from chain 1 to chain 2; with a compose of two bytes unless told otherwise. */
export function messageView(changes: Partial<MessageView> & { composeMsg?: Hex } = {}): MessageView {
  const { composeMsg = concat([padHex(address(6)), '0xbeef']), ...rest } = changes
  const nonce = changes.nonce ?? 1n
  const pathway = { srcEid: 40_001, dstEid: 40_002, nonce, sender: padHex(address(7)), receiver: padHex(address(8)) }
  const guid = padHex(numberToHex(nonce), { size: 32 })
  const message = concat([padHex(address(9)), numberToHex(5, { size: 8 }), composeMsg])
  return {
    ...pathway,
    guid,
    status: 'sent',
    isOpen: changes.status !== 'delivered' || composeMsg !== '0x',
    isPayout: composeMsg !== '0x',
    srcChainId: 1,
    dstChainId: 2,
    encodedPayload: concat([encodeHeader(pathway), guid, message]),
    amount: 5n,
    sentAt: 1_000,
    verifiedAt: null,
    deliveredAt: null,
    waitingAt: null,
    releasedAt: null,
    composedAt: null,
    creditedAt: null,
    waitingMessage: null,
    tries: { receive: 0, compose: 0 },
    retriedBy: null,
    failure: null,
    ...rest,
  }
}

export function address(number: number): Address {
  return padHex(numberToHex(number), { size: 20 })
}
