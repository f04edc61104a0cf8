import { randomUUID } from 'node:crypto';
import { Job } from 'bullmq';
import { createBodyMemoryBudget } from '../../api/body-memory-budget';
import { createLineFramer } from '../../api/ndjson';
import { MAX_NOTICE_BYTES } from '../../core/notices/notice-schema';
import { acceptQueuedNotice } from '../../workers/accept-queued-notice';
import { bearer, useApi } from '../api/test-api';
import { aNotice } from '../support/fixtures';
import { createIntake, type Intake, signed } from '../workers/intake';
import { send } from './send';

const app = useApi();
let intake: Intake;
beforeAll(async () => {
  intake = await createIntake(app.db);
});
afterAll(() => intake.close());

interface Answer {
  code?: string;
  errors?: { path: string; message: string }[];
  duplicate?: boolean;
}

const post = async (url: string, type: string, body: string): Promise<Answer> => {
  const headers = { ...bearer(app.apiKey), 'content-type': type };
  const answer = await send(await app.api.listen(), { method: 'POST', url, headers, body });
  return JSON.parse(answer.body);
};

/** Sends one text through each intake and returns the answer. */
const DOORS: [string, (text: string) => Promise<Answer>][] = [
  ['HTTP', (text) => post('/v1/notices', 'application/json', text)],
  ['a batch', (text) => post('/v1/notices/batch', 'application/x-ndjson', text)],
  [
    'the queue',
    async (text) => {
      const job = Object.assign(Object.create(Job.prototype), {
        data: signed(app.apiKey, text),
        updateData: async () => {},
      });
      return acceptQueuedNotice(intake.deps, job, undefined).catch(async () => {
        const [refused] = await app.db.query<{ code: string }>(
          `SELECT code FROM refusals WHERE door = 'queue' ORDER BY id DESC LIMIT 1`,
        );
        return refused as Answer;
      });
    },
  ],
];

const BOMBS: [string, string][] = [
  ['a notice in thousands of arrays', '['.repeat(5_000) + JSON.stringify(aNotice()) + ']'.repeat(5_000)],
  ['five million brackets', '['.repeat(5_000_000)],
  ['a million attachments', `{"attachments":[${'0,'.repeat(1_000_000)}0]}`],
];

describe.each(DOORS)('the intake by %s', (door, ask) => {
  it.each(BOMBS)('refuses %s without parsing it', async (_, bomb) => {
    const { code, errors } = await ask(bomb);
    expect(code).toBe('invalid_request');
    if (door !== 'the queue')
      expect(errors).toEqual([{ path: '', message: expect.stringMatching(/^has more parts/) }]);
  });

  it('names only some of a thousand unknown fields, each shortened', async () => {
    const fields = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`f${i}${'x'.repeat(500)}`, 0]),
    );
    const { code, errors } = await ask(JSON.stringify({ ...aNotice(), ...fields }));
    expect(code).toBe('invalid_request');
    if (door === 'the queue') return;
    expect(errors).toHaveLength(50);
    for (const { path } of errors ?? []) expect(path.length).toBeLessThanOrEqual(200);
  });

  it.each(['1e999', `${'9'.repeat(100_000)}`, '-0.0000000001', '1e-999999'])(
    'refuses a number in the place of a text: %.20s',
    async (number) => {
      const text = JSON.stringify(aNotice()).replace(/"reference":"[^"]*"/, `"reference":${number}`);
      expect(await ask(text)).toMatchObject({ code: 'invalid_request' });
    },
  );
});

it('every intake takes the last of repeated names, so that no two of them disagree', async () => {
  const reference = `TWICE-${randomUUID()}`;
  const text = JSON.stringify(aNotice({ reference })).replace('{', '{"reference":"the first",');
  const answers: (boolean | undefined)[] = [];
  for (const [, ask] of DOORS) answers.push((await ask(text)).duplicate);
  expect(answers).toEqual([false, true, true]);
  const [kept] = await app.db.query('SELECT count(*)::int AS notices FROM notices WHERE reference = $1', [
    reference,
  ]);
  expect(kept).toEqual({ notices: 1 });
});

it('an endless line takes no more memory than the longest notice, and none after it is refused', () => {
  const MB = 1024 * 1024;
  const room = createBodyMemoryBudget(2 * MAX_NOTICE_BYTES);
  const account = room.openReservation();
  const framer = createLineFramer(MAX_NOTICE_BYTES, account);
  const chunk = Buffer.alloc(MB, 'x');
  for (let sent = 0; sent < 10 * MAX_NOTICE_BYTES; sent += MB) expect(framer.push(chunk)).toEqual([]);
  expect(room.openReservation().reserve(2 * MAX_NOTICE_BYTES)).toBe(true);
});
