import { Problem } from '../../kernel/problems.ts'
import type { ChannelId } from '../../model/brand.ts'
import type { Channel, Network } from '../../model/network.ts'

/** The channel that prices are asked for, and the currency they are asked in. */
export type PricingContext = { readonly channel: Channel; readonly currency: string }

/**
 * @param currency absent means the channel's first
 * @throws Problem `unknown-channel`, `currency-not-available`
 */
export function pricingContext(
  channelId: ChannelId,
  currency: string | undefined,
  network: Network,
): PricingContext {
  const channel = network.channels.get(channelId)
  if (!channel)
    throw new Problem('unknown-channel', { detail: `There is no channel ${channelId}.` })
  const chosen = currency ?? channel.currencies[0]
  if (chosen === undefined || !channel.currencies.includes(chosen)) {
    throw new Problem('currency-not-available', {
      detail: `The channel ${channelId} has no prices in ${currency}.`,
      extensions: { currencies: channel.currencies },
    })
  }
  return { channel, currency: chosen }
}
