import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CODECS, type Codec, CodecError } from '../../../../src/connectors/declarative/codecs.ts'

const codec = (name: string, argument?: unknown, timeZone = 'Europe/Berlin'): Codec => {
  const make = CODECS[name]
  assert.ok(make)
  return make(argument, { timeZone })
}

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, scale]) => {
    const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
    const fraction = scale ? text.slice(-scale).replace(/0+$/, '') : ''
    const whole = text.slice(0, text.length - scale)
    return `${digits < 0n && /[1-9]/.test(text) ? '-' : ''}${whole}${fraction && `.${fraction}`}`
  })

test('a decimal comes back as it was, through every way of writing it', () => {
  fc.assert(
    fc.property(decimals, text => {
      for (const name of ['decimal', 'decimalComma', 'decimalPoint', 'percent', 'trailingMinus']) {
        const { encode, decode } = codec(name)
        assert.equal(decode(encode(text)), text, name)
      }
    }),
  )
})

test('a price with separators and a comma is read to the cent', () => {
  assert.equal(codec('decimalComma').decode('1.234,50'), '1234.5')
  assert.equal(codec('decimalComma').decode('12,000'), '12')
})

test('thousands are told from fractions: a point where a comma belongs is refused, not read as tenfold', () => {
  assert.equal(codec('decimalComma').decode("1'234'567,5"), '1234567.5')
  assert.equal(codec('decimalComma').decode('-1 234,5'), '-1234.5')
  assert.equal(codec('decimalPoint').decode('1,234.50'), '1234.5')
  for (const text of ['1.5', '12.50', '1.23.456', '1.2345', '1.234.56,0', '.5', '1.234 567']) {
    assert.throws(() => codec('decimalComma').decode(text), CodecError, text)
  }
  for (const text of ['1,5', '12,50', '1.234,5']) {
    assert.throws(() => codec('decimalPoint').decode(text), CodecError, text)
  }
})

test('grouping in thousands changes no number', () => {
  fc.assert(
    fc.property(decimals, text => {
      const [whole = '', fraction] = text.split('.')
      const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, '.')
      const written = fraction === undefined ? grouped : `${grouped},${fraction}`
      assert.equal(codec('decimalComma').decode(written), text)
    }),
  )
})

test('an instant without its offset is refused; a local time is that of the ERP, not of this machine', () => {
  assert.equal(codec('instant').decode('2026-11-23T09:30:00+01:00'), '1795422600000')
  for (const text of ['2026-11-23T09:30:00', '2026-11-23', '1', 'yesterday']) {
    assert.throws(() => codec('instant').decode(text), CodecError, text)
  }
  assert.equal(codec('localDateTime').decode('2026-11-23T09:30:00'), '1795422600000')
  assert.equal(codec('localDateTime').encode('1795422600000'), '2026-11-23T09:30:00')
})

test('every way of writing a day or an instant comes back as it was', () => {
  const instants = fc.integer({ min: 0, max: 4_000_000_000 }).map(seconds => String(seconds * 1000))
  fc.assert(
    fc.property(instants, ms => {
      for (const name of ['instant', 'epochSeconds', 'odataDate']) {
        const { encode, decode } = codec(name)
        assert.equal(decode(encode(ms)), ms, name)
      }
      for (const name of ['compactDate', 'compactLastDate', 'isoDate', 'isoLastDate']) {
        const { encode, decode } = codec(name)
        const written = encode(ms)
        assert.equal(encode(decode(written)), written, name)
      }
    }),
  )
})

test('what is no number is refused, not read as zero', () => {
  for (const text of ['', 'abc', '1,2,3', '--1', '1e5', 'NaN']) {
    assert.throws(() => codec('decimalComma').decode(text), CodecError, text)
  }
})

test('only digits are padded, and zeros alone keep one', () => {
  const { encode, decode } = codec('alpha', 18)
  assert.equal(encode('100001'), '000000000000100001')
  assert.equal(decode('000000000000100001'), '100001')
  assert.equal(encode('TEE-M-BLK'), 'TEE-M-BLK')
  assert.equal(decode('000'), '0')
})

test('a last day is included: the validity ends when the next day starts, on the day clocks change too', () => {
  const { decode } = codec('compactLastDate')
  assert.equal(decode('20261024'), String(Date.parse('2026-10-24T22:00:00Z')))
  assert.equal(decode('20261025'), String(Date.parse('2026-10-25T23:00:00Z')))
})

test('a day is the day of the ERP, not of UTC', () => {
  const late = String(Date.parse('2026-11-22T23:30:00Z'))
  assert.equal(codec('compactDate').encode(late), '20261123')
  assert.equal(codec('compactDate', undefined, 'UTC').encode(late), '20261122')
})

test('a date that is none is refused', () => {
  for (const text of ['20260230', '2026-01-01', '00000000', '']) {
    assert.throws(() => codec('compactDate').decode(text), CodecError, text)
  }
})

test('a GTIN with a wrong check digit counts as none', () => {
  assert.equal(codec('gtin').decode('4006381333931'), '04006381333931')
  assert.equal(codec('gtin').decode('4006381333930'), '')
})
