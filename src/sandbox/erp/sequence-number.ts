/** A sequence number as the ERP writes it: ten digits. */
export const seqText = (seq: number): string => String(seq).padStart(10, '0')
