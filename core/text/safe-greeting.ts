import { containsLink } from './links';

/**
 * How a message of ours addresses somebody: by the name in the register, unless a phone would make a link of it, as
 * of a company that is called after its site. No message of ours holds one, whoever put it there.
 */
export const safeGreeting = (name: string): string => (containsLink(name) ? 'کارفرمای گرامی' : name);
