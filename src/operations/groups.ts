/** The cache groups (RFC 9875) of answers that hold a SKU's stock, or its prices. */
export const stockGroup = (sku: string): string => `stock/${sku}`
export const priceGroup = (sku: string): string => `price/${sku}`
