declare const brand: unique symbol

/** A string that means one thing only: a `Sku` is never taken where a `LocationId` is meant. */
export type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A stock keeping unit: case and leading zeros are significant, so it is never a number. */
export type Sku = Branded<'Sku'>
/** A place that holds or sells stock, as the policies name it: `DC-EAST`, `STORE-12`. */
export type LocationId = Branded<'LocationId'>
/** A sales channel, as the policies name it: `web`, `store`. */
export type ChannelId = Branded<'ChannelId'>

/* The border between wire and model: a contract has checked the form before these are called. */
export const asSku = (text: string): Sku => text as Sku
export const asLocationId = (text: string): LocationId => text as LocationId
export const asChannelId = (text: string): ChannelId => text as ChannelId
