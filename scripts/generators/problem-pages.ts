import { type ProblemCode, type ProblemKind, problems } from '../../src/kernel/problems.ts'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

/** `docs/problems.md`: every problem, for people. */
export async function problemPages(): Promise<readonly Generated[]> {
  const sections = (Object.entries(problems) as [ProblemCode, ProblemKind][]).map(
    ([code, { status, title, owner, retry, help }]) =>
      `## ${code}\n\n**${status} ${title}.** ${help}\n\n` +
      `Owner: ${owner}. Same call again: ${retry === 'later' ? 'may succeed later' : 'will not help'}.\n`,
  )
  const text =
    `<!-- ${DO_NOT_EDIT} Source: src/kernel/problems.ts -->\n# Problems\n\n` +
    'Every answer that is not the one hoped for is `application/problem+json` (RFC 9457) with one of these codes.\n\n' +
    sections.join('\n')
  return [{ path: 'docs/problems.md', text }]
}
