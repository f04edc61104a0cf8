import { createChannels } from '../../../core/channels/channels';
import { useDatabase } from '../../support/database';

const test = useDatabase();
const channels = () => createChannels(test.db);

beforeEach(() => test.db.query(`UPDATE channels SET state = 'open', code = NULL, reason = NULL`));

describe('a channel', () => {
  it('is open until somebody shuts it', async () => {
    expect(await channels().shut()).toEqual([]);
    expect(await channels().list()).toEqual([
      { channel: 'email', state: 'open', code: null, reason: null, since: expect.any(Date) },
      { channel: 'sms', state: 'open', code: null, reason: null, since: expect.any(Date) },
    ]);
  });

  it('is shut once, for the first reason there was', async () => {
    expect(await channels().shutDown('sms', 'closed', '403', 'the API key is not valid')).toBe(true);
    expect(await channels().shutDown('sms', 'paused', '418', 'the credit is not enough')).toBe(false);
    expect(await channels().shut()).toEqual(['sms']);
    expect((await channels().list())[1]).toMatchObject({
      state: 'closed',
      code: '403',
      reason: 'the API key is not valid',
    });
  });

  it('is shut by one of many that try at once, so that one tells a person', async () => {
    const told = await Promise.all(
      Array.from({ length: 8 }, () => channels().shutDown('email', 'closed', '535', 'credentials')),
    );
    expect(told.filter(Boolean)).toHaveLength(1);
  });

  it('opens again, and forgets why it was shut', async () => {
    await channels().shutDown('sms', 'closed', '403', 'the API key is not valid');
    expect(await channels().open('sms')).toBe(true);
    expect(await channels().open('sms')).toBe(false);
    expect((await channels().list())[1]).toMatchObject({ state: 'open', code: null, reason: null });
  });

  it('that waits for a person does not open with those that wait for credit', async () => {
    await channels().shutDown('sms', 'closed', '403', 'the API key is not valid');
    expect(await channels().open('sms', ['paused'])).toBe(false);
    expect(await channels().shut()).toEqual(['sms']);
  });
});
