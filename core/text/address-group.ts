import { IPv6 } from 'ipaddr.js';

/**
 * Gives the group by which the attempts of a network address are counted: the address itself, or the /64 of an IPv6 address,
 * because a subscriber is given at least a whole /64. An IPv4 address written as IPv6 counts as IPv4; a text that is no address
 * counts as it is.
 */
export function addressGroup(address: string): string {
  const withoutZone = address.replace(/%.*$/, '').toLowerCase();
  if (!IPv6.isValid(withoutZone)) return withoutZone.slice(0, 64);
  const parsed = IPv6.parse(withoutZone);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
