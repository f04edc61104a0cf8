import { PERMIT_DURATIONS, type PermitDuration } from '../../core/permits/permit-durations';

const LABELS: Record<PermitDuration, string> = {
  day: 'یک روز',
  week: 'یک هفته',
  month: 'یک ماه',
  year: 'یک سال',
};

/** Value and label of each duration, in the order of the form. */
export const DURATION_OPTIONS = PERMIT_DURATIONS.map((duration) => [duration, LABELS[duration]] as const);

/** Gives the label of a duration as an event records it; undefined for any other text. */
export const durationLabel = (duration: string): string | undefined =>
  DURATION_OPTIONS.find(([value]) => value === duration)?.[1];
