/**
 * The ERP's own form of a material number: all-digit ones filled with zeros to 18 places, others
 * in upper case as they are (SAP's ALPHA conversion).
 */
export const toMatnr = (sku: string): string =>
  /^\d+$/.test(sku) ? sku.padStart(18, '0') : sku.toUpperCase()

/** What a person writes: the zeros in front are gone. */
export const toSku = (matnr: string): string =>
  /^\d+$/.test(matnr) ? matnr.replace(/^0+(?=\d)/, '') : matnr
