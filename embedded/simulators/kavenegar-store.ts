import { smsSegments } from '../../core/text/sms-segments';
import type { IdSource } from './id-source';
import { openJournal } from './journal';
import { type DeliveryResult, deliveryResultFor } from './magic-receivers';
import { createMessageLog } from './message-log';
import { STATUS_TTL_MS, type StatusDelays, statusAt } from './message-status';

const LOCAL_ID_TTL_MS = 12 * 3_600_000;
const RIAL_PER_PART = 1_500;

/** A message to be sent, as a call asks for it. */
export interface Draft {
  /** Null for calls without localids: a repeat is then a second message. */
  localId: string | null;
  /** 11 digits, 09… */
  receptor: string;
  text: string;
  sender: string;
  /** The message was sent by verify/lookup, which a receptor's block list does not stop. */
  byTemplate?: true;
}

/** A message the service accepted. */
export interface SmsRecord extends Draft {
  id: number;
  /** Milliseconds of the clock. */
  at: number;
  /** Rial. */
  cost: number;
  parts: number;
}

/** An accepted message with its present status. */
export interface SimulatedSms extends Omit<SmsRecord, 'at'> {
  at: Date;
  status: number;
}

/** Returns the result of a message's delivery. */
export function deliveryResultOf({ receptor, byTemplate }: Draft): DeliveryResult {
  const result = deliveryResultFor(receptor);
  return byTemplate && result === 'blocked' ? 'delivered' : result;
}

/** The record of a localid; it has a message only once a send was accepted. */
interface LocalIdSlot {
  sendAttempts: number;
  sms: SmsRecord | undefined;
}

export interface StoreSettings extends StatusDelays {
  ids: IdSource;
  now: () => number;
  credit: number;
  journal: string | undefined;
  /** The number of messages that are remembered; the oldest are dropped first. */
  maxMessages: number;
  onAccepted: (sms: SmsRecord) => void;
}

export type KavenegarStore = ReturnType<typeof createKavenegarStore>;

/**
 * Keeps the account behind the simulator: messages, credit, and each message's status by the clock. It needs no timer and no
 * promise per message.
 */
export function createKavenegarStore(settings: StoreSettings) {
  const { ids, now, maxMessages, onAccepted } = settings;
  const locals = new Map<string, LocalIdSlot>();
  const log = createMessageLog<SmsRecord>(maxMessages, (oldest) => {
    if (oldest.localId !== null && locals.get(oldest.localId)?.sms === oldest) locals.delete(oldest.localId);
  });
  let credit = settings.credit;

  const slotOf = (localId: string): LocalIdSlot => {
    let slot = locals.get(localId);
    if (slot) return slot;
    slot = { sendAttempts: 0, sms: undefined };
    locals.set(localId, slot);
    return slot;
  };
  const journal = settings.journal
    ? openJournal<SmsRecord>(
        settings.journal,
        (sms) => {
          ids.skipPast(sms.id);
          const worthKeeping = now() - sms.at < STATUS_TTL_MS;
          if (worthKeeping && sms.localId !== null) slotOf(sms.localId).sms = sms;
          if (worthKeeping) log.append(sms);
          return worthKeeping;
        },
        maxMessages,
      )
    : undefined;

  const statusOf = (sms: SmsRecord): number => statusAt(deliveryResultOf(sms), now() - sms.at, settings);
  const unexpired = (sms: SmsRecord | undefined): SmsRecord | undefined =>
    sms && now() - sms.at < LOCAL_ID_TTL_MS ? sms : undefined;

  return {
    statusOf,
    byId: log.find,
    byLocal: (localId: string): SmsRecord | undefined => unexpired(locals.get(localId)?.sms),
    credit: (): number => credit,
    setCredit(rial: number): void {
      credit = rial;
    },

    /** Counts that a send was attempted, whatever its result. */
    countAttempts(drafts: Draft[]): void {
      for (const { localId } of drafts) {
        if (localId !== null) slotOf(localId).sendAttempts += 1;
      }
    },
    sendAttempts: (localId: string): number => locals.get(localId)?.sendAttempts ?? 0,

    /** Sends the messages that were not sent before; a known localid gives its first record back. */
    accept(drafts: Draft[]): SmsRecord[] {
      const at = now();
      return drafts.map((draft) => {
        const slot = draft.localId === null ? undefined : slotOf(draft.localId);
        const known = unexpired(slot?.sms);
        if (known) return known;
        const parts = smsSegments(draft.text);
        const sms: SmsRecord = { id: ids.next(at), ...draft, at, cost: parts * RIAL_PER_PART, parts };
        if (deliveryResultOf(sms) !== 'blocked') credit -= sms.cost;
        if (slot) slot.sms = sms;
        log.append(sms);
        journal?.append(sms);
        onAccepted(sms);
        return sms;
      });
    },

    /** Drops localids, as the service does after 12 hours; all of them when none is named. */
    expireLocalIds(localId?: string): void {
      const slots = localId === undefined ? [...locals.values()] : [slotOf(localId)];
      for (const slot of slots) slot.sms = undefined;
    },

    count: log.count,
    /** Lists the messages, the oldest first. */
    messages: (): SimulatedSms[] => log.all().map(asSimulated),
    /** Lists the messages with an id above `after`, the newest first. */
    latest: (limit: number, after = 0): SimulatedSms[] => log.latest(limit, after).map(asSimulated),
    close: async () => journal?.close(),
  };

  function asSimulated(sms: SmsRecord): SimulatedSms {
    return { ...sms, at: new Date(sms.at), status: statusOf(sms) };
  }
}
