import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNotice } from '../../core/notices/parse-notice';
import { intakeJobSchema } from '../../core/platform/queues';
import { signed } from '../workers/intake';

const DOCS = join(__dirname, '../../docs');

describe('docs/queue.md', () => {
  const text = readFileSync(join(DOCS, 'queue.md'), 'utf8');

  /** Finds the value of a name in the table of example values. */
  const example = (name: string): string => {
    const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const value = rows.find(([, cell]) => cell === name)?.[2]?.match(/^`(.+)`$/)?.[1];
    if (!value) throw new Error(`the document has no example value of ${name}`);
    return value;
  };

  it('has example values that can be recomputed', () => {
    const apiKey = example('API key');
    const hash = createHash('sha256').update(apiKey).digest('hex');
    expect(example('SHA-256 of the API key')).toBe(hash);
    expect(example('`signature`')).toBe(createHmac('sha256', hash).update(example('`notice`')).digest('hex'));
  });

  it('has example values that form valid job data', async () => {
    const data = {
      keyId: example('`keyId`'),
      notice: example('`notice`'),
      signature: example('`signature`'),
    };
    expect(data).toEqual(signed(example('API key'), data.notice));
    expect(intakeJobSchema.parse(data)).toEqual(data);
    expect(await parseNotice(JSON.parse(data.notice))).toMatchObject({ reference: 'HR-1403-000123' });
  });

  it('links to existing files', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link as string);
    expect(links).not.toHaveLength(0);
    for (const link of links) expect(existsSync(join(DOCS, link))).toBe(true);
  });
});
