import fc from 'fast-check';
import { type CsvRecord, readCsv } from '../../../core/legacy/csv';

async function read(text: string, size = text.length || 1): Promise<CsvRecord[]> {
  async function* chunks() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  const records: CsvRecord[] = [];
  for await (const record of readCsv(chunks())) records.push(record);
  return records;
}

const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe('CSV', () => {
  it('reads commas, quotes and line breaks in quoted fields, and either line ending', async () => {
    expect(await read('\ufeffa,"b, ""c""\r\nd"\r\n\n,\n"",x')).toEqual([
      { line: 1, fields: ['a', 'b, "c"\r\nd'] },
      { line: 4, fields: ['', ''] },
      { line: 5, fields: ['', 'x'] },
    ]);
  });

  it('reads the same records, however the text is cut into chunks', async () => {
    const fields = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fields, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
          expect((await read(text, size)).map((record) => record.fields)).toEqual(rows);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('continues after a broken record', async () => {
    expect(await read('a\n"b"c\nd\n')).toEqual([
      { line: 1, fields: ['a'] },
      { line: 2, fields: [''], fault: 'has text behind a closing quote' },
      { line: 3, fields: ['d'] },
    ]);
    expect((await read('a\n"b\nc')).at(-1)).toEqual({
      line: 2,
      fields: [''],
      fault: 'has a quote that is not closed',
    });
  });

  it('continues after a quote that is not closed', async () => {
    const records = await read(`"${'x'.repeat(70_000)}\ny\n`, 1_000);
    expect(records).toEqual([
      { line: 1, fields: [''], fault: expect.stringMatching(/^is too long/) },
      { line: 2, fields: ['y'] },
    ]);
  });
});
