import { type AlertState, type Decision, decideAfterSend, decideAfterStatus } from '../../core/alerts/decide';
import { describeStatus } from '../../core/channels/kavenegar-codes';
import type { SendOutcome } from '../../core/channels/outcomes';
import type { EventData, EventType } from '../../core/events/events';
import type { Channel } from '../../core/platform/queues';
import { smsParts } from '../../core/text/sms-parts';
import { type AlertStory, type Step, TTL_HOURS } from './alert-stories';

const RIAL_PER_PART = 1_500;

export interface PlayedAttempt {
  at: Date;
  settledAt: Date;
  result: SendOutcome;
}

export interface PlayedEvent {
  at: Date;
  type: EventType;
  actor: string;
  data: EventData;
}

/** An alert as its story leaves it. */
export interface PlayedAlert {
  state: AlertState;
  reason: string | null;
  sentAt: Date | null;
  expiresAt: Date;
  attempts: PlayedAttempt[];
  events: PlayedEvent[];
}

export interface Setting {
  channel: Channel;
  provider: string;
  acceptedAt: Date;
  smsText: string;
  /** The provider's number of a message, fresh at every call. */
  nextMessageId: () => string;
}

/** Plays a story by the rules real alerts live by, so that states, reasons and events are those they would have. */
export function playStory(story: AlertStory, setting: Setting): PlayedAlert {
  const at = (after: number) => new Date(setting.acceptedAt.getTime() + after * 1000);
  const alert: PlayedAlert = {
    state: 'queued',
    reason: null,
    sentAt: null,
    expiresAt: at(TTL_HOURS * 3600),
    attempts: [],
    events: [],
  };
  for (const step of story) {
    if ('end' in step) end(alert, setting.channel, step.end, at(step.after));
    else if ('status' in step) report(alert, setting, step.status, at(step.after));
    else trySending(alert, setting, step, at(step.after));
  }
  return alert;
}

function trySending(
  alert: PlayedAlert,
  setting: Setting,
  step: Extract<Step, { send: unknown }>,
  at: Date,
): void {
  const wasUnknown = alert.state === 'unknown';
  const result = resultOf(step, setting);
  const settledAt = new Date(at.getTime() + 400);
  // What may have gone out is asked about again; it is not a new try.
  if (!wasUnknown) alert.attempts.push({ at, settledAt, result });
  const first = alert.attempts.at(-1) as PlayedAttempt;
  const decision = decideAfterSend(result, {
    channel: setting.channel,
    tries: alert.attempts.length,
    attemptAge: (at.getTime() - first.at.getTime()) / 1000,
    secondsToLive: (alert.expiresAt.getTime() - at.getTime()) / 1000,
    wasUnknown,
    onUnknownEmail: 'park',
    byTemplate: false,
  });
  follow(alert, decision, settledAt, `provider:${setting.provider}`);
  if (result.outcome === 'accepted') alert.sentAt = settledAt;
}

function report(alert: PlayedAlert, setting: Setting, status: number, at: Date): void {
  const sentSecondsAgo = (at.getTime() - (alert.sentAt as Date).getTime()) / 1000;
  follow(
    alert,
    decideAfterStatus(describeStatus(status), sentSecondsAgo),
    at,
    `provider:${setting.provider}`,
  );
}

function end(alert: PlayedAlert, channel: Channel, state: 'expired' | 'cancelled', at: Date): void {
  alert.state = state;
  alert.reason ??= state === 'expired' ? 'it could not be sent in time' : 'taken back by an operator';
  if (state === 'cancelled') return;
  const data = { channel, reason: alert.reason };
  alert.events.push({ at, type: 'alert.expired', actor: 'system', data });
}

function follow(alert: PlayedAlert, decision: Decision, at: Date, actor: string): void {
  alert.state = decision.state;
  alert.reason = decision.reason;
  if (decision.event) alert.events.push({ at, actor, ...decision.event });
}

function resultOf(step: Extract<Step, { send: unknown }>, setting: Setting): SendOutcome {
  if (step.send !== 'accepted') return { outcome: step.send, code: step.code, detail: step.detail };
  const providerMessageId = setting.nextMessageId();
  if (setting.channel === 'email') {
    return { outcome: 'accepted', providerMessageId, code: '250', parts: null, cost: null };
  }
  const parts = smsParts(setting.smsText);
  return { outcome: 'accepted', providerMessageId, code: '1', parts, cost: parts * RIAL_PER_PART };
}
