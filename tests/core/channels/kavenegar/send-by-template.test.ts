import { createKavenegar, type KavenegarSettings } from '../../../../core/channels/kavenegar/kavenegar';
import { ChannelClosed, type ProviderCall } from '../../../../core/channels/outcomes';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
} from '../../../../embedded/simulators/kavenegar-simulator';

const MESSAGE = { mobile: '+989121234567', token: '123456789012' };
const BLOCKING = { ...MESSAGE, mobile: '+989990000014' };

let simulator: KavenegarSimulator;
let baseUrl: string;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  simulator = createKavenegarSimulator({ carrierAfterMs: 0, deliveredAfterMs: 0 });
  baseUrl = await simulator.listen();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await simulator.close();
});

function channel(settings: Partial<KavenegarSettings> = {}) {
  const { apiKey } = simulator;
  const kavenegar = createKavenegar({
    apiKey,
    sender: '10004346',
    baseUrl,
    blockedTemplate: 'ablagh-notice',
    ...settings,
  });
  opened.push(kavenegar);
  return kavenegar;
}

describe('a message by the template', () => {
  it('has the text of the template with its token, and reaches recipients who block the line', async () => {
    const kavenegar = channel();
    const [blocked] = await kavenegar.send([{ localId: '1', mobile: BLOCKING.mobile, text: 'سلام' }]);
    const outcome = await kavenegar.sendByTemplate(BLOCKING);
    const [first, second] = simulator.messages();
    expect(second).toMatchObject({ text: 'ablagh-notice: 123456789012', localId: null });
    expect(outcome).toEqual({
      outcome: 'accepted',
      providerMessageId: String(second?.id),
      code: '1',
      parts: second?.parts,
      cost: second?.cost,
    });
    expect(blocked).toMatchObject({ outcome: 'accepted', code: '14' });
    const statuses = await kavenegar.statuses([String(first?.id), String(second?.id)]);
    expect([...statuses.values()].map(({ code }) => code)).toEqual(['14', '10']);
  });

  it.each([424, 426, 432, 428, 431])(
    'is refused for good with %d, and the line stays open',
    async (status) => {
      simulator.setBehaviour(() => ({ status }));
      expect(await channel().sendByTemplate(MESSAGE)).toMatchObject({
        outcome: 'rejected',
        code: String(status),
      });
    },
  );

  it.each([403, 418])('closes the line with %d', async (status) => {
    simulator.setBehaviour(() => ({ status }));
    await expect(channel().sendByTemplate(MESSAGE)).rejects.toBeInstanceOf(ChannelClosed);
  });

  it('is unknown when no answer comes', async () => {
    simulator.setBehaviour(() => 'drop');
    expect(await channel().sendByTemplate(MESSAGE)).toMatchObject({
      outcome: 'unknown',
      code: 'ECONNRESET',
    });
  });

  it('is rejected where there is no template', async () => {
    expect(await channel({ blockedTemplate: undefined }).sendByTemplate(MESSAGE)).toMatchObject({
      outcome: 'rejected',
      code: 'no_template',
    });
    expect(simulator.calls()).toBe(0);
  });
});

describe('a call', () => {
  const calls: ProviderCall[] = [];
  const measured = (settings: Partial<KavenegarSettings> = {}) =>
    channel({ line: 'kavenegar-second', onCall: (call) => calls.push(call), ...settings });
  beforeEach(() => calls.splice(0));

  it('is measured with its line, its method, its time and its code', async () => {
    const kavenegar = measured();
    expect(kavenegar).toMatchObject({ line: 'kavenegar-second', weight: 1 });
    simulator.setBehaviour(({ method }) => (method === 'account/info' ? 'pass' : { delayMs: 60 }));
    await kavenegar.send([{ localId: '1', mobile: MESSAGE.mobile, text: 'سلام' }]);
    await kavenegar.credit();
    expect(calls).toEqual([
      { line: 'kavenegar-second', method: 'sms/sendarray', seconds: expect.any(Number), code: '200' },
      { line: 'kavenegar-second', method: 'account/info', seconds: expect.any(Number), code: '200' },
    ]);
    expect(calls[0]?.seconds).toBeGreaterThan(0.05);
    expect(calls[0]?.seconds).toBeLessThan(5);
  });

  it('is measured, too, when it is refused or not answered', async () => {
    const kavenegar = measured({ callTimeoutMs: 150 });
    simulator.setBehaviour(() => ({ status: 418 }));
    await expect(kavenegar.credit()).rejects.toThrow();
    for (const play of ['html', 'silent', 'drop'] as const) {
      simulator.setBehaviour(() => play);
      await expect(kavenegar.credit()).rejects.toThrow();
    }
    expect(calls.map(({ code }) => code)).toEqual(['418', 'unreadable_answer', 'deadline', 'ECONNRESET']);
  });
});
