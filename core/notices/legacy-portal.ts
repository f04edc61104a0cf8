/**
 * Notices registered before this instant, the first of 1398/04/01 in Tehran, are kept by the previous portal
 * (سامانه قبلی): here they are rows with a link there, and nothing more.
 */
export const LEGACY_UNTIL = new Date('2019-06-21T19:30:00Z');

export const isLegacy = (registeredAt: Date): boolean => registeredAt < LEGACY_UNTIL;
