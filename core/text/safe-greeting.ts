import { containsLink } from './links';

/**
 * Gives the name by which a message addresses its receiver: the name in the register, or a general greeting when a phone would make
 * a link of the name, as for a company that is called after its web site. Messages never hold links.
 */
export const safeGreeting = (name: string): string => (containsLink(name) ? 'کارفرمای گرامی' : name);
