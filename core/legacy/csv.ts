/** One record of a CSV file, or its fault. */
export interface CsvRecord {
  /** The line the record begins on, counted from 1. */
  line: number;
  fields: string[];
  fault?: string;
}

/** The longest record, so that a quote that is never closed does not swallow the whole file. */
const MAX_RECORD_CHARACTERS = 64 * 1024;

/**
 * Reads CSV (RFC 4180: commas, "quoted, with ""quotes"" and line breaks") from a stream of text, record by record, in constant
 * memory. Empty lines and a byte order mark are skipped. After a broken record the reader goes on at the next line, which
 * `csv-parse` cannot do after a quote that is not closed.
 */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const parser = createCsvParser();
  let first = true;
  for await (const chunk of chunks) {
    yield* parser.push(first ? chunk.replace(/^\ufeff/, '') : chunk);
    first = false;
  }
  yield* parser.end();
}

type ParserState = 'start' | 'plain' | 'quoted' | 'quote in quotes' | 'broken';

function createCsvParser() {
  let state: ParserState = 'start';
  let line = 1;
  let began = 1;
  let field = '';
  let fields: string[] = [];
  let size = 0;
  let fault: string | undefined;

  const finish = (): CsvRecord[] => {
    const record = { line: began, fields: [...fields, field], ...(fault && { fault }) };
    const empty = fields.length === 0 && field === '' && state === 'start';
    state = 'start';
    field = '';
    fields = [];
    size = 0;
    fault = undefined;
    return empty ? [] : [record];
  };
  const breakOff = (reason: string) => {
    state = 'broken';
    fault = reason;
    field = '';
    fields = [];
  };
  const nextField = () => {
    fields.push(field);
    field = '';
    // A comma is always followed by a field, even an empty one.
    state = 'plain';
  };

  const add = (character: string, next: ParserState) => {
    field += character;
    state = next;
  };

  const readPlain = (character: string): void => {
    if (character === ',') nextField();
    else if (character === '"' && field === '') state = 'quoted';
    else add(character, 'plain');
  };
  const readAfterQuote = (character: string): void => {
    if (character === '"') add(character, 'quoted');
    else if (character === ',') nextField();
    else breakOff('has text behind a closing quote');
  };
  const readQuoted = (character: string): void => {
    if (character === '"') state = 'quote in quotes';
    else add(character, 'quoted');
  };
  const READERS: Record<ParserState, (character: string) => void> = {
    start: readPlain,
    plain: readPlain,
    quoted: readQuoted,
    'quote in quotes': readAfterQuote,
    broken: () => {},
  };
  const readCharacter = (character: string): void => {
    size += 1;
    if (size === MAX_RECORD_CHARACTERS) breakOff('is too long; perhaps a quote is not closed');
    READERS[state](character);
  };

  return {
    push(chunk: string): CsvRecord[] {
      const records: CsvRecord[] = [];
      for (const character of chunk) {
        if (character === '\n') line += 1;
        if (character === '\n' && state !== 'quoted') {
          records.push(...finish());
          began = line;
        } else if (character !== '\r' || state === 'quoted') readCharacter(character);
      }
      return records;
    },
    end(): CsvRecord[] {
      if (state === 'quoted') breakOff('has a quote that is not closed');
      return finish();
    },
  };
}
