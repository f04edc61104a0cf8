import type { AcceptDependencies, Submission } from '../../../core/notices/accept-notices';
import { createAcceptor } from '../../../core/notices/acceptor';
import type { AttachmentStore } from '../../../core/notices/attachment-store';
import type { Accepted } from '../../../core/notices/notice-schema';
import type { Database } from '../../../core/platform/database';
import { Refusal, Unavailable } from '../../../core/platform/errors';
import type { Caller } from '../../../core/sources/source-systems';
import { useDatabase } from '../../support/database';
import { addSource, aNotice, anAttachment, PDF, registerEmployer } from '../../support/fixtures';
import { textOf } from '../../support/statement-text';

const nowhere: AttachmentStore = { put: async () => {}, get: async () => Buffer.alloc(0) };

describe('group commit', () => {
  const test = useDatabase();
  let caller: Caller;

  beforeAll(async () => {
    ({ caller } = await addSource(test.db));
    await registerEmployer(test.db);
  });

  /** Dependencies that count the groups written, and the most written at the same time. */
  const watched = () => {
    const seen = { groups: 0, running: 0, most: 0 };
    const query: Database['query'] = async (sql, values) => {
      if (!textOf(sql).includes('INSERT INTO notices')) return test.db.query(sql, values);
      seen.groups += 1;
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      return test.db.query(sql, values).finally(() => {
        seen.running -= 1;
      }) as never;
    };
    const db: Database = { ...test.db, query };
    const deps: AcceptDependencies = {
      db,
      attachments: nowhere,
      wording: { template: '{trackingNumber}', suffix: '' },
      alertTtlHours: 72,
    };
    return { deps, seen };
  };
  const submission = (input: unknown = aNotice()): Submission => ({
    door: 'http',
    source: { id: caller.sourceId, code: caller.sourceCode },
    keyId: caller.keyId,
    input,
  });

  it('accepts waiting callers in one group, and gives each its own answer', async () => {
    const { deps, seen } = watched();
    const { accept } = createAcceptor(deps);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => accept([submission(i % 10 ? aNotice() : null)])),
    );
    answers.forEach(([answer], i) => {
      expect(answer instanceof Refusal ? answer.code : answer?.state).toBe(
        i % 10 ? 'accepted' : 'invalid_request',
      );
    });
    const ids = answers.flatMap(([answer]) => (answer instanceof Refusal ? [] : answer?.id));
    expect(new Set(ids).size).toBe(270);
    // The first caller was accepted at once, alone; the others together.
    expect(seen.groups).toBeLessThanOrEqual(2);
    expect(seen.most).toBe(1);
  });

  it('gives a caller with several notices their answers in order', async () => {
    const { deps } = watched();
    const { accept } = createAcceptor(deps);
    const sets = Array.from({ length: 5 }, () => [submission(), submission(null), submission()]);
    for (const answers of await Promise.all(sets.map(accept))) {
      expect(answers.map((answer) => answer instanceof Refusal)).toEqual([false, true, false]);
    }
  });

  it('puts no more than 500 notices or 8 MB of attachments into one group', async () => {
    const { deps, seen } = watched();
    const { accept } = createAcceptor(deps);
    await Promise.all(Array.from({ length: 1_202 }, () => accept([submission()])));
    expect(seen.groups).toBe(4);
    const before = seen.groups;
    const large = anAttachment(Buffer.concat([PDF, Buffer.alloc(3 * 1024 * 1024)]));
    await Promise.all(
      Array.from({ length: 6 }, () => accept([submission(aNotice({ attachments: [large] }))])),
    );
    expect(seen.groups - before).toBe(4);
  });

  it('accepts one notice when many callers send the same one at once', async () => {
    const { deps } = watched();
    const { accept } = createAcceptor(deps);
    const notice = aNotice();
    const answers = (
      await Promise.all(Array.from({ length: 50 }, () => accept([submission(notice)])))
    ).flat();
    expect(new Set((answers as Accepted[]).map(({ id }) => id)).size).toBe(1);
    expect((answers as Accepted[]).filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });

  it('rejects every caller of a failed group, and goes on with the next group', async () => {
    const { deps } = watched();
    let away = true;
    const query: Database['query'] = (sql, values) =>
      away ? Promise.reject(new Unavailable('postgres')) : test.db.query(sql, values);
    const { accept } = createAcceptor({ ...deps, db: { ...deps.db, query } });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => accept([submission()])));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    away = false;
    expect(await accept([submission()])).toMatchObject([{ state: 'accepted' }]);
  });

  it('accepts the other callers of a group when one notice cannot be written', async () => {
    const { deps } = watched();
    const poison = aNotice();
    const query: Database['query'] = (sql, values) =>
      JSON.stringify(values ?? []).includes(poison.reference)
        ? Promise.reject(new Error('broken by this notice'))
        : test.db.query(sql, values);
    const { accept } = createAcceptor({ ...deps, db: { ...deps.db, query } });
    const outcomes = await Promise.allSettled(
      [aNotice(), aNotice(), poison, aNotice()].map((notice) => accept([submission(notice)])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });
});
