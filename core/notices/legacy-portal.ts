/**
 * The first instant of 1398/04/01 in Tehran. Notices registered earlier are kept by the previous portal (سامانه قبلی); Ablagh shows
 * them as rows with a link to it.
 */
export const LEGACY_UNTIL = new Date('2019-06-21T19:30:00Z');

export const isLegacy = (registeredAt: Date): boolean => registeredAt < LEGACY_UNTIL;
