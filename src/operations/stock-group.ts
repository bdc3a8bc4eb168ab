/** The cache group (RFC 9875) of answers that hold a SKU's stock. */
export const stockGroup = (sku: string): string => `stock/${sku}`
