import type { MessageStatus } from '../sms-channel';

/**
 * The classes of Kavenegar's return codes, by what they demand. Source: the provider's REST documentation.
 *
 * - `rejected`: permanent for this message
 * - `closed`: the account, key, sender or line is refused: disable the line, tell a person
 * - `credit`: no credit is left: pause the line until it is back
 * - `try_later`: back off
 * - `unknown`: the code is not documented: look the message up by localid before anything else
 */
export type CodeClass = 'ok' | 'rejected' | 'closed' | 'credit' | 'try_later' | 'unknown';

const CODES_BY_CLASS: Record<Exclude<CodeClass, 'unknown'>, Record<number, string>> = {
  ok: { 200: 'accepted' },
  rejected: {
    400: 'parameters are incomplete',
    404: 'no such method',
    405: 'the method is not called as it must be',
    406: 'required parameters are missing',
    411: 'the receptor is not valid',
    413: 'the message is empty or too long',
    414: 'too many messages in one call',
    415: 'the start index is too large',
    417: 'the date is not valid',
    419: 'the arrays differ in length',
    420: 'links are not allowed in the message',
    422: 'the data holds characters that cannot be used',
    428: 'a token of the template is not valid',
    431: 'the code does not fit the template',
    604: 'the template cannot be used for this kind of call',
    607: 'the tag is not valid',
  },
  closed: {
    401: 'the account is not active',
    403: 'the API key is not valid',
    407: 'access is denied, or the address is not allowed',
    412: 'the sender line is not valid',
    416: 'the address of this server is not allowed',
    424: 'the template was not found or is not approved',
    426: 'this method needs another plan',
    427: 'the line needs another level of access',
    429: 'the IP address is restricted',
    432: 'the code parameter is missing in the template',
    501: 'only the owner of the account can receive messages',
  },
  credit: { 418: 'the credit is not enough' },
  try_later: {
    402: 'the operation failed at the provider',
    409: 'the provider cannot answer now',
    451: 'too many calls in a short time',
  },
};

const classByCode = new Map(
  Object.entries(CODES_BY_CLASS).flatMap(([name, codes]) =>
    Object.entries(codes).map(
      ([code, detail]) => [Number(code), { name: name as CodeClass, detail }] as const,
    ),
  ),
);

/** Classifies a return code. A code the provider has not documented is `unknown`, because a look-up first is always safe. */
export const classifyCode = (code: number): CodeClass => classByCode.get(code)?.name ?? 'unknown';

/** Describes a return code in words an operator understands. */
export const describeCode = (code: number): string =>
  classByCode.get(code)?.detail ?? `code ${code} is not documented`;

const STATUSES: Record<number, Omit<MessageStatus, 'code'>> = {
  1: { state: 'pending', detail: 'queued at the provider' },
  2: { state: 'pending', detail: 'scheduled at the provider' },
  4: { state: 'pending', detail: 'handed to the carrier' },
  5: { state: 'pending', detail: 'handed to the carrier' },
  6: { state: 'failed', detail: 'the carrier could not send it' },
  10: { state: 'delivered', detail: 'delivered to the phone' },
  11: { state: 'failed', detail: 'not delivered: the phone could not be reached' },
  13: { state: 'failed', detail: 'cancelled, and paid back' },
  14: { state: 'blocked', detail: 'the recipient blocks messages of this line; paid back' },
  100: { state: 'unknown', detail: 'the provider does not know the message, or no longer' },
};

/** Describes the status of a message. A status that is not documented is pending, so that it is asked again. */
export const describeStatus = (status: number): MessageStatus => ({
  ...(STATUSES[status] ?? { state: 'pending', detail: `status ${status} is not documented` }),
  code: String(status),
});
