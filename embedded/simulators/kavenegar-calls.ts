import { CallRefused, localStatusEntry, sendEntry, statusEntry } from './kavenegar-answers';
import type { Draft, KavenegarStore } from './kavenegar-store';

type Params = Record<string, string>;

/** One method of the service: the messages that a call asks for, and the answer to it. */
export interface KavenegarCall {
  /** @throws CallRefused when the parameters do not fit together. */
  drafts(params: Params): Draft[];
  /** Does the work. @returns the `entries` of the answer */
  run(store: KavenegarStore, params: Params, drafts: Draft[]): unknown;
}

const MAX_RECEPTORS_PER_CALL = 200;
const MAX_IDS_PER_QUERY = 500;
const MAX_TEXT_CHARACTERS = 900;
const MAX_TOKEN_CHARACTERS = 100;
const STATUS_UNKNOWN = 100;
const MOBILE = /^(?:\+98|0098|98|0)?(9\d{9})$/;
const DEFAULT_SENDER = '2000500666';

const send = (drafts: KavenegarCall['drafts']): KavenegarCall => ({
  drafts,
  run: (store, _params, messages) =>
    store.accept(messages).map((sms) => sendEntry(sms, store.statusOf(sms) === 14 ? 14 : 1)),
});

const query = (run: KavenegarCall['run']): KavenegarCall => ({ drafts: () => [], run });

/** Every method of the simulator, by its path. */
export const CALLS: ReadonlyMap<string, KavenegarCall> = new Map<string, KavenegarCall>([
  ['sms/send', send(draftsOfSend)],
  ['sms/sendarray', send(draftsOfSendArray)],
  ['verify/lookup', send(draftsOfLookup)],
  ['sms/status', query(statusEntries)],
  ['sms/statuslocalmessageid', query(localStatusEntries)],
  [
    'account/info',
    query((store) => ({ remaincredit: store.credit(), expiredate: 4_102_444_800, type: 'Master' })),
  ],
]);

/**
 * Refuses what the service refuses: the whole call for one bad message.
 *
 * @throws CallRefused 411 for a receptor, 413 for a text, 418 for the credit
 */
export function checkMessages(store: KavenegarStore, drafts: Draft[]): void {
  for (const { receptor, text } of drafts) {
    if (!receptor) throw new CallRefused(411);
    if (text === '' || text.length > MAX_TEXT_CHARACTERS) throw new CallRefused(413);
  }
  if (drafts.length > 0 && store.credit() <= 0) throw new CallRefused(418);
}

/** Brings a mobile number into its one form; empty when the text is no mobile number. */
function normaliseMobile(receptor: unknown): string {
  const found = MOBILE.exec(String(receptor).trim());
  return found ? `0${found[1]}` : '';
}

function draftsOfSend({ receptor, message, sender, localid }: Params): Draft[] {
  if (receptor === undefined || message === undefined) throw new CallRefused(400);
  const receptors = splitList(receptor);
  const localIds = localid ? splitList(localid) : undefined;
  if (receptors.length > MAX_RECEPTORS_PER_CALL) throw new CallRefused(414);
  if (localIds && localIds.length !== receptors.length) throw new CallRefused(419);
  return receptors.map((one, index) => ({
    localId: localIds?.[index] ?? null,
    receptor: normaliseMobile(one),
    text: message,
    sender: sender || DEFAULT_SENDER,
  }));
}

function draftsOfSendArray(params: Params): Draft[] {
  const receptors = parseArray(params.receptor);
  const messages = parseArray(params.message);
  const senders = parseArray(params.sender);
  const localIds = params.localmessageids ? parseArray(params.localmessageids) : undefined;
  if (receptors.length === 0) throw new CallRefused(411);
  for (const list of [messages, senders, localIds ?? receptors]) {
    if (list.length !== receptors.length) throw new CallRefused(419);
  }
  if (receptors.length > MAX_RECEPTORS_PER_CALL) throw new CallRefused(414);
  return receptors.map((receptor, index) => ({
    localId: localIds ? String(localIds[index]) : null,
    receptor: normaliseMobile(receptor),
    text: String(messages[index]),
    sender: String(senders[index] || DEFAULT_SENDER),
  }));
}

/** The parameters of a template, and how many spaces each may hold. */
const MAX_SPACES_BY_TOKEN = { token: 0, token2: 0, token3: 0, token10: 5, token20: 8 };

/** The service fills its own template; the simulator can show only the template's name and the tokens. */
function draftsOfLookup(params: Params): Draft[] {
  const { receptor, template, token } = params;
  if (!receptor || !template || !token) throw new CallRefused(400);
  const words = Object.entries(MAX_SPACES_BY_TOKEN).flatMap(([name, spaces]) => {
    const word = params[name];
    if (!word) return [];
    if (word.length > MAX_TOKEN_CHARACTERS || word.split(/\s/).length - 1 > spaces)
      throw new CallRefused(431);
    return [word];
  });
  return [
    {
      localId: null,
      receptor: normaliseMobile(receptor),
      text: `${template}: ${words.join(' ')}`,
      sender: DEFAULT_SENDER,
      byTemplate: true,
    },
  ];
}

function statusEntries(store: KavenegarStore, { messageid }: Params) {
  return queriedList(messageid).map((text) => {
    const sms = store.byId(Number(text));
    return statusEntry(Number(text), sms ? store.statusOf(sms) : STATUS_UNKNOWN);
  });
}

function localStatusEntries(store: KavenegarStore, { localid }: Params) {
  return queriedList(localid).map((text) => {
    const sms = store.byLocal(text);
    return sms
      ? localStatusEntry(text, sms.id, store.statusOf(sms))
      : localStatusEntry(text, 0, STATUS_UNKNOWN);
  });
}

function queriedList(text: string | undefined): string[] {
  if (!text) throw new CallRefused(400);
  const list = splitList(text);
  if (list.length > MAX_IDS_PER_QUERY) throw new CallRefused(414);
  return list;
}

const splitList = (text: string): string[] => text.split(',').map((part) => part.trim());

function parseArray(text: string | undefined): unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '');
    if (Array.isArray(list)) return list;
  } catch {
    // Falls through: text that is no JSON is no array either.
  }
  throw new CallRefused(400);
}
