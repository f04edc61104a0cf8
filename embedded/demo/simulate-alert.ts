import { decideAfterSend } from '../../core/alerts/decide-after-send';
import { decideAfterStatus } from '../../core/alerts/decide-after-status';
import type { Decision } from '../../core/alerts/decision';
import type { AlertState } from '../../core/alerts/states';
import { describeStatus } from '../../core/channels/kavenegar/return-codes';
import type { SendOutcome } from '../../core/channels/outcomes';
import type { EventData, EventType } from '../../core/events/events';
import type { Channel } from '../../core/platform/queues';
import { smsSegments } from '../../core/text/sms-segments';
import { type AlertScenario, type ScenarioStep, TTL_HOURS } from './alert-scenarios';

const RIAL_PER_PART = 1_500;

export interface SimulatedAttempt {
  at: Date;
  settledAt: Date;
  result: SendOutcome;
}

export interface SimulatedEvent {
  at: Date;
  type: EventType;
  actor: string;
  data: EventData;
}

/** An alert at the end of its scenario. */
export interface SimulatedAlert {
  state: AlertState;
  reason: string | null;
  sentAt: Date | null;
  expiresAt: Date;
  attempts: SimulatedAttempt[];
  events: SimulatedEvent[];
}

export interface AlertContext {
  channel: Channel;
  provider: string;
  acceptedAt: Date;
  smsText: string;
  /** Gives the provider's number of a message, a new one at every call. */
  nextMessageId: () => string;
}

/** Runs a scenario through the rules of real alerts, so that states, reasons and events are the ones they would have. */
export function simulateAlert(scenario: AlertScenario, context: AlertContext): SimulatedAlert {
  const at = (after: number) => new Date(context.acceptedAt.getTime() + after * 1000);
  const alert: SimulatedAlert = {
    state: 'queued',
    reason: null,
    sentAt: null,
    expiresAt: at(TTL_HOURS * 3600),
    attempts: [],
    events: [],
  };
  for (const step of scenario) {
    if ('end' in step) applyEnd(alert, context.channel, step.end, at(step.after));
    else if ('status' in step) applyStatus(alert, context, step.status, at(step.after));
    else applySend(alert, context, step, at(step.after));
  }
  return alert;
}

function applySend(
  alert: SimulatedAlert,
  context: AlertContext,
  step: Extract<ScenarioStep, { send: unknown }>,
  at: Date,
): void {
  const wasUnknown = alert.state === 'unknown';
  const result = sendOutcomeOf(step, context);
  const settledAt = new Date(at.getTime() + 400);
  // A message that may have gone out is asked about; that is no new attempt.
  if (!wasUnknown) alert.attempts.push({ at, settledAt, result });
  const first = alert.attempts.at(-1) as SimulatedAttempt;
  const decision = decideAfterSend(result, {
    channel: context.channel,
    tries: alert.attempts.length,
    attemptAgeSeconds: (at.getTime() - first.at.getTime()) / 1000,
    secondsToLive: (alert.expiresAt.getTime() - at.getTime()) / 1000,
    wasUnknown,
    onUnknownEmail: 'park',
    byTemplate: false,
  });
  applyDecision(alert, decision, settledAt, `provider:${context.provider}`);
  if (result.outcome === 'accepted') alert.sentAt = settledAt;
}

function applyStatus(alert: SimulatedAlert, context: AlertContext, status: number, at: Date): void {
  const sentSecondsAgo = (at.getTime() - (alert.sentAt as Date).getTime()) / 1000;
  applyDecision(
    alert,
    decideAfterStatus(describeStatus(status), sentSecondsAgo),
    at,
    `provider:${context.provider}`,
  );
}

function applyEnd(alert: SimulatedAlert, channel: Channel, state: 'expired' | 'cancelled', at: Date): void {
  alert.state = state;
  alert.reason ??= state === 'expired' ? 'it could not be sent in time' : 'taken back by an operator';
  if (state === 'cancelled') return;
  const data = { channel, reason: alert.reason };
  alert.events.push({ at, type: 'alert.expired', actor: 'system', data });
}

function applyDecision(alert: SimulatedAlert, decision: Decision, at: Date, actor: string): void {
  alert.state = decision.state;
  alert.reason = decision.reason;
  if (decision.event) alert.events.push({ at, actor, ...decision.event });
}

function sendOutcomeOf(step: Extract<ScenarioStep, { send: unknown }>, context: AlertContext): SendOutcome {
  if (step.send !== 'accepted') return { outcome: step.send, code: step.code, detail: step.detail };
  const providerMessageId = context.nextMessageId();
  if (context.channel === 'email') {
    return { outcome: 'accepted', providerMessageId, code: '250', parts: null, cost: null };
  }
  const parts = smsSegments(context.smsText);
  return { outcome: 'accepted', providerMessageId, code: '1', parts, cost: parts * RIAL_PER_PART };
}
