import { Composer, type Document, Lexer, type LineCounter, Parser } from 'yaml'

/**
 * Bounds of one file, so that a hostile or broken one is answered within a second. The composer
 * recurses (it overflows near 770 levels), and its time goes by tokens: a location takes some 45, so
 * this is room for more than 6,000 in one file.
 */
const MAX_DEPTH = 200
const MAX_TOKENS = 300_000
/** Beyond this the file is something else than YAML, and more of the same helps nobody. */
const MAX_SYNTAX_ERRORS = 100

/** What stopped the parser before the end. `offset` counts characters. */
export class TooMuchYaml extends Error {
  override name = 'TooMuchYaml'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * The `yaml` package's `parseDocument` within bounds. Keys are not compared here: the package does it
 * pair by pair, which takes minutes for 100,000 keys.
 *
 * @returns undefined when the text holds no document at all
 * @throws TooMuchYaml
 */
export function parseBounded(text: string, lineCounter: LineCounter): Document | undefined {
  const composer = new Composer({
    lineCounter,
    uniqueKeys: false,
    prettyErrors: false,
    merge: false,
    logLevel: 'silent',
  })
  const { stackTraceLimit } = Error
  // The package makes an Error for each complaint; their stack traces would cost seconds.
  Error.stackTraceLimit = 0
  try {
    const documents = composer.compose(boundedTokens(text, lineCounter), true, text.length)
    const [document, second] = [documents.next().value, documents.next().value]
    if (second) throw new TooMuchYaml('only one document may stand in a file', second.range[0])
    return document || undefined
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function* boundedTokens(text: string, lineCounter: LineCounter) {
  const parser = new Parser(lineCounter.addNewLine)
  lineCounter.addNewLine(0)
  let tokens = 0
  let errors = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && ++errors > MAX_SYNTAX_ERRORS) {
        throw new TooMuchYaml('this is not YAML', token.offset)
      }
      yield token
    }
    if (++tokens > MAX_TOKENS)
      throw new TooMuchYaml('the file is too long: split it', parser.offset)
    if (parser.stack.length > MAX_DEPTH) {
      throw new TooMuchYaml(`nested deeper than ${MAX_DEPTH} levels`, parser.offset)
    }
  }
  yield* parser.end()
}
