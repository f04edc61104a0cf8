import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/run-command';
import { createSourceSystems } from '../../core/sources/source-systems';
import { isTrackingNumber } from '../../core/text/identifiers';
import { useDatabase } from '../support/database';
import { registerEmployer } from '../support/fixtures';

const HEADER = 'source,reference,nationalId,workshopCode,subject,registeredAt,smsText,kind,firstViewedAt';

describe('importing notices of the previous portal', () => {
  const test = useDatabase();
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ablagh-legacy-'));
    await createSourceSystems(test.db).add('HR', 'سابقه');
    await registerEmployer(test.db);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = async (args: string[]) => {
    let out = '';
    let err = '';
    const env = {
      DATABASE_URL: test.url,
      SECRET_KEY: 'a secret of more than thirty-two bytes',
      DATA_DIR: folder,
    };
    const exitCode = await runCommand(args, {
      env,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { exitCode, out, err };
  };
  const write = async (content: string | Buffer): Promise<string> => {
    files += 1;
    const path = join(folder, `${files}.csv`);
    await writeFile(path, content);
    return path;
  };
  const importing = async (...lines: string[]) => {
    const { exitCode, out, err } = await run([
      'legacy',
      'import',
      await write(`${[HEADER, ...lines].join('\n')}\n`),
      '--json',
    ]);
    expect([exitCode, err]).toEqual([0, '']);
    return JSON.parse(out);
  };
  const row = (reference: string, more = '') =>
    `HR,${reference},۰۴۹۹۳۷۰۸۹۹,0183630045,اعلام سابقه,1397/05/12,${more || ',,'}`;
  const stored = async (reference: string) => {
    const [notice] = await test.db.query<Record<string, unknown>>(
      `SELECT subject, sms_text AS text, kind, registered_at AS "registeredAt", first_viewed_at AS "viewedAt",
              tracking_number AS number, (SELECT count(*)::int FROM alerts WHERE notice_id = n.id) AS alerts,
              (SELECT json_agg(json_build_array(e.type, e.at, e.data)) FROM events e WHERE e.notice_id = n.id) AS events
         FROM notices n WHERE reference = $1`,
      [`legacy:${reference}`],
    );
    return notice;
  };

  it('imports them with their dates, and sends nothing', async () => {
    const report = await importing(
      row('97-1'),
      'HR,97-2,0499370899,0183630045,"فرم ""یک"", شماره ۱",2018-08-03T05:30:00Z,"دو\nخط",record-declaration,۱۳۹۷/۰۶/۰۱',
    );
    expect(report).toEqual({ imported: 2, known: 0, refused: 0, faults: [] });
    const first = await stored('97-1');
    expect(first).toMatchObject({
      subject: 'اعلام سابقه',
      text: '',
      kind: null,
      registeredAt: new Date('2018-08-02T19:30:00Z'),
      viewedAt: null,
      alerts: 0,
      events: [['notice.accepted', '2018-08-02T19:30:00+00:00', { alerts: [], legacy: true }]],
    });
    expect(isTrackingNumber(String(first?.number))).toBe(true);
    expect(await stored('97-2')).toMatchObject({
      subject: 'فرم "یک", شماره ۱',
      text: 'دو\nخط',
      kind: 'record-declaration',
      registeredAt: new Date('2018-08-03T05:30:00Z'),
      viewedAt: new Date('2018-08-22T19:30:00Z'),
    });
    expect(await test.db.query('SELECT 1 FROM outbox')).toEqual([]);
  });

  it('changes nothing when it is repeated', async () => {
    const lines = Array.from({ length: 1_203 }, (_, i) => row(`again-${i}`));
    expect(await importing(...lines)).toMatchObject({ imported: 1_203, known: 0 });
    const count = 'SELECT (SELECT count(*) FROM notices) AS notices, (SELECT count(*) FROM events) AS events';
    const before = await test.db.query<{ notices: string }>(count);
    expect(await importing(...lines, row('again-new'))).toMatchObject({
      imported: 1,
      known: 1_203,
      refused: 0,
    });
    const [after] = await test.db.query<{ notices: string }>(count);
    expect(Number(after?.notices)).toBe(Number(before[0]?.notices) + 1);
  });

  it('names each bad line with its number, and imports the others', async () => {
    const report = await importing(
      row('good-1'),
      'HR,bad,0499370898,0183630045,x,1397/05/12,,,',
      '"over',
      'two lines",bad,0499370899,0183630045,x,1397/05/12,,,',
      'HR,bad,0084575948,0183630045,x,1397/05/12,,,',
      'HR,bad,0499370899,1,,1398/04/01,,,',
      'too,few',
      '"HR"x,bad',
      row('good-1'),
      row('good-1', 'متن دیگر,,'),
      'HR,bad,0499370899,0183630045,x,1397/05/12,,UPPER,امروز',
      row('good-2'),
    );
    expect(report).toMatchObject({ imported: 2, known: 1, refused: 8 });
    expect(report.faults).toEqual([
      { line: 3, detail: 'nationalId is not a national ID' },
      { line: 4, detail: 'source must be one line' },
      { line: 6, detail: 'nationalId is of no employer in the register' },
      {
        line: 7,
        detail: expect.stringMatching(
          /workshopCode is not.*; subject .*; registeredAt is not before the end/,
        ),
      },
      { line: 8, detail: 'has 2 fields, not 9' },
      { line: 9, detail: 'has text behind a closing quote' },
      { line: 11, detail: 'reference was imported before, with other content' },
      { line: 12, detail: expect.stringMatching(/^kind .*; firstViewedAt is neither/) },
    ]);
    expect((await importing('NO,x,0499370899,0183630045,x,1397/05/12,,,')).faults).toEqual([
      { line: 2, detail: 'source is the code of no source system' },
    ]);
  });

  it('refuses a line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${HEADER}\n${row('utf-1')}\nHR,utf-2,`),
      Buffer.from([0xc3, 0x28, 10]),
      Buffer.from(`${row('utf-3')}\n`),
    ]);
    const { out } = await run(['legacy', 'import', await write(bytes), '--json']);
    expect(JSON.parse(out)).toMatchObject({ imported: 2, refused: 1, faults: [{ line: 3 }] });
  });

  it('prints the same as text', async () => {
    const { out } = await run(['legacy', 'import', await write(`${HEADER}\n${row('told')}\nx\n`)]);
    expect(out).toBe('1 imported, 0 known already, 1 refused.\nline 3: has 1 fields, not 9\n');
  });

  it.each([
    ['an empty one', ''],
    ['one without a needed column', 'source,reference\n'],
    ['one with an unknown column', `${HEADER},colour\n`],
    ['one with a column twice', `${HEADER},kind\n`],
  ])('refuses a file whose first line is wrong: %s', async (_, content) => {
    const { exitCode, err } = await run(['legacy', 'import', await write(content)]);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^The first line must name the columns, each once: source, reference, nationalId/);
  });

  it('reports a file that does not exist', async () => {
    const path = join(folder, 'nothing.csv');
    expect(await run(['legacy', 'import', path])).toEqual({
      exitCode: 1,
      out: '',
      err: `${path} cannot be read (ENOENT).\n`,
    });
  });
});
