import type { LoadResult } from './load.ts'
import { median, spread } from './statistics.ts'

export type BenchSettings = {
  /** A folder for this run alone; removed after it. */
  readonly folder: string
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  /** The core that the server under test has for itself; undefined where nothing is pinned. */
  readonly serverCpu: number | undefined
}

type Side = { readonly rate: number; readonly p50Ms: number; readonly p99Ms: number }

export type QuestionResult = {
  /** Ratio of the median rates. */
  readonly ratio: number
  /** Spread of the ratios by round: how noisy the machine was. */
  readonly ratioSpread: number
  readonly governed: Side
  readonly bare: Side
  readonly rounds: readonly { governed: LoadResult; bare: LoadResult }[]
}

export type Question = (settings: BenchSettings) => Promise<QuestionResult>

/**
 * Loads the two in turn, so that a machine that gets slower slows both.
 *
 * @throws Error when any call failed or was refused: then the figures would say nothing
 */
export async function alternate(
  rounds: number,
  governed: () => Promise<LoadResult>,
  bare: () => Promise<LoadResult>,
): Promise<QuestionResult> {
  await governed()
  await bare()
  const measured: { governed: LoadResult; bare: LoadResult }[] = []
  for (let i = 0; i < rounds; i++) {
    const pair = { governed: await governed(), bare: await bare() }
    for (const side of [pair.governed, pair.bare]) {
      const bad = Object.keys(side.statuses).filter(status => status !== '200')
      if (bad.length || side.errors) {
        throw new Error(`not every call succeeded: ${JSON.stringify(side)}`)
      }
    }
    measured.push(pair)
  }
  const side = (name: 'governed' | 'bare'): Side => ({
    rate: median(measured.map(pair => pair[name].rate)),
    p50Ms: median(measured.map(pair => pair[name].p50Ms)),
    p99Ms: median(measured.map(pair => pair[name].p99Ms)),
  })
  const ratios = measured.map(pair => pair.governed.rate / pair.bare.rate)
  return {
    ratio: side('governed').rate / side('bare').rate,
    ratioSpread: spread(ratios),
    governed: side('governed'),
    bare: side('bare'),
    rounds: measured,
  }
}
