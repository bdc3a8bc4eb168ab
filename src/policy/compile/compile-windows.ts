import type { Window } from '../../model/windows.ts'
import type { Findings } from '../finding.ts'
import { parseInstant } from '../instant.ts'
import type { WindowSettings } from '../schema/windows-schema.ts'
import type { Path, YamlFile } from '../yaml-file.ts'
import { requireTimeZone } from './require.ts'

/** Compiles a list of windows; what is wrong with one is told at its place, and leaves it out. */
export function compileWindows(
  file: YamlFile,
  path: Path,
  settings: readonly WindowSettings[],
  findings: Findings,
): readonly Window[] {
  return settings.flatMap((window, i): Window[] => {
    const at = [...path, i]
    if ('days' in window) {
      const { days, from, to, timeZone, except = [] } = window
      if (!requireTimeZone(timeZone, file, [...at, 'timeZone'], findings)) return []
      return [{ kind: 'weekly', days, from, to, timeZone, except }]
    }
    const [from, to] = [parseInstant(window.from), parseInstant(window.to)]
    if (from !== undefined && to !== undefined && to > from) return [{ kind: 'once', from, to }]
    findings.error(file.placeOf(at), 'empty-window', 'ends before it begins')
    return []
  })
}
